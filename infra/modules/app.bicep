// The functions app: Flex Consumption on Node 24, with its own identity, HTTPS only, published to with Entra only.
import { AppSettings, isTaken } from '../settings.bicep'

@description('Where the app runs.')
param location string

@description('Ends every name, so that it is unique.')
@minLength(13)
param token string

@description('Tags of every resource.')
param tags { *: string }

@description('The ARM id of the identity that the app runs as.')
param identityId string

@description('The client id of that identity.')
param identityClientId string

@description('Where the package of the app is put.')
param packagesUrl string

@description('The blobs of the Functions host.')
param blobUrl string

@description('Where telemetry is sent.')
param insightsConnectionString string

@description('Instances that are kept ready: a ringing phone does not wait for a cold start.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int

@description('How far the app may scale out.')
@minValue(40)
@maxValue(1000)
param maximumInstances int

@description('The memory of an instance, in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int

@description('Requests that one instance handles at the same time.')
@minValue(1)
@maxValue(1000)
param perInstanceConcurrency int

@description('off: any address may connect, and the checks of the app decide. enforce: the front end accepts only the ranges and service tags.')
@allowed(['off', 'enforce'])
param accessRestrictions string

@description('Ranges that may connect where accessRestrictions is enforce, in CIDR form.')
param allowedRanges string[]

@description('Service tags that may connect where accessRestrictions is enforce.')
param allowedServiceTags string[]

@description('The settings that the operator gave.')
param tuning AppSettings

@description('Settings that only handlers read: values by name.')
param handlerSettings { *: string }

@description('Secrets that only handlers read: by the name of the setting, the name of the secret in the vault.')
// Names, and no values.
#disable-next-line secure-secrets-in-params
param handlerSecrets { *: string }

@description('The immutable id of the Communication Services resource: the audience of the tokens.')
param communicationResourceId string

@description('Where calls are answered.')
param communicationEndpoint string

@description('The address of the media host.')
param mediaUrl string

@description('The address of the vault.')
param vaultUrl string

@description('The address of the ledger.')
param ledgerUrl string

@description('The name of the secret that signs callback keys; empty without Call Automation.')
param nameOfCallbackKey string

@description('The name of the secret that Event Grid sends; empty without incoming calls.')
param nameOfEventGridKey string

@description('The name of the event subscription that may deliver.')
param eventSubscriptionName string

@description('The ARM id of the resource whose events are taken.')
param eventTopicId string

@description('The audience of the tokens of Event Grid; empty where it sends none.')
param eventGridAudience string

// That of the cloud that this is deployed to, unless another is given.
var authority = empty(tuning.EVENT_GRID_AUTHORITY)
  ? environment().authentication.loginEndpoint
  : tuning.EVENT_GRID_AUTHORITY

// What this deployment knows, and the operator does not choose. It replaces what the operator gave under the same name. An
// empty value is not set.
var known = {
  ACS_RESOURCE_ID: communicationResourceId
  ACS_ENDPOINT: communicationEndpoint
  MEDIA_URL: mediaUrl
  EVENT_GRID_KEY_SECRET: nameOfEventGridKey
  EVENT_GRID_TENANT_ID: empty(eventGridAudience) ? '' : tenant().tenantId
  EVENT_GRID_AUDIENCE: eventGridAudience
  EVENT_GRID_SENDER_APP_ID: empty(eventGridAudience) ? '' : tuning.EVENT_GRID_SENDER_APP_ID
  EVENT_GRID_AUTHORITY: empty(eventGridAudience) ? '' : authority
  EVENT_GRID_SUBSCRIPTIONS: eventSubscriptionName
  EVENT_GRID_TOPICS: eventTopicId
  KEY_VAULT_URL: vaultUrl
  AZURE_CLIENT_ID: identityClientId
  CALLBACK_KEY_SECRET: nameOfCallbackKey
  LEDGER: 'table'
  LEDGER_TABLE_URL: ledgerUrl
}
var settings = union(tuning, known)

var takenNames = filter(objectKeys(union(handlerSettings, handlerSecrets)), name => isTaken(name))
// The platform reads each from the vault, as the app. What handlers read is text in the environment either way.
var ofHandlers = empty(takenNames)
  ? union(
      handlerSettings,
      mapValues(handlerSecrets, name => '@Microsoft.KeyVault(SecretUri=${vaultUrl}/secrets/${name})')
    )
  : fail('HANDLER_SETTINGS and HANDLER_SECRETS have names of Ringward or Azure: ${join(takenNames, ', ')}. Rename them.')

// What the Functions host reads. It signs in as the app, without a connection string. Without the address of the tables it
// records no diagnostic events and says so once at start: they would need a right to every table of the account.
var hostSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__blobServiceUri: blobUrl
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  // Bytes. The app reads 1.5 MiB at most; the host would buffer a hundred before the app sees the request.
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '2097152'
  // GET / would answer any stranger with a page of 150 KB.
  AzureWebJobsDisableHomepage: 'true'
}

var rangeRules = [
  for (block, index) in allowedRanges: {
    name: 'range-${index}'
    action: 'Allow'
    ipAddress: block
    priority: 100 + index
  }
]
var serviceTagRules = [
  for (serviceTag, index) in allowedServiceTags: {
    name: 'tag-${index}'
    action: 'Allow'
    tag: 'ServiceTag'
    ipAddress: serviceTag
    priority: 300 + index
  }
]
var restricted = accessRestrictions == 'enforce'

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: 'func-${token}'
  location: location
  // azd finds the app by this tag.
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    publicNetworkAccess: 'Enabled'
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packagesUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'node'
        version: '24'
      }
      scaleAndConcurrency: {
        alwaysReady: alwaysReadyInstances == 0
          ? []
          : [
              {
                name: 'http'
                instanceCount: alwaysReadyInstances
              }
            ]
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstances
        triggers: {
          http: {
            perInstanceConcurrency: perInstanceConcurrency
          }
        }
      }
    }
    // Without ftpsState, which Flex Consumption rejects (ARM 51021): the two policies below close FTP.
    siteConfig: {
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ipSecurityRestrictions: restricted ? concat(rangeRules, serviceTagRules) : []
      ipSecurityRestrictionsDefaultAction: restricted ? 'Deny' : 'Allow'
      // Publishing is protected by Entra, and may happen from any address.
      scmIpSecurityRestrictionsUseMain: false
    }
  }

  resource appSettings 'config' = {
    name: 'appsettings'
    properties: union(
      hostSettings,
      toObject(
        filter(items(union(ofHandlers, settings)), setting => !empty(setting.value)),
        setting => setting.key,
        setting => setting.value
      )
    )
  }

  // Azure requires the location of both policies; the types of the compiler do not have it (bicep-types-az#1571).
  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    #disable-next-line BCP187
    location: location
    properties: {
      allow: false
    }
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    #disable-next-line BCP187
    location: location
    properties: {
      allow: false
    }
  }
}

@description('The name of the app.')
output name string = site.name

@description('The public address of the app.')
output url string = empty(tuning.CALLBACK_BASE_URL)
  ? 'https://${site.properties.defaultHostName}'
  : tuning.CALLBACK_BASE_URL
