// The storage of the Functions host, the package of the app, and the ledger. No shared key opens it.

@description('Where the account lives.')
param location string

@description('Ends every name, so that it is like no other.')
param token string

@description('Tags of every resource.')
param tags object

@description('How the account is replicated.')
@allowed(['Standard_LRS', 'Standard_ZRS'])
param storageSku string

@description('The object id of the identity of the app.')
param appPrincipalId string

@description('The object id of the identity of the media host.')
param mediaPrincipalId string

var blobDataOwner = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
)
var tableDataContributor = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
)

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: 'st${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: storageSku
  }
  properties: {
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: 'Enabled'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'

    resource packages 'containers' = {
      name: 'app-packages'
      properties: {
        publicAccess: 'None'
      }
    }
  }
}

// What the Functions host asks for, since it makes containers of its own.
resource appOwnsBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, appPrincipalId, blobDataOwner)
  scope: account
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: blobDataOwner
  }
}

resource appWritesLedger 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, appPrincipalId, tableDataContributor)
  scope: account
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: tableDataContributor
  }
}

resource mediaWritesLedger 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, mediaPrincipalId, tableDataContributor)
  scope: account
  properties: {
    principalId: mediaPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: tableDataContributor
  }
}

@description('Where the package of the app is put.')
output packagesUrl string = '${account.properties.primaryEndpoints.blob}${account::blobs::packages.name}'

@description('The blobs of the Functions host.')
output blobUrl string = account.properties.primaryEndpoints.blob

@description('The tables of the Functions host.')
output tableUrl string = account.properties.primaryEndpoints.table

@description('The address of the ledger: the same tables, without the slash at the end.')
output ledgerUrl string = 'https://${account.name}.table.${environment().suffixes.storage}'
