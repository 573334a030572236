// The media host: one container app, deployed by azd together with its image (infra/media.bicep beside
// infra/media.parameters.json makes azd do so). What it runs in is there already: modules/media-environment.bicep.
import { isTaken, MediaSettings } from './settings.bicep'

@description('Where the media host runs.')
param location string

@description('The name of the container app.')
param name string

@description('The image, with its tag.')
param image string

@description('The ARM id of the environment that it runs in.')
param environmentId string

@description('The server that the image is pulled from.')
param registryServer string

@description('The ARM id of the identity that it runs as.')
param identityId string

@description('The client id of that identity.')
param identityClientId string

@description('The object id of that identity.')
param identityPrincipalId string

@description('The name of the vault.')
param vaultName string

@description('The address of the vault.')
param vaultUrl string

@description('The address of the ledger.')
param ledgerUrl string

@description('The name of the secret that signs tickets.')
param nameOfCallbackKey string

@description('The immutable id of the Communication Services resource: the audience of the tokens.')
param communicationResourceId string

@description('A whole number: replicas that are kept ready, since a socket is opened in the middle of a call.')
param minimumReplicas string

@description('A whole number: how far the media host may scale out.')
param maximumReplicas string

@description('A whole number: open sockets that one replica is meant to hold.')
param socketsPerReplica string

@description('The settings that the operator gave, of those that the media host reads.')
param tuning MediaSettings

@description('Settings that only your handlers read: values by name.')
param handlerSettings { *: string } = {}

@description('Secrets that only your handlers read: by the name of the setting, the name of the secret in the vault.')
// Names, and no values.
#disable-next-line secure-secrets-in-params
param handlerSecrets { *: string } = {}

var secretsUser = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '4633458b-17de-408a-b874-0445c86b69e6'
)
var port = '8080'
// Seconds: the default of the media host where nothing is given.
var graceSeconds = empty(tuning.MEDIA_STOP_GRACE_SECONDS) ? 20 : int(tuning.MEDIA_STOP_GRACE_SECONDS)

// What this deployment knows, and the operator does not choose.
var known = {
  ACS_RESOURCE_ID: communicationResourceId
  KEY_VAULT_URL: vaultUrl
  AZURE_CLIENT_ID: identityClientId
  CALLBACK_KEY_SECRET: nameOfCallbackKey
  PORT: port
  LEDGER: 'table'
  LEDGER_TABLE_URL: ledgerUrl
}
var settings = union(tuning, known)

var takenNames = filter(objectKeys(union(handlerSettings, handlerSecrets)), name => isTaken(name))
var ofHandlers = empty(takenNames)
  ? union(handlerSettings, handlerSecrets)
  : fail('HANDLER_SETTINGS and HANDLER_SECRETS have names of Ringward or Azure: ${join(takenNames, ', ')}. Rename them.')
// A secret of the vault has a name in any case of letters, one of a container app in lower case.
var secretsOfHandlers = union([], map(items(handlerSecrets), setting => toLower(setting.value)))
var readSecrets = union([nameOfCallbackKey], secretsOfHandlers)

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' existing = {
  name: vaultName
}

resource secrets 'Microsoft.KeyVault/vaults/secrets@2025-05-01' existing = [
  for name in readSecrets: {
    parent: vault
    name: name
  }
]

// The secrets that it needs, not the whole vault.
resource readsSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for (name, index) in readSecrets: {
    name: guid(secrets[index].id, identityPrincipalId, secretsUser)
    scope: secrets[index]
    properties: {
      principalId: identityPrincipalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: secretsUser
    }
  }
]

resource media 'Microsoft.App/containerApps@2025-01-01' = {
  name: name
  location: location
  // azd finds it by this tag.
  tags: { 'azd-service-name': 'media' }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  dependsOn: [readsSecrets]
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: {
        external: true
        allowInsecure: false
        targetPort: int(port)
        transport: 'http'
      }
      registries: [
        {
          server: registryServer
          identity: identityId
        }
      ]
      secrets: map(secretsOfHandlers, name => {
        name: name
        keyVaultUrl: '${vaultUrl}/secrets/${name}'
        identity: identityId
      })
    }
    template: {
      containers: [
        {
          name: 'media'
          image: image
          env: concat(
            map(filter(items(settings), setting => !empty(setting.value)), setting => {
              name: setting.key
              value: setting.value
            }),
            map(
              items(ofHandlers),
              setting =>
                contains(handlerSecrets, setting.key)
                  ? { name: setting.key, secretRef: toLower(setting.value) }
                  : { name: setting.key, value: setting.value }
            )
          )
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          probes: [
            {
              type: 'Startup'
              tcpSocket: { port: int(port) }
              // A minute: the lowest limit that is reported for failureThreshold is 10.
              periodSeconds: 6
              failureThreshold: 10
            }
            {
              // An outage of the keys takes no replica out that holds live calls: it only gets no new ones.
              type: 'Readiness'
              httpGet: { path: '/health', port: int(port) }
              periodSeconds: 5
            }
            {
              type: 'Liveness'
              tcpSocket: { port: int(port) }
              periodSeconds: 10
            }
          ]
        }
      ]
      scale: {
        minReplicas: int(minimumReplicas)
        maxReplicas: int(maximumReplicas)
        rules: [
          {
            name: 'sockets'
            http: {
              metadata: { concurrentRequests: socketsPerReplica }
            }
          }
        ]
      }
      // Seconds: the grace period of the media host, and ten to close what is open then.
      terminationGracePeriodSeconds: min(600, graceSeconds + 10)
    }
  }
}
