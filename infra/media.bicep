// The media host: one container app, deployed by azd together with its image (infra/media.bicep beside
// infra/media.parameters.json makes azd do so). What it runs in is there already: modules/media-environment.bicep.

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
param callbackKeySecret string

@description('The immutable id of the Communication Services resource: the audience of the tokens.')
param communicationResourceId string

@description('A whole number: replicas that are kept ready, since a socket is opened in the middle of a call.')
param minimumReplicas string

@description('A whole number: how far the media host may scale out.')
param maximumReplicas string

@description('A whole number: open sockets that one replica is meant to hold.')
param socketsPerReplica string

@description('The settings that the operator gave, of those that the media host reads.')
param tuning {
  @description('The issuer of Call Automation tokens.')
  ACS_ISSUER: string
  @description('Where that issuer says where its keys are.')
  ACS_OPENID_CONFIGURATION_URL: string
  @description('How long a ticket opens the door, in seconds.')
  CALLBACK_KEY_TTL_SECONDS: string
  @description('How long a token of a WebSocket lives, in seconds.')
  MEDIA_TOKEN_LIFE_SECONDS: string
  @description('How many sockets one replica holds.')
  MEDIA_MAX_SOCKETS: string
  @description('How many connections may be not yet proved.')
  MEDIA_MAX_UNPROVED: string
  @description('How long a connection may take to send its request, in seconds.')
  MEDIA_HEADER_SECONDS: string
  @description('The largest frame, in bytes.')
  MEDIA_MAX_FRAME_BYTES: string
  @description('How many frames are taken from a socket in a second.')
  MEDIA_MAX_FRAMES_PER_SECOND: string
  @description('How many bytes wait for the handler of a socket.')
  MEDIA_MAX_QUEUED_BYTES: string
  @description('How long a socket may be silent before it is asked for a sign of life, in seconds.')
  MEDIA_HEARTBEAT_SECONDS: string
  @description('How long a socket stays open without a frame, in seconds.')
  MEDIA_IDLE_SECONDS: string
  @description('How long open sockets may go on when a replica is stopped, in seconds.')
  MEDIA_STOP_GRACE_SECONDS: string
  @description('off, report or enforce: upgrades from outside the published ranges.')
  SOURCE_ADDRESSES: string
  @description('Further ranges for that check, in CIDR form, separated by commas.')
  SOURCE_ADDRESS_RANGES: string
  @description('How many proxies of yours append to X-Forwarded-For.')
  TRUSTED_PROXY_HOPS: string
  @description('How long a ticket stays taken after its instance crashed, in seconds.')
  LEDGER_LEASE_SECONDS: string
  @description('report or enforce: a token without jti that comes again.')
  TOKEN_REUSE: string
  @description('report or enforce: a socket of another call than its ticket is bound to.')
  CALL_BINDING: string
  @description('How far the clocks of senders may differ from ours, in seconds.')
  CLOCK_TOLERANCE_SECONDS: string
  @description('How long the last known keys and secrets serve while they cannot be fetched, in seconds.')
  KEY_SET_MAX_STALE_SECONDS: string
  @description('How long the checks of an upgrade may take, in seconds.')
  HANDLER_TIMEOUT_SECONDS: string
}

var secretsUser = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '4633458b-17de-408a-b874-0445c86b69e6'
)
var port = '8080'
// Seconds; what the media host itself goes by where nothing is given.
var graceSeconds = empty(tuning.MEDIA_STOP_GRACE_SECONDS) ? 20 : int(tuning.MEDIA_STOP_GRACE_SECONDS)

// One row for each setting that the media host reads, but those that the platform sets.
var settings = {
  ACS_RESOURCE_ID: communicationResourceId
  ACS_ISSUER: tuning.ACS_ISSUER
  ACS_OPENID_CONFIGURATION_URL: tuning.ACS_OPENID_CONFIGURATION_URL
  KEY_VAULT_URL: vaultUrl
  AZURE_CLIENT_ID: identityClientId
  CALLBACK_KEY_SECRET: callbackKeySecret
  CALLBACK_KEY_TTL_SECONDS: tuning.CALLBACK_KEY_TTL_SECONDS
  MEDIA_TOKEN_LIFE_SECONDS: tuning.MEDIA_TOKEN_LIFE_SECONDS
  PORT: port
  MEDIA_MAX_SOCKETS: tuning.MEDIA_MAX_SOCKETS
  MEDIA_MAX_UNPROVED: tuning.MEDIA_MAX_UNPROVED
  MEDIA_HEADER_SECONDS: tuning.MEDIA_HEADER_SECONDS
  MEDIA_MAX_FRAME_BYTES: tuning.MEDIA_MAX_FRAME_BYTES
  MEDIA_MAX_FRAMES_PER_SECOND: tuning.MEDIA_MAX_FRAMES_PER_SECOND
  MEDIA_MAX_QUEUED_BYTES: tuning.MEDIA_MAX_QUEUED_BYTES
  MEDIA_HEARTBEAT_SECONDS: tuning.MEDIA_HEARTBEAT_SECONDS
  MEDIA_IDLE_SECONDS: tuning.MEDIA_IDLE_SECONDS
  MEDIA_STOP_GRACE_SECONDS: tuning.MEDIA_STOP_GRACE_SECONDS
  SOURCE_ADDRESSES: tuning.SOURCE_ADDRESSES
  SOURCE_ADDRESS_RANGES: tuning.SOURCE_ADDRESS_RANGES
  TRUSTED_PROXY_HOPS: tuning.TRUSTED_PROXY_HOPS
  LEDGER: 'table'
  LEDGER_TABLE_URL: ledgerUrl
  LEDGER_LEASE_SECONDS: tuning.LEDGER_LEASE_SECONDS
  TOKEN_REUSE: tuning.TOKEN_REUSE
  CALL_BINDING: tuning.CALL_BINDING
  CLOCK_TOLERANCE_SECONDS: tuning.CLOCK_TOLERANCE_SECONDS
  KEY_SET_MAX_STALE_SECONDS: tuning.KEY_SET_MAX_STALE_SECONDS
  HANDLER_TIMEOUT_SECONDS: tuning.HANDLER_TIMEOUT_SECONDS
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName

  resource callbackKey 'secrets' existing = {
    name: callbackKeySecret
  }
}

// The one secret that it needs, and not the vault.
resource readsCallbackKey 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault::callbackKey.id, identityPrincipalId, secretsUser)
  scope: vault::callbackKey
  properties: {
    principalId: identityPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: secretsUser
  }
}

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
  dependsOn: [readsCallbackKey]
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
    }
    template: {
      containers: [
        {
          name: 'media'
          image: image
          env: map(filter(items(settings), setting => !empty(setting.value)), setting => {
            name: setting.key
            value: setting.value
          })
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          probes: [
            {
              type: 'Startup'
              tcpSocket: { port: int(port) }
              periodSeconds: 1
              failureThreshold: 60
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
