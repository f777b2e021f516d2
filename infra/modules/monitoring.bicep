// Application Insights and the workspace behind it. Both refuse keys: telemetry is sent, and read, by identity.

@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Name of the Application Insights component.')
param componentName string

@description('Where both are made.')
param location string

@description('Tags of every resource.')
param tags object

@description('For how many days telemetry is kept.')
@minValue(30)
@maxValue(730)
param retentionDays int

@description('Gigabytes a day after which the workspace takes no more until the next day; -1 never stops it.')
param dailyQuotaGb int

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionDays
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
    }
    workspaceCapping: {
      dailyQuotaGb: dailyQuotaGb
    }
  }
}

// 100: a remediation's trace is told whole. What may be sampled is told by RESPONDER_EVENT_SAMPLING, before it is sent.
resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: componentName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    DisableLocalAuth: true
    IngestionMode: 'LogAnalytics'
    SamplingPercentage: 100
    WorkspaceResourceId: workspace.id
  }
}

output workspaceId string = workspace.id
output componentId string = component.id
output componentName string = component.name
output connectionString string = component.properties.ConnectionString
