// Everything that Ringward runs on, in a resource group of its own: azd provision, or az deployment sub create.
// What needs live code or a secret comes after it, from infra/hooks.
import { AppSettings, enablesSender } from './settings.bicep'

targetScope = 'subscription'

@description('The name of the azd environment; the resource group is named after it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('The region of everything that has one.')
@metadata({ azd: { type: 'location' } })
param location string

@description('Whether Call Automation sends its callbacks here, and the app answers calls. Needs a Communication Services resource.')
param callAutomation bool = true

@description('Whether Event Grid delivers incoming calls here. Needs a Communication Services resource.')
param incomingCalls bool = true

@description('Whether the media host is deployed, for live audio and text. Needs callAutomation.')
param mediaHost bool = true

@description('The ARM id of a Communication Services resource that you have; empty to make one.')
param communicationId string = ''

@description('Where a new Communication Services resource keeps its data at rest.')
param communicationDataLocation string = 'United States'

@description('The ARM id of an Azure AI services resource that calls may use to speak and to understand speech; empty for none. A Communication Services resource that you have needs its system-assigned identity first.')
param aiServicesId string = ''

@description('The ARM id of the system topic that your Communication Services resource already has (there can be only one); empty to make it.')
param systemTopicId string = ''

@description('Whether an app registration is made, so that Event Grid sends an Entra token beside the shared key.')
param entraDelivery bool = true

@description('Instances of the app that are kept ready, since a ringing phone does not wait; 0 costs nothing while nobody calls.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 1

@description('How far the app may scale out.')
@minValue(40)
@maxValue(1000)
param maximumInstances int = 40

@description('The memory of an instance of the app, in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Requests that one instance of the app handles at the same time; more of them start another instance.')
@minValue(1)
@maxValue(1000)
param perInstanceConcurrency int = 16

@description('off: any address may connect to the app, whose checks decide. enforce: its front end accepts only allowedRanges and allowedServiceTags.')
@allowed(['off', 'enforce'])
param accessRestrictions string = 'off'

@description('Ranges in CIDR form that may connect under enforce: what Microsoft publishes for Call Automation callbacks, and Vonage for its own.')
param allowedRanges string[] = [
  '52.112.0.0/14'
  '52.122.0.0/15'
  '2603:1027::/48'
  '2603:1037::/48'
  '2603:1047::/48'
  '2603:1057::/48'
  '2603:1063::/38'
  '2620:1ec:6::/48'
  '2620:1ec:40::/42'
  '216.147.0.0/18'
]

@description('Service tags that may connect under enforce.')
param allowedServiceTags string[] = ['AzureEventGrid']

@description('Who may reach the vault: ranges in CIDR form and ARM ids of subnets. Empty: any network. docs/deploy.md says what this breaks.')
param vaultAllowedNetworks string[] = []

@description('The mail address that gets the alerts; empty: alerts are raised and nobody gets a mail.')
param alertEmail string = ''

@description('How many refusals for one reason within a quarter of an hour raise an alert.')
@minValue(1)
param refusalThreshold int = 50

@description('How the storage account is replicated: Standard_ZRS across the zones of a region, Standard_LRS where a region has none.')
@allowed(['Standard_LRS', 'Standard_ZRS'])
param storageSku string = 'Standard_ZRS'

@description('How long logs are kept, in days.')
@minValue(30)
@maxValue(730)
param logRetentionInDays int = 30

@description('How many GB of logs the workspace takes a day before it stops; 0 for no cap. An alert is raised at four fifths of it.')
@minValue(0)
param dailyLogCapGb int = 1

@description('The settings of the app that the operator gave, by their names in docs/settings.md.')
param tuning AppSettings

@description('Settings that only your handlers read: values by name.')
param handlerSettings { *: string } = {}

@description('Secrets that only your handlers read: by the name of the setting, the name of the secret in the vault.')
// Names, and no values.
#disable-next-line secure-secrets-in-params
param handlerSecrets { *: string } = {}

var token = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName }
// A name is empty where no enabled sender needs the secret.
var nameOfCallbackKey = callAutomation ? 'callback-key' : ''
var nameOfEventGridKey = incomingCalls ? 'event-grid-key' : ''
var eventSubscriptionName = 'incoming-calls'
var mediaName = 'ca-media-${token}'
// Event Grid's application, by the cloud that this is deployed to. That of China is documented nowhere and must be given.
var eventGridAppIds = {
  AzureCloud: '4962773b-9cdb-44cf-a8bf-237846a00ab7'
  AzureUSGovernment: '54316b56-3481-47f9-8f30-0300f5542a7b'
}
var eventGridAppId = empty(tuning.EVENT_GRID_SENDER_APP_ID)
  ? eventGridAppIds[environment().name]
  : tuning.EVENT_GRID_SENDER_APP_ID
var makesApplication = incomingCalls && entraDelivery && empty(tuning.EVENT_GRID_AUDIENCE)
var usesCommunication = callAutomation || incomingCalls
var makesCommunication = usesCommunication && empty(communicationId)
var hasMediaHost = mediaHost && !callAutomation
  ? fail('The media host needs Call Automation: set MEDIA_HOST to false, or CALL_AUTOMATION to true.')
  : mediaHost

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity './modules/identity.bicep' = {
  scope: group
  params: {
    location: location
    token: token
    tags: tags
  }
}

module monitoring './modules/monitoring.bicep' = {
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    retentionInDays: logRetentionInDays
    dailyCapGb: dailyLogCapGb
    appPrincipalId: identity.outputs.principalId
  }
}

module mediaEnvironment './modules/media-environment.bicep' = if (hasMediaHost) {
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
  }
}

module storage './modules/storage.bicep' = {
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    storageSku: storageSku
    appPrincipalId: identity.outputs.principalId
    mediaPrincipalId: mediaEnvironment.?outputs.principalId ?? ''
    hasMediaHost: hasMediaHost
  }
}

module vault './modules/vault.bicep' = {
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    appPrincipalId: identity.outputs.principalId
    operatorPrincipalId: deployer().objectId
    allowedNetworks: vaultAllowedNetworks
  }
}

module newCommunication './modules/new-communication.bicep' = if (makesCommunication) {
  scope: group
  params: {
    token: token
    tags: tags
    dataLocation: communicationDataLocation
    hasIdentity: !empty(aiServicesId)
  }
}

// /subscriptions/<2>/resourceGroups/<4>/providers/Microsoft.Communication/communicationServices/<8>
var communicationPath = split(communicationId, '/')

module communication './modules/communication.bicep' = if (usesCommunication) {
  scope: resourceGroup(
    empty(communicationId) ? subscription().subscriptionId : communicationPath[2],
    empty(communicationId) ? 'rg-${environmentName}' : communicationPath[4]
  )
  dependsOn: [newCommunication]
  params: {
    name: empty(communicationId) ? 'acs-${token}' : communicationPath[8]
    token: token
    tags: tags
    appPrincipalId: identity.outputs.principalId
    answersCalls: callAutomation
    hasIdentity: !empty(aiServicesId)
    makesSystemTopic: incomingCalls && empty(systemTopicId)
  }
}

// /subscriptions/<2>/resourceGroups/<4>/providers/Microsoft.CognitiveServices/accounts/<8>
var aiServicesPath = split(aiServicesId, '/')

module aiServices './modules/ai-services.bicep' = if (callAutomation && !empty(aiServicesId)) {
  scope: resourceGroup(
    empty(aiServicesId) ? subscription().subscriptionId : aiServicesPath[2],
    empty(aiServicesId) ? 'rg-${environmentName}' : aiServicesPath[4]
  )
  params: {
    name: empty(aiServicesId) ? '' : aiServicesPath[8]
    communicationPrincipalId: communication!.outputs.principalId
  }
}

var eventTopicId = incomingCalls ? communication!.outputs.id : ''
var deliveringTopicId = !incomingCalls
  ? ''
  : empty(systemTopicId) ? communication!.outputs.systemTopicId : systemTopicId

module entra './modules/entra.bicep' = if (makesApplication) {
  scope: group
  params: {
    token: token
    operatorPrincipalId: deployer().objectId
    eventGridAppId: eventGridAppId
  }
}

var eventGridAudience = makesApplication ? entra!.outputs.audience : incomingCalls ? tuning.EVENT_GRID_AUDIENCE : ''
var communicationResourceId = callAutomation ? communication!.outputs.immutableResourceId : ''

module app './modules/app.bicep' = {
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    packagesUrl: storage.outputs.packagesUrl
    blobUrl: storage.outputs.blobUrl
    insightsConnectionString: monitoring.outputs.insightsConnectionString
    alwaysReadyInstances: alwaysReadyInstances
    maximumInstances: maximumInstances
    instanceMemoryMB: instanceMemoryMB
    perInstanceConcurrency: perInstanceConcurrency
    accessRestrictions: accessRestrictions
    allowedRanges: allowedRanges
    allowedServiceTags: allowedServiceTags
    tuning: usesCommunication || enablesSender(tuning)
      ? tuning
      : fail('No sender is chosen: set the variables of yours (docs/deploy.md#choose-your-senders).')
    handlerSettings: handlerSettings
    handlerSecrets: handlerSecrets
    communicationResourceId: communicationResourceId
    communicationEndpoint: callAutomation ? communication!.outputs.endpoint : ''
    mediaUrl: hasMediaHost ? 'wss://${mediaName}.${mediaEnvironment!.outputs.domain}/media' : ''
    vaultUrl: vault.outputs.url
    ledgerUrl: storage.outputs.ledgerUrl
    nameOfCallbackKey: nameOfCallbackKey
    nameOfEventGridKey: nameOfEventGridKey
    eventSubscriptionName: incomingCalls ? eventSubscriptionName : ''
    eventTopicId: eventTopicId
    eventGridAudience: eventGridAudience
  }
}

module alerts './modules/alerts.bicep' = {
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    systemTopicId: deliveringTopicId
    watchesIncomingCalls: incomingCalls
    alertEmail: alertEmail
    refusalThreshold: refusalThreshold
    dailyLogCapGb: dailyLogCapGb
  }
}

module workbook './modules/workbook.bicep' = {
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    systemTopicId: deliveringTopicId
  }
}

// azd keeps outputs as variables of its environment: infra/media.parameters.json and infra/hooks read them. One that belongs
// to something left out is empty.

@description('The resource group of all this.')
output AZURE_RESOURCE_GROUP string = group.name

@description('The registry that images are pushed to.')
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = mediaEnvironment.?outputs.registryServer ?? ''

@description('The tenant that Event Grid and the hooks sign in to.')
output AZURE_TENANT_ID string = tenant().tenantId

@description('Azure Resource Manager of this cloud.')
output RESOURCE_MANAGER_URL string = environment().resourceManager

@description('The public address of the app.')
output APP_URL string = app.outputs.url

@description('The name of the app.')
output APP_NAME string = app.outputs.name

@description('The name of the vault.')
output VAULT_NAME string = vault.outputs.name

@description('The address of the vault.')
output VAULT_URL string = vault.outputs.url

@description('The name of the secret that signs callback keys.')
output CALLBACK_KEY_NAME string = nameOfCallbackKey

@description('The name of the secret that Event Grid sends.')
output EVENT_GRID_KEY_NAME string = nameOfEventGridKey

@description('The system topic that the event subscription is made on.')
output SYSTEM_TOPIC_ID string = deliveringTopicId

@description('The name of that subscription.')
output EVENT_SUBSCRIPTION_NAME string = eventSubscriptionName

@description('The application that Event Grid asks a token for; empty where it sends none.')
output EVENT_DELIVERY_AUDIENCE string = eventGridAudience

@description('The immutable id of the Communication Services resource.')
output COMMUNICATION_RESOURCE_ID string = communicationResourceId

@description('The address of the ledger.')
output LEDGER_URL string = storage.outputs.ledgerUrl

@description('The name of the container app of the media host.')
output MEDIA_NAME string = hasMediaHost ? mediaName : ''

@description('The environment that the media host runs in.')
output MEDIA_ENVIRONMENT_ID string = mediaEnvironment.?outputs.environmentId ?? ''

@description('The ARM id of the identity of the media host.')
output MEDIA_IDENTITY_ID string = mediaEnvironment.?outputs.identityId ?? ''

@description('The client id of the media host.')
output MEDIA_IDENTITY_CLIENT_ID string = mediaEnvironment.?outputs.clientId ?? ''

@description('The object id of the media host.')
output MEDIA_IDENTITY_PRINCIPAL_ID string = mediaEnvironment.?outputs.principalId ?? ''
