// The identity of the app. The media host has its own, so that each gets only the rights that it needs.

@description('Where the identity lives.')
param location string

@description('Ends every name, so that it is unique.')
@minLength(13)
param token string

@description('Tags of every resource.')
param tags { *: string }

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-app-${token}'
  location: location
  tags: tags
}

@description('The ARM id of the identity.')
output id string = app.id

@description('The client id that the app signs in with.')
output clientId string = app.properties.clientId

@description('The object id that roles of the app are assigned to.')
output principalId string = app.properties.principalId
