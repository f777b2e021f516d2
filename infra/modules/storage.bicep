// The storage account: the ledger, its queues, dead letters and the deployed package. There are no keys that work.
//
// Containers and queues are made here, so that Event Grid finds them. Tables are not: an app that finds no table at
// all begins a ledger that is not paused, and one that finds tables without its switch counts as paused.

@description('Name of the account.')
param name string

@description('Where it is made.')
param location string

@description('Tags of every resource.')
param tags object

@description('How the account is replicated. Standard_ZRS survives a zone, where the region has zones.')
@allowed([
  'Standard_LRS'
  'Standard_ZRS'
  'Standard_GRS'
  'Standard_GZRS'
])
param sku string

@description('Takes requests through private endpoints, and from Event Grid as a trusted service, and from nobody else.')
param privateNetworking bool

@description('For how many days deleted blobs and containers can be brought back.')
@minValue(1)
@maxValue(365)
param softDeleteDays int

var facts = loadJsonContent('../deploy.json')

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  // checkov:skip=CKV_AZURE_206: a parameter: the ledger can be made anew, and not every region has zones
  // checkov:skip=CKV_AZURE_35: denied with private networking; else tokens guard it, and there are no keys
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: sku
  }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: privateNetworking ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: privateNetworking ? 'Deny' : 'Allow'
      bypass: 'AzureServices'
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: {
      enabled: true
      days: softDeleteDays
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: softDeleteDays
    }
  }
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = [for container in facts.storage.containers: {
  parent: blobs
  name: container.name
  properties: {
    publicAccess: 'None'
  }
}]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2023-05-01' = {
  parent: account
  name: 'default'
}

resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = [for queue in facts.storage.queues: {
  parent: queueService
  name: queue.name
}]

output name string = account.name
output id string = account.id
output blobEndpoint string = account.properties.primaryEndpoints.blob
output queueEndpoint string = account.properties.primaryEndpoints.queue
output tableEndpoint string = account.properties.primaryEndpoints.table
