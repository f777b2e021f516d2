// Alert rules: one query in ../alerts for each, what they have in common here, what is special in ../alerts/alerts.json.
// Severity 0 and 1 page somebody; severity 3 is a ticket, one for each combination of its dimensions.
// Their scope is the component, so they use its own tables (traces, customMetrics, …), which workspace-based components keep:
// https://learn.microsoft.com/azure/azure-monitor/app/convert-classic-resource#understand-log-queries
// Every rule resolves by itself when its query finds nothing any more, and fires again only after that.

@description('Region of the rules: that of the Application Insights component.')
param location string

@description('Tags of the rules.')
param tags object = {}

@description('What the names of the rules begin with.')
@minLength(1)
param namePrefix string

@description('Resource id of the Application Insights component that the app sends to.')
param applicationInsightsId string

@description('Resource ids of the action groups that pages go to. Without any the rules fire silently.')
param actionGroupIds array = []

@description('Resource ids of the action groups that tickets go to.')
param ticketActionGroupIds array = actionGroupIds

@description('Where the page is that says what each alert means and what to do.')
param runbook string = 'docs/operations.md'

@description('Minutes without any job of the sweep that count as silence: at least three ticks of RESPONDER_SWEEP.')
@minValue(10)
@maxValue(1440)
param sweepSilentMinutes int = 15

@description('Minutes that a case may be overdue.')
@minValue(10)
param backlogMinutes int = 30

@description('Hours that a pause may last.')
@minValue(1)
param pausedHours int = 4

@description('Truncated rounds of one assignment in a day that are too many.')
@minValue(1)
param truncatedRounds int = 3

@description('Failures of one job of the sweep within an hour that are too many.')
@minValue(1)
param sweepJobFailures int = 3

var alerts = loadJsonContent('../alerts/alerts.json')

var queries = {
  'outside-the-plan': loadTextContent('../alerts/outside-the-plan.kql')
  'sweep-silent': replace(loadTextContent('../alerts/sweep-silent.kql'), '15m', '${sweepSilentMinutes}m')
  'events-stopped': loadTextContent('../alerts/events-stopped.kql')
  backlog: replace(loadTextContent('../alerts/backlog.kql'), 'let minutes = 30;', 'let minutes = ${backlogMinutes};')
  'dead-letters-growing': loadTextContent('../alerts/dead-letters-growing.kql')
  'poison-growing': loadTextContent('../alerts/poison-growing.kql')
  'breaker-open': loadTextContent('../alerts/breaker-open.kql')
  'given-up': loadTextContent('../alerts/given-up.kql')
  refused: loadTextContent('../alerts/refused.kql')
  denied: loadTextContent('../alerts/denied.kql')
  ineffective: loadTextContent('../alerts/ineffective.kql')
  contested: loadTextContent('../alerts/contested.kql')
  truncated: replace(loadTextContent('../alerts/truncated.kql'), 'let rounds = 3;', 'let rounds = ${truncatedRounds};')
  'paused-long': replace(loadTextContent('../alerts/paused-long.kql'), 'let hours = 4;', 'let hours = ${pausedHours};')
  rejections: loadTextContent('../alerts/rejections.kql')
  'sweep-job-failed': replace(loadTextContent('../alerts/sweep-job-failed.kql'), 'let failures = 3;', 'let failures = ${sweepJobFailures};')
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [for alert in alerts: {
  name: '${namePrefix}-${alert.name}'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: alert.title
    description: '${alert.description} What to do: ${runbook}#alert-${alert.name}'
    severity: alert.severity
    enabled: true
    scopes: [
      applicationInsightsId
    ]
    evaluationFrequency: alert.frequency
    windowSize: alert.window
    criteria: {
      allOf: [
        {
          query: queries[alert.name]
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: [for dimension in alert.dimensions: {
            name: dimension
            operator: 'Include'
            values: [
              '*'
            ]
          }]
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    // A new component has no tables until the app has sent something, and Azure refuses a query of a table that it
    // does not know yet. The queries are checked before: `make test` parses and runs each of them.
    skipQueryValidation: true
    autoMitigate: true
    actions: {
      actionGroups: alert.severity < 2 ? actionGroupIds : ticketActionGroupIds
    }
  }
}]

output ruleNames array = [for (alert, index) in alerts: rules[index].name]
