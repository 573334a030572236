// The alerts. docs/operations.md says what to do about each.

@description('Where the rules live.')
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

@description('Whether Event Grid delivers incoming calls here.')
param watchesIncomingCalls bool

@description('The mail address that gets the alerts; empty: alerts are raised and nobody gets a mail.')
param alertEmail string

@description('How many refusals for one reason within a quarter of an hour are more than the noise of the internet.')
@minValue(1)
param refusalThreshold int

@description('How many GB of logs are taken a day; 0 for no cap.')
@minValue(0)
param dailyLogCapGb int

var queries = {
  deliveries: loadTextContent('../monitoring/deliveries.kql')
  notes: loadTextContent('../monitoring/notes.kql')
}

// The rules on logs, which the tests read as well. A rule fires for each combination of its dimensions, so that the alert
// names it. None looks at the status alone: a request of 150 bytes can make the host answer 500 before the app runs.
var logRules = loadJsonContent('../monitoring/alerts.json')

// What only a deployment knows.
var thresholds = {
  refusals: refusalThreshold
  // In MB: four fifths of the cap, or of 1 GB where there is none.
  'log-volume': max(1, dailyLogCapGb) * 800
}

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

resource onLogs 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
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
      evaluationFrequency: rule.frequency
      windowSize: rule.window
      autoMitigate: true
      // The tables of a new workspace are there only once something has been logged.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: '${queries[?rule.base] ?? ''}${rule.query}'
            metricMeasureColumn: 'Count'
            timeAggregation: 'Total'
            operator: 'GreaterThanOrEqual'
            threshold: thresholds[?rule.name] ?? rule.threshold
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

// Event Grid gave up on a call that rang. There is no dead-letter destination, since a late call helps nobody.
resource onMissedCalls 'Microsoft.Insights/metricAlerts@2026-01-01' = if (watchesIncomingCalls) {
  name: 'alert-missed-calls-${token}'
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
          name: 'DroppedEventCount'
          metricNamespace: 'Microsoft.EventGrid/systemTopics'
          metricName: 'DroppedEventCount'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
        }
      ]
    }
    actions: empty(alertEmail) ? [] : [{ actionGroupId: mail.id }]
  }
}
