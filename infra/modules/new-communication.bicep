// A Communication Services resource, where none is given.

@description('Ends every name, so that it is unique.')
@minLength(13)
param token string

@description('Tags of every resource.')
param tags { *: string }

@description('Where Communication Services keeps its data at rest.')
param dataLocation string

@description('Whether it signs in to other services as itself.')
param hasIdentity bool

resource communication 'Microsoft.Communication/communicationServices@2025-05-01' = {
  name: 'acs-${token}'
  location: 'global'
  tags: tags
  identity: {
    type: hasIdentity ? 'SystemAssigned' : 'None'
  }
  properties: {
    dataLocation: dataLocation
  }
}

@description('The name of the resource.')
output name string = communication.name
