// What the media host needs before its first image: an identity, a registry and an environment. The container app itself is
// infra/media.bicep, which is deployed with its image, so that no placeholder image ever runs.

@description('Where they live.')
param location string

@description('Ends every name, so that it is unique.')
@minLength(13)
param token string

@description('Tags of every resource.')
param tags { *: string }

@description('The ARM id of the workspace that logs go to.')
param workspaceId string

var pullImages = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '7f951dda-4ed3-4680-a7ca-43fe172d538d'
)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-media-${token}'
  location: location
  tags: tags
}

resource registry 'Microsoft.ContainerRegistry/registries@2025-04-01' = {
  name: 'cr${token}'
  location: location
  tags: tags
  sku: {
    name: 'Basic'
  }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
  }
}

resource mediaPullsImages 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, identity.id, pullImages)
  scope: registry
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: pullImages
  }
}

resource host 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: 'cae-${token}'
  location: location
  tags: tags
  properties: {
    appLogsConfiguration: {
      // By a diagnostic setting, below, and not by the key of the workspace.
      destination: 'azure-monitor'
    }
    workloadProfiles: [
      {
        name: 'Consumption'
        workloadProfileType: 'Consumption'
      }
    ]
  }
}

// There is no newer version with Dedicated tables and category groups that is not a preview.
#disable-next-line use-recent-api-versions
resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: host
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [
      {
        category: 'ContainerAppConsoleLogs'
        enabled: true
      }
      {
        category: 'ContainerAppSystemLogs'
        enabled: true
      }
    ]
  }
}

@description('The ARM id of the identity.')
output identityId string = identity.id

@description('The client id that the media host signs in with.')
output clientId string = identity.properties.clientId

@description('The object id that roles of the media host are assigned to.')
output principalId string = identity.properties.principalId

@description('The server that images are pushed to and pulled from.')
output registryServer string = registry.properties.loginServer

@description('The ARM id of the environment.')
output environmentId string = host.id

@description('What the public names of apps in it end with.')
output domain string = host.properties.defaultDomain
