// Lets Communication Services use an Azure AI services resource: for text-to-speech, speech recognition and transcription.
// Deployed into the resource group of that resource.

@description('The name of the AI services resource.')
param name string

@description('The object id of the identity of the Communication Services resource.')
param communicationPrincipalId string

var cognitiveServicesUser = subscriptionResourceId(
  'Microsoft.Authorization/roleDefinitions',
  'a97b65f3-24c7-4388-baec-2e87135dc908'
)

resource aiServices 'Microsoft.CognitiveServices/accounts@2025-06-01' existing = {
  name: name
}

resource communicationUsesIt 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(aiServices.id, communicationPrincipalId, cognitiveServicesUser)
  scope: aiServices
  properties: {
    principalId: communicationPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: cognitiveServicesUser
  }
}
