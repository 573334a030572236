// What Ringward needs of a Communication Services resource, new or existing: its endpoint, its immutable id, the right to
// answer its calls, and the system topic of its events. Deployed into the resource group of that resource.

@description('The name of the Communication Services resource.')
param name string

@description('Ends every name, so that it is unique.')
@minLength(13)
param token string

@description('Tags of every resource.')
param tags { *: string }

@description('The object id of the identity of the app.')
param appPrincipalId string

@description('Whether the app answers and places calls.')
param answersCalls bool

@description('Whether it has an identity of its own, whose object id is asked for.')
param hasIdentity bool

@description('Whether to make the system topic of its events. A resource can have only one.')
param makesSystemTopic bool

// Communication Services ignores custom roles; this is the narrowest of the built-in ones.
var communicationOwner = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  '09976791-48a7-449e-bb21-39d1a415f350'
)

resource communication 'Microsoft.Communication/communicationServices@2025-05-01' existing = {
  name: name
}

resource appAnswersCalls 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (answersCalls) {
  name: guid(communication.id, appPrincipalId, communicationOwner)
  scope: communication
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: communicationOwner
  }
}

resource systemTopic 'Microsoft.EventGrid/systemTopics@2025-02-15' = if (makesSystemTopic) {
  name: 'evgt-${token}'
  location: 'global'
  tags: tags
  properties: {
    source: communication.id
    topicType: 'Microsoft.Communication.CommunicationServices'
  }
}

@description('The ARM id of the resource: the topic of its events.')
output id string = communication.id

@description('The object id of its identity; empty where nobody asks.')
output principalId string = hasIdentity ? communication.identity!.principalId : ''

@description('The audience of the tokens that Call Automation sends.')
output immutableResourceId string = communication.properties.immutableResourceId

@description('Where calls are answered.')
output endpoint string = 'https://${communication.properties.hostName}'

@description('The ARM id of the system topic; empty where none was made.')
output systemTopicId string = makesSystemTopic ? systemTopic.id : ''
