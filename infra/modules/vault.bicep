// The vault. infra/hooks generates its secrets after this deployment: no secret passes through a template.

@description('Where the vault lives.')
param location string

@description('Ends every name, so that it is unique.')
@minLength(13)
param token string

@description('Tags of every resource.')
param tags { *: string }

@description('The ARM id of the workspace that logs go to.')
param workspaceId string

@description('The object id of the identity of the app.')
param appPrincipalId string

@description('The object id of the deploying person or workflow, which generates and rotates secrets.')
param operatorPrincipalId string

@description('Who may reach the vault: ranges in CIDR form and ARM ids of subnets. Empty: any network.')
param allowedNetworks string[]

var secretsUser = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '4633458b-17de-408a-b874-0445c86b69e6'
)
var secretsOfficer = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
)

var subnets = filter(allowedNetworks, network => startsWith(network, '/'))
var ranges = filter(allowedNetworks, network => !startsWith(network, '/'))

resource vault 'Microsoft.KeyVault/vaults@2025-05-01' = {
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
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: empty(allowedNetworks) ? 'Allow' : 'Deny'
      ipRules: map(ranges, range => { value: range })
      // Given as ARM ids by the operator.
      #disable-next-line use-resource-id-functions
      virtualNetworkRules: map(subnets, subnet => { id: subnet })
    }
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

// Without a principal type: the operator is a person or the service principal of a workflow. The role stays after the
// deployment, for rotations; docs/deploy.md says how to remove it.
resource operatorWritesSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, operatorPrincipalId, secretsOfficer)
  scope: vault
  properties: {
    principalId: operatorPrincipalId
    roleDefinitionId: secretsOfficer
  }
}

// Records who read which secret, and when. There is no newer version with category groups that is not a preview.
#disable-next-line use-recent-api-versions
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
