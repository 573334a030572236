// The app registration that stands for the incoming-call route, so that Event Grid sends an Entra token with every
// delivery. The deploying account needs the right to register applications and to assign their roles (docs/deploy.md).
// Without that right, ENTRA_DELIVERY=false leaves this out, and only the shared key is checked.
extension microsoftGraphV1

@description('Ends every name, so that it is unique.')
@minLength(13)
param token string

@description('The object id of the deploying person or workflow: the writer of a protected subscription needs the role too.')
param operatorPrincipalId string

@description('The application id of Event Grid, which differs in national clouds.')
param eventGridAppId string

var roleId = guid('AzureEventGridSecureWebhookSubscriber', token)

resource webhook 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: 'ringward-${token}'
  displayName: 'Ringward incoming calls (${token})'
  description: 'Stands for the incoming-call route of Ringward. It has no credentials and signs in nowhere.'
  signInAudience: 'AzureADMyOrg'
  api: {
    requestedAccessTokenVersion: 2
  }
  appRoles: [
    {
      id: roleId
      value: 'AzureEventGridSecureWebhookSubscriber'
      displayName: 'AzureEventGridSecureWebhookSubscriber'
      description: 'May deliver events to the incoming-call route, or make a subscription that does.'
      allowedMemberTypes: [
        'Application'
        'User'
      ]
      isEnabled: true
    }
  ]
}

resource webhookPrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: webhook.appId
  appRoleAssignmentRequired: true
}

resource eventGrid 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: eventGridAppId
}

resource eventGridDelivers 'Microsoft.Graph/appRoleAssignedTo@v1.0' = {
  appRoleId: roleId
  principalId: eventGrid.id
  resourceId: webhookPrincipal.id
}

resource operatorSubscribes 'Microsoft.Graph/appRoleAssignedTo@v1.0' = {
  appRoleId: roleId
  principalId: operatorPrincipalId
  resourceId: webhookPrincipal.id
}

@description('The client id of the app registration: the audience of the tokens of Event Grid.')
output audience string = webhook.appId
