// Everything the responder needs inside one resource group. `azd up` deploys it and needs rights in that group only
// (Owner, or Contributor with Role Based Access Control Administrator: it assigns roles inside the group).
//
// What needs rights above the group (the custom role, its assignments, the system topic) is scope/, which somebody who
// has them runs once. The event subscription is events.bicep, after the code is deployed. README.md tells the order.
targetScope = 'resourceGroup'

@description('Name of the azd environment; part of every resource\'s name.')
@minLength(1)
@maxLength(40)
param environmentName string

@description('Region of all resources; empty for that of the resource group.')
param location string = ''

@description('How Event Grid delivers: function (pushed), or queue. Private networking makes it queue.')
@allowed([
  'function'
  'queue'
])
param delivery string = 'function'

@description('Storage through private endpoints only, no traffic to the functions from outside.')
param privateNetworking bool = false

@description('Address space of the network.')
param addressPrefix string = '10.40.0.0/24'

@description('Addresses of the app\'s subnet, at least /27.')
param appSubnetPrefix string = '10.40.0.0/26'

@description('Addresses of the private endpoints\' subnet, at least /28.')
param endpointSubnetPrefix string = '10.40.0.64/27'

@description('Makes the private DNS zones here; false where a hub\'s policies do.')
param linkDnsZones bool = true

@description('observe opens nothing, whatever the rules say; enforce leaves it to the rules file.')
@allowed([
  'observe'
  'enforce'
])
param mode string = 'observe'

@description('Python version of the app.')
@allowed([
  '3.11'
  '3.12'
  '3.13'
])
param pythonVersion string = '3.11'

@description('Memory of an instance, in MB.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int = 2048

@description('How many instances there may be at most.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('How many instances are kept ready for events; 0 lets the app scale to nothing.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 0

@description('Spreads instances over the zones of the region, where it has zones.')
param zoneRedundant bool = false

@description('RESPONDER_SWEEP: when what stands still is looked for; six NCRONTAB fields.')
param sweep string = '0 * * * * *'

@description('RESPONDER_LEASE: how long a worker may hold a case for one step.')
param lease string = 'PT1M'

@description('RESPONDER_RETENTION: how long what is over is kept.')
param retention string = 'P60D'

@description('RESPONDER_BACKFILL_EVERY: how often present states are compared with what events told.')
param backfillEvery string = 'PT6H'

@description('RESPONDER_EVENT_SAMPLING: the part of the spans of ignored events that is told, from 0 to 1.')
param eventSampling string = '1'

@description('OTEL_EXPORTER_OTLP_ENDPOINT: an OTLP/HTTP collector of your own; empty for none.')
param otlpEndpoint string = ''

@description('Makes a custom topic that outcomes are published to.')
param outcomeEvents bool = false

@description('Principal id of the group (or user, or service principal) that runs the command line; empty for none.')
param operatorPrincipalId string = ''

@description('What kind of principal that is.')
@allowed([
  'Group'
  'User'
  'ServicePrincipal'
])
param operatorPrincipalType string = 'Group'

@description('Makes the alert rules.')
param alerts bool = true

@description('E-mail addresses that alerts go to, separated by commas; empty for none.')
param alertEmails string = ''

@description('Webhook that alerts go to, in the common alert schema; empty for none.')
@secure()
param alertWebhook string = ''

@description('Minutes without a sign of the sweep that wake somebody: at least three ticks of `sweep`.')
@minValue(10)
@maxValue(1440)
param sweepSilentMinutes int = 15

@description('Minutes that a case may be overdue before somebody is woken.')
@minValue(10)
param backlogMinutes int = 30

@description('Hours that a pause may last before there is a ticket.')
@minValue(1)
param pausedHours int = 4

@description('Truncated rounds of one assignment in a day that make a ticket.')
@minValue(1)
param truncatedRounds int = 3

@description('Failures of one job of the sweep within an hour that make a ticket.')
@minValue(1)
param sweepJobFailures int = 3

@description('How the storage account is replicated.')
@allowed([
  'Standard_LRS'
  'Standard_ZRS'
  'Standard_GRS'
  'Standard_GZRS'
])
param storageSku string = 'Standard_LRS'

@description('For how many days deleted blobs and containers can be brought back.')
@minValue(1)
@maxValue(365)
param softDeleteDays int = 7

@description('Keeps a log of who wrote the ledger\'s tables: who approved, paused or resumed, beyond what he says.')
param storageLogs bool = false

@description('For how many days telemetry is kept.')
@minValue(30)
@maxValue(730)
param telemetryRetentionDays int = 90

@description('Gigabytes a day after which the workspace takes no more until the next day; -1 never stops it.')
param telemetryDailyQuotaGb int = -1

@description('What is watched; empty for the app\'s own subscription. Part of the system topic\'s name, because a topic\'s source cannot be changed.')
param watchedScope string = ''

@description('Name of a system topic for these policy states that exists already; empty for one of our own. There is one for each source.')
param systemTopicName string = ''

@description('Resource group of the system topic, where it exists or is to be made; empty for this one.')
param systemTopicResourceGroup string = ''

@description('Tags of every resource, beside the environment\'s name.')
param extraTags object = {}

var abbreviations = loadJsonContent('abbreviations.json')
var region = empty(location) ? resourceGroup().location : location
var resourceToken = toLower(uniqueString(resourceGroup().id, environmentName, region))
var tags = union(extraTags, { 'azd-env-name': environmentName })
var watched = toLower(empty(watchedScope) ? subscription().id : watchedScope)
var topicToken = toLower(uniqueString(resourceGroup().id, environmentName, watched))
var effectiveDelivery = privateNetworking ? 'queue' : delivery

module identity 'modules/identity.bicep' = {
  name: 'identity'
  params: {
    name: '${abbreviations.userAssignedIdentity}${resourceToken}'
    location: region
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    name: '${abbreviations.storageAccount}${resourceToken}'
    location: region
    tags: tags
    sku: storageSku
    privateNetworking: privateNetworking
    softDeleteDays: softDeleteDays
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    workspaceName: '${abbreviations.logAnalytics}${resourceToken}'
    componentName: '${abbreviations.applicationInsights}${resourceToken}'
    location: region
    tags: tags
    retentionDays: telemetryRetentionDays
    dailyQuotaGb: telemetryDailyQuotaGb
  }
}

module storageLog 'modules/storage-logs.bicep' = if (storageLogs) {
  name: 'storage-logs'
  params: {
    storageAccountName: storage.outputs.name
    workspaceId: monitoring.outputs.workspaceId
  }
}

module network 'modules/network.bicep' = if (privateNetworking) {
  name: 'network'
  params: {
    name: '${abbreviations.virtualNetwork}${resourceToken}'
    endpointPrefix: '${abbreviations.privateEndpoint}${resourceToken}'
    location: region
    tags: tags
    addressPrefix: addressPrefix
    appSubnetPrefix: appSubnetPrefix
    endpointSubnetPrefix: endpointSubnetPrefix
    storageAccountId: storage.outputs.id
    linkDnsZones: linkDnsZones
  }
}

module outcomeTopic 'modules/outcome-topic.bicep' = if (outcomeEvents) {
  name: 'outcome-topic'
  params: {
    name: '${abbreviations.customTopic}${resourceToken}'
    location: region
    tags: tags
    principalId: identity.outputs.principalId
  }
}

module roles 'modules/roles.bicep' = {
  name: 'roles'
  params: {
    principalId: identity.outputs.principalId
    storageAccountName: storage.outputs.name
    componentName: monitoring.outputs.componentName
    operatorPrincipalId: operatorPrincipalId
    operatorPrincipalType: operatorPrincipalType
  }
}

module app 'modules/app.bicep' = {
  name: 'app'
  params: {
    name: '${abbreviations.functionApp}${resourceToken}'
    planName: '${abbreviations.plan}${resourceToken}'
    location: region
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    blobEndpoint: storage.outputs.blobEndpoint
    queueEndpoint: storage.outputs.queueEndpoint
    tableEndpoint: storage.outputs.tableEndpoint
    connectionString: monitoring.outputs.connectionString
    subnetId: privateNetworking ? network.outputs.appSubnetId : ''
    delivery: effectiveDelivery
    pythonVersion: pythonVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    zoneRedundant: zoneRedundant
    mode: mode
    sweep: sweep
    lease: lease
    retention: retention
    backfillEvery: backfillEvery
    eventSampling: eventSampling
    outcomeTopicEndpoint: outcomeEvents ? outcomeTopic.outputs.endpoint : ''
    otlpEndpoint: otlpEndpoint
  }
  // The host reads its storage as soon as it starts.
  dependsOn: [
    roles
  ]
}

module actionGroup 'modules/action-group.bicep' = if (alerts) {
  name: 'action-group'
  params: {
    name: '${abbreviations.actionGroup}${resourceToken}'
    tags: tags
    emails: alertEmails
    webhook: alertWebhook
  }
}

module alertRules 'modules/alerts.bicep' = if (alerts) {
  name: 'alerts'
  params: {
    location: region
    tags: tags
    namePrefix: 'responder-${environmentName}'
    applicationInsightsId: monitoring.outputs.componentId
    actionGroupIds: alerts ? [actionGroup.outputs.id] : []
    sweepSilentMinutes: sweepSilentMinutes
    backlogMinutes: backlogMinutes
    pausedHours: pausedHours
    truncatedRounds: truncatedRounds
    sweepJobFailures: sweepJobFailures
  }
}

module workbook 'modules/workbook.bicep' = {
  name: 'workbook'
  params: {
    location: region
    tags: tags
    displayName: 'Azure Policy Responder (${environmentName})'
    applicationInsightsId: monitoring.outputs.componentId
  }
}

// azd keeps every output in the environment, where the hooks find them. None is a secret.
output AZURE_LOCATION string = region
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = resourceGroup().name
output AZURE_FUNCTION_APP_NAME string = app.outputs.name
output AZURE_FUNCTION_APP_URI string = app.outputs.uri
output AZURE_STORAGE_ACCOUNT_NAME string = storage.outputs.name
output AZURE_APPLICATION_INSIGHTS_NAME string = monitoring.outputs.componentName
output RESPONDER_PRINCIPAL_ID string = identity.outputs.principalId
output RESPONDER_IDENTITY_CLIENT_ID string = identity.outputs.clientId
output RESPONDER_EVENTS_GO_TO string = effectiveDelivery
output RESPONDER_TOPIC_NAME string = empty(systemTopicName) ? '${abbreviations.systemTopic}${topicToken}' : systemTopicName
output RESPONDER_TOPIC_GROUP string = empty(systemTopicResourceGroup) ? resourceGroup().name : systemTopicResourceGroup
