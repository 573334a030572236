// Where the media host will run: its registry and its environment. The container app itself is infra/media.bicep, which
// is deployed with its image, so that no stand-in image ever runs.

@description('Where both live.')
param location string

@description('Ends every name, so that it is like no other.')
param token string

@description('Tags of every resource.')
param tags object

@description('The ARM id of the workspace that logs go to.')
param workspaceId string

@description('The object id of the identity of the media host.')
param mediaPrincipalId string

var pullImages = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '7f951dda-4ed3-4680-a7ca-43fe172d538d'
)

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
  name: guid(registry.id, mediaPrincipalId, pullImages)
  scope: registry
  properties: {
    principalId: mediaPrincipalId
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

@description('The server that images are pushed to and pulled from.')
output registryServer string = registry.properties.loginServer

@description('The ARM id of the environment.')
output environmentId string = host.id

@description('What the public names of apps in it end with.')
output domain string = host.properties.defaultDomain
