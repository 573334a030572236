// Who the app and the media host are. Two identities, so that each is granted what it needs and no more.

@description('Where the identities live.')
param location string

@description('Ends every name, so that it is like no other.')
param token string

@description('Tags of every resource.')
param tags object

resource app 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-app-${token}'
  location: location
  tags: tags
}

resource media 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-media-${token}'
  location: location
  tags: tags
}

@description('The ARM id of the identity of the app.')
output appId string = app.id

@description('The client id that the app signs in with.')
output appClientId string = app.properties.clientId

@description('The object id that roles of the app are assigned to.')
output appPrincipalId string = app.properties.principalId

@description('The ARM id of the identity of the media host.')
output mediaId string = media.id

@description('The client id that the media host signs in with.')
output mediaClientId string = media.properties.clientId

@description('The object id that roles of the media host are assigned to.')
output mediaPrincipalId string = media.properties.principalId
