// Everything that Ringward runs on, in a resource group of its own: azd provision, or az deployment sub create.
// What needs live code or a secret comes after it, from infra/hooks.
import { AppSettings } from './settings.bicep'

targetScope = 'subscription'

@description('The name of the azd environment; the resource group is named after it.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('The region of everything that has one.')
@metadata({ azd: { type: 'location' } })
param location string

@description('The ARM id of a Communication Services resource that you have; empty to make one.')
param communicationId string = ''

@description('Where a new Communication Services resource keeps its data at rest.')
param communicationDataLocation string = 'United States'

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

@description('off: anybody may connect to the app, whose checks decide. enforce: its front end refuses whoever is in none of allowedRanges and allowedServiceTags.')
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

@description('Who is told of alerts, by mail; empty: alerts are raised and nobody is told.')
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

@description('The settings of the app that the operator gave, by their names in docs/settings.md.')
param tuning AppSettings

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var callbackKeySecret = 'callback-key'
var eventGridKeySecret = 'event-grid-key'
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
var makesApplication = entraDelivery && empty(tuning.EVENT_GRID_AUDIENCE)

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identities './modules/identities.bicep' = {
  name: 'identities'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
  }
}

module monitoring './modules/monitoring.bicep' = {
  name: 'monitoring'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    retentionInDays: logRetentionInDays
    appPrincipalId: identities.outputs.appPrincipalId
  }
}

module storage './modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    storageSku: storageSku
    appPrincipalId: identities.outputs.appPrincipalId
    mediaPrincipalId: identities.outputs.mediaPrincipalId
  }
}

module vault './modules/vault.bicep' = {
  name: 'vault'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    appPrincipalId: identities.outputs.appPrincipalId
    operatorPrincipalId: deployer().objectId
  }
}

module newCommunication './modules/new-communication.bicep' = if (empty(communicationId)) {
  name: 'new-communication'
  scope: group
  params: {
    token: token
    tags: tags
    dataLocation: communicationDataLocation
  }
}

// /subscriptions/<2>/resourceGroups/<4>/providers/Microsoft.Communication/communicationServices/<8>
var communicationPath = split(communicationId, '/')

module communication './modules/communication.bicep' = {
  name: 'communication'
  scope: resourceGroup(
    empty(communicationId) ? subscription().subscriptionId : communicationPath[2],
    empty(communicationId) ? 'rg-${environmentName}' : communicationPath[4]
  )
  dependsOn: [newCommunication]
  params: {
    name: empty(communicationId) ? 'acs-${token}' : communicationPath[8]
    token: token
    tags: tags
    appPrincipalId: identities.outputs.appPrincipalId
    systemTopicId: systemTopicId
  }
}

module entra './modules/entra.bicep' = if (makesApplication) {
  name: 'entra'
  scope: group
  params: {
    token: token
    operatorPrincipalId: deployer().objectId
    eventGridAppId: eventGridAppId
  }
}

var eventGridAudience = makesApplication ? entra!.outputs.audience : tuning.EVENT_GRID_AUDIENCE

module mediaEnvironment './modules/media-environment.bicep' = {
  name: 'media-environment'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    mediaPrincipalId: identities.outputs.mediaPrincipalId
  }
}

module app './modules/app.bicep' = {
  name: 'app'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    identityId: identities.outputs.appId
    identityClientId: identities.outputs.appClientId
    packagesUrl: storage.outputs.packagesUrl
    blobUrl: storage.outputs.blobUrl
    tableUrl: storage.outputs.tableUrl
    insightsConnectionString: monitoring.outputs.insightsConnectionString
    alwaysReadyInstances: alwaysReadyInstances
    maximumInstances: maximumInstances
    instanceMemoryMB: instanceMemoryMB
    accessRestrictions: accessRestrictions
    allowedRanges: allowedRanges
    allowedServiceTags: allowedServiceTags
    tuning: tuning
    communicationResourceId: communication.outputs.immutableResourceId
    communicationEndpoint: communication.outputs.endpoint
    mediaUrl: 'wss://${mediaName}.${mediaEnvironment.outputs.domain}/media'
    vaultUrl: vault.outputs.url
    ledgerUrl: storage.outputs.ledgerUrl
    callbackKeySecret: callbackKeySecret
    eventGridKeySecret: eventGridKeySecret
    eventSubscriptionName: eventSubscriptionName
    eventTopicId: communication.outputs.id
    eventGridAudience: eventGridAudience
  }
}

module alerts './modules/alerts.bicep' = {
  name: 'alerts'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    systemTopicId: communication.outputs.systemTopicId
    alertEmail: alertEmail
    refusalThreshold: refusalThreshold
  }
}

module workbook './modules/workbook.bicep' = {
  name: 'workbook'
  scope: group
  params: {
    location: location
    token: token
    tags: tags
    workspaceId: monitoring.outputs.workspaceId
    systemTopicId: communication.outputs.systemTopicId
  }
}

// azd keeps outputs as variables of its environment: infra/media.parameters.json and infra/hooks read them.

@description('The resource group of all this.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Where images are pushed to.')
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = mediaEnvironment.outputs.registryServer

@description('The tenant that Event Grid and the hooks sign in to.')
output AZURE_TENANT_ID string = tenant().tenantId

@description('The public address of the app.')
output APP_URL string = app.outputs.url

@description('The name of the app.')
output APP_NAME string = app.outputs.name

@description('The name of the vault.')
output VAULT_NAME string = vault.outputs.name

@description('The address of the vault.')
output VAULT_URL string = vault.outputs.url

@description('The name of the secret that signs callback keys.')
output CALLBACK_KEY_NAME string = callbackKeySecret

@description('The name of the secret that Event Grid sends.')
output EVENT_GRID_KEY_NAME string = eventGridKeySecret

@description('The system topic that the event subscription is made on.')
output SYSTEM_TOPIC_ID string = communication.outputs.systemTopicId

@description('The name of that subscription.')
output EVENT_SUBSCRIPTION_NAME string = eventSubscriptionName

@description('The application that Event Grid asks a token for; empty where it sends none.')
output EVENT_DELIVERY_AUDIENCE string = eventGridAudience

@description('The immutable id of the Communication Services resource.')
output COMMUNICATION_RESOURCE_ID string = communication.outputs.immutableResourceId

@description('The address of the ledger.')
output LEDGER_URL string = storage.outputs.ledgerUrl

@description('The name of the container app of the media host.')
output MEDIA_NAME string = mediaName

@description('The environment that the media host runs in.')
output MEDIA_ENVIRONMENT_ID string = mediaEnvironment.outputs.environmentId

@description('The ARM id of the identity of the media host.')
output MEDIA_IDENTITY_ID string = identities.outputs.mediaId

@description('The client id of the media host.')
output MEDIA_IDENTITY_CLIENT_ID string = identities.outputs.mediaClientId

@description('The object id of the media host.')
output MEDIA_IDENTITY_PRINCIPAL_ID string = identities.outputs.mediaPrincipalId
