// The page of an operator: deliveries, refusals with their reasons, and durations.

@description('Where the workbook lives.')
param location string

@description('Ends every name, so that it is unique.')
@minLength(13)
param token string

@description('Tags of every resource.')
param tags { *: string }

@description('The ARM id of the workspace that the logs are in.')
param workspaceId string

@description('The ARM id of the system topic of incoming calls; empty where there is none.')
param systemTopicId string

// In a string of JSON the end of a line is \n; the two queries hold nothing else that JSON would have escaped.
var deliveries = replace(loadTextContent('../monitoring/deliveries.kql'), '\n', '\\n')
var notes = replace(loadTextContent('../monitoring/notes.kql'), '\n', '\\n')
var page = replace(
  replace(loadTextContent('../monitoring/workbook.json'), '<deliveries>', deliveries),
  '<notes>',
  notes
)

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid('ringward-workbook', token)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    category: 'workbook'
    displayName: 'Ringward'
    serializedData: replace(page, '<system topic>', systemTopicId)
    sourceId: workspaceId
    version: '1.0'
  }
}
