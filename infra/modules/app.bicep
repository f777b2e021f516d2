// The function app on Flex Consumption, with every setting it reads. docs/operations.md says what each means,
// docs/infrastructure.md why it has this value here.

@description('Name of the function app.')
param name string

@description('Name of its plan.')
param planName string

@description('Where both are made.')
param location string

@description('Tags of the plan.')
param tags object

@description('Id of the app\'s identity.')
param identityId string

@description('Client id of the app\'s identity.')
param identityClientId string

@description('Blob endpoint of the storage account.')
param blobEndpoint string

@description('Queue endpoint of the storage account.')
param queueEndpoint string

@description('Table endpoint of the storage account.')
param tableEndpoint string

@description('Connection string of Application Insights. It holds no secret: local authentication is off there.')
param connectionString string

@description('Id of the subnet the app goes out through; empty for none.')
param subnetId string

@description('How events arrive: pushed to the function, or put on the queue.')
@allowed([
  'function'
  'queue'
])
param delivery string

@description('Python version.')
@allowed([
  '3.11'
  '3.12'
  '3.13'
])
param pythonVersion string

@description('Memory of an instance.')
@allowed([
  512
  2048
  4096
])
param instanceMemoryMB int

@description('How many instances there may be at most.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int

@description('How many instances are kept ready for events; 0 lets the app scale to nothing.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int

@description('Spreads instances over the zones of the region, where it has zones.')
param zoneRedundant bool

@description('RESPONDER_MODE.')
@allowed([
  'observe'
  'enforce'
])
param mode string

@description('RESPONDER_SWEEP: six NCRONTAB fields.')
param sweep string

@description('RESPONDER_LEASE: ISO 8601.')
param lease string

@description('RESPONDER_RETENTION: ISO 8601.')
param retention string

@description('RESPONDER_BACKFILL_EVERY: ISO 8601.')
param backfillEvery string

@description('RESPONDER_EVENT_SAMPLING: from 0 to 1.')
param eventSampling string

@description('RESPONDER_OUTCOME_TOPIC; empty for none.')
param outcomeTopicEndpoint string

@description('OTEL_EXPORTER_OTLP_ENDPOINT; empty for none.')
param otlpEndpoint string

var facts = loadJsonContent('../deploy.json')
var eventFunction = delivery == 'queue' ? facts.events.queueFunction : facts.events.function
var alwaysReady = [
  {
    name: 'function:${eventFunction}'
    instanceCount: alwaysReadyInstances
  }
]
var settings = {
  AzureWebJobsStorage__blobServiceUri: blobEndpoint
  AzureWebJobsStorage__queueServiceUri: queueEndpoint
  AzureWebJobsStorage__tableServiceUri: tableEndpoint
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AZURE_CLIENT_ID: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: connectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  RESPONDER_RULES: 'rules.yaml'
  RESPONDER_MODE: mode
  RESPONDER_ARM_ENDPOINT: environment().resourceManager
  RESPONDER_SWEEP: sweep
  RESPONDER_LEASE: lease
  RESPONDER_RETENTION: retention
  RESPONDER_BACKFILL_EVERY: backfillEvery
  RESPONDER_DEAD_LETTERS: facts.events.deadLetterContainer
  RESPONDER_OWN_SCOPES: resourceGroup().id
  RESPONDER_EVENT_SAMPLING: eventSampling
}
var outcomeSettings = {
  RESPONDER_OUTCOME_TOPIC: outcomeTopicEndpoint
}
var collectorSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf'
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  // checkov:skip=CKV_AZURE_225: a parameter: not every region has zones, and what a lost zone did not do is done again
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  // checkov:skip=CKV_AZURE_222: Event Grid pushes from outside; with private networking all traffic is denied below
  // checkov:skip=CKV_AZURE_17: Event Grid shows no client certificate, and nothing else calls the app
  // checkov:skip=CKV_AZURE_212: an app that nothing happens to may scale to nothing; alwaysReadyInstances is a parameter
  // checkov:skip=CKV_AZURE_78: Flex Consumption has no FTP, and refuses ftpsState; its credentials are off below
  // checkov:skip=CKV_AZURE_213: Flex Consumption has no health check: the platform watches its instances
  name: name
  location: location
  // azd finds the app by this tag.
  tags: union(tags, { 'azd-service-name': 'responder' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${blobEndpoint}${facts.storage.packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: pythonVersion
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances > 0 ? alwaysReady : []
      }
    }
    // Flex Consumption refuses what it has no use for, FtpsState and LinuxFxVersion among it: "site configuration
    // properties … for Flex Consumption sites is invalid" (github.com/Azure/azure-cli/issues/31414).
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      remoteDebuggingEnabled: false
      // With private networking nothing is to reach the functions from outside: Event Grid fills a queue instead.
      // Deployments go another way (scm), with a token.
      ipSecurityRestrictionsDefaultAction: empty(subnetId) ? 'Allow' : 'Deny'
      scmIpSecurityRestrictionsDefaultAction: 'Allow'
      scmIpSecurityRestrictionsUseMain: false
    }
  }
}

resource appSettings 'Microsoft.Web/sites/config@2024-04-01' = {
  // These look for keys of the configuration named web; this one is named appsettings.
  // checkov:skip=CKV_AZURE_13: no person signs in here; Event Grid shows the system key
  // checkov:skip=CKV_AZURE_63: no configuration named web
  // checkov:skip=CKV_AZURE_65: no configuration named web
  // checkov:skip=CKV_AZURE_66: no configuration named web
  // checkov:skip=CKV_AZURE_80: no .NET here
  // checkov:skip=CKV_AZURE_88: Flex Consumption reads its package from a blob, by identity
  // checkov:skip=CKV_AZURE_222: said of the app itself above
  parent: app
  name: 'appsettings'
  properties: union(settings, empty(outcomeTopicEndpoint) ? {} : outcomeSettings, empty(otlpEndpoint) ? {} : collectorSettings)
}

resource ftpCredentials 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource scmCredentials 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

output name string = app.name
output id string = app.id
output uri string = 'https://${app.properties.defaultHostName}'
