// Two storage accounts that no shared key opens: one for the Functions host and the ledger, one for the package of the app.

@description('Where the accounts live.')
param location string

@description('Ends every name, so that it is unique.')
@minLength(13)
param token string

@description('Tags of every resource.')
param tags { *: string }

@description('How the accounts are replicated.')
@allowed(['Standard_LRS', 'Standard_ZRS'])
param storageSku string

@description('The object id of the identity of the app.')
param appPrincipalId string

@description('Whether there is a media host.')
param hasMediaHost bool

@description('The object id of the identity of the media host; empty where there is none.')
param mediaPrincipalId string

var blobDataOwner = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
)
var blobDataContributor = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
)
var tableDataContributor = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
)
var closed = {
  allowBlobPublicAccess: false
  allowCrossTenantReplication: false
  allowSharedKeyAccess: false
  defaultToOAuthAuthentication: true
  minimumTlsVersion: 'TLS1_2'
  publicNetworkAccess: 'Enabled'
  supportsHttpsTrafficOnly: true
}

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: 'st${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: storageSku
  }
  properties: closed

  resource tables 'tableServices' = {
    name: 'default'

    // Named as in shared/ledger/azure-table.ts. Made here, since the roles below do not allow creating a table.
    resource ledger 'tables' = {
      name: 'ringward'
    }
  }
}

// In an account of its own: the owner of an account's blobs could also delete the older versions of a package.
resource packages 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: 'stpkg${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: storageSku
  }
  properties: closed

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      // A package that was replaced can be read, compared and restored. The role below cannot delete a version.
      isVersioningEnabled: true
      deleteRetentionPolicy: {
        enabled: true
        days: 30
      }
      containerDeleteRetentionPolicy: {
        enabled: true
        days: 30
      }
    }

    resource container 'containers' = {
      name: 'app-packages'
      properties: {
        publicAccess: 'None'
      }
    }
  }
}

// The role that Microsoft documents for the Functions host, without its diagnostic events. It makes its own containers.
resource appOwnsHostBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, appPrincipalId, blobDataOwner)
  scope: account
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: blobDataOwner
  }
}

// The role that Microsoft documents for the deployment container: the platform writes and reads packages as the app.
resource appWritesPackages 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(packages::blobs::container.id, appPrincipalId, blobDataContributor)
  scope: packages::blobs::container
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: blobDataContributor
  }
}

resource appWritesLedger 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::tables::ledger.id, appPrincipalId, tableDataContributor)
  scope: account::tables::ledger
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: tableDataContributor
  }
}

resource mediaWritesLedger 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (hasMediaHost) {
  name: guid(account::tables::ledger.id, mediaPrincipalId, tableDataContributor)
  scope: account::tables::ledger
  properties: {
    principalId: mediaPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: tableDataContributor
  }
}

@description('The container of the package of the app.')
output packagesUrl string = '${packages.properties.primaryEndpoints.blob}${packages::blobs::container.name}'

@description('The blobs of the Functions host.')
output blobUrl string = account.properties.primaryEndpoints.blob

@description('The address of the ledger, without a slash at the end.')
output ledgerUrl string = 'https://${account.name}.table.${environment().suffixes.storage}'
