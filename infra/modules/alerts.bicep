// What somebody should be told of. docs/operations.md says what to do about each.

@description('Where the rules live.')
param location string

@description('Ends every name, so that it is like no other.')
param token string

@description('Tags of every resource.')
param tags object

@description('The ARM id of the workspace that the logs are in.')
param workspaceId string

@description('The ARM id of the system topic of incoming calls.')
param systemTopicId string

@description('Who is told, by mail; empty: the alerts are raised and nobody is told.')
param alertEmail string

@description('How many refusals for one reason within a quarter of an hour are more than the noise of the internet.')
@minValue(1)
param refusalThreshold int

var deliveries = loadTextContent('../monitoring/deliveries.kql')
var notes = loadTextContent('../monitoring/notes.kql')

// Logs. A rule fires for each reason by itself, so that the alert names it.
var logRules = [
  {
    name: 'refusals'
    title: 'Many deliveries are refused for one reason'
    severity: 2
    window: 'PT15M'
    asks: deliveries
    query: '| where Verdict == \'rejected\' | summarize Count = count() by Reason, Provider'
    threshold: refusalThreshold
    dimensions: ['Reason', 'Provider']
  }
  {
    name: 'unavailable'
    title: 'Deliveries are turned away: keys, vault or ledger are out, or a handler takes too long'
    severity: 1
    window: 'PT5M'
    asks: deliveries
    query: '| where Status in (503, 504) and Reason !in (\'delivery-in-progress\', \'callback-unsigned\', \'callback-key-unconfirmed\', \'token-key-unconfirmed\') | summarize Count = count() by Reason, Provider'
    threshold: 1
    dimensions: ['Reason', 'Provider']
  }
  {
    name: 'key-age'
    title: 'The keys of an issuer have not been fetched for an hour'
    severity: 2
    window: 'PT15M'
    asks: deliveries
    query: '| summarize Count = countif(KeyAgeSeconds > 3600) by Provider'
    threshold: 1
    dimensions: ['Provider']
  }
  {
    name: 'failures'
    title: 'Genuine deliveries fail, in a handler or in Ringward itself'
    severity: 2
    window: 'PT15M'
    asks: deliveries
    query: '| where Status == 500 | summarize Count = count() by Reason, Provider'
    threshold: 1
    dimensions: ['Reason', 'Provider']
  }
  {
    name: 'outage'
    title: 'Ringward rides out an outage of keys, vault or ledger'
    severity: 2
    window: 'PT15M'
    asks: notes
    query: '| where Event in (\'keys-refresh-failed\', \'secret-refresh-failed\', \'ledger-unavailable\') | summarize Count = count() by Event, About'
    threshold: 3
    dimensions: ['Event', 'About']
  }
]

// What Event Grid gave up on: a call that rang and that nobody heard of.
var missedCalls = ['DroppedEventCount', 'DeadLetteredCount']

resource mail 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(alertEmail)) {
  name: 'ag-${token}'
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'ringward'
    emailReceivers: [
      {
        name: 'operator'
        emailAddress: alertEmail
        useCommonAlertSchema: true
      }
    ]
  }
}

resource onLogs 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in logRules: {
    name: 'alert-${rule.name}-${token}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'Ringward: ${rule.title}'
      description: 'docs/operations.md says what to do.'
      enabled: true
      severity: rule.severity
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: rule.window
      autoMitigate: true
      // The tables of a new workspace are there only once something has been logged.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: '${rule.asks}${rule.query}'
            metricMeasureColumn: 'Count'
            timeAggregation: 'Total'
            operator: 'GreaterThanOrEqual'
            threshold: rule.threshold
            dimensions: map(rule.dimensions, dimension => {
              name: dimension
              operator: 'Include'
              values: ['*']
            })
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: empty(alertEmail) ? [] : [mail.id]
      }
    }
  }
]

resource onMissedCalls 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for metric in missedCalls: {
    name: 'alert-${metric}-${token}'
    location: 'global'
    tags: tags
    properties: {
      description: 'Ringward: Event Grid gave up on an incoming call. docs/operations.md says what to do.'
      enabled: true
      severity: 1
      scopes: [systemTopicId]
      evaluationFrequency: 'PT1M'
      windowSize: 'PT5M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: metric
            metricNamespace: 'Microsoft.EventGrid/systemTopics'
            metricName: metric
            timeAggregation: 'Total'
            operator: 'GreaterThan'
            threshold: 0
          }
        ]
      }
      actions: empty(alertEmail) ? [] : [{ actionGroupId: mail.id }]
    }
  }
]
