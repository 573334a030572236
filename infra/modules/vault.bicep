// The vault. What is in it is generated after this deployment, by infra/hooks: no secret passes through a template.

@description('Where the vault lives.')
param location string

@description('Ends every name, so that it is like no other.')
param token string

@description('Tags of every resource.')
param tags object

@description('The ARM id of the workspace that logs go to.')
param workspaceId string

@description('The object id of the identity of the app.')
param appPrincipalId string

@description('The object id of whoever deploys: may add versions of secrets, to generate and to rotate them.')
param operatorPrincipalId string

var secretsUser = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '4633458b-17de-408a-b874-0445c86b69e6'
)
var secretsOfficer = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
)

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: 'kv-${token}'
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enablePurgeProtection: true
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    publicNetworkAccess: 'Enabled'
  }
}

// The whole vault, since the names of Vonage's secrets follow from VONAGE_PROJECTS. The media host gets the one secret
// that it reads, in infra/media.bicep.
resource appReadsSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, appPrincipalId, secretsUser)
  scope: vault
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: secretsUser
  }
}

// Without a principal type: it is a person on a desk and a service principal in a workflow.
resource operatorWritesSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, operatorPrincipalId, secretsOfficer)
  scope: vault
  properties: {
    principalId: operatorPrincipalId
    roleDefinitionId: secretsOfficer
  }
}

// Who read which secret, and when: what one asks when one was stolen.
resource audit 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'audit'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [
      {
        categoryGroup: 'audit'
        enabled: true
      }
    ]
  }
}

@description('The name of the vault.')
output name string = vault.name

@description('The address of the vault.')
output url string = 'https://${vault.name}${environment().suffixes.keyvaultDns}'
