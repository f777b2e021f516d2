// Who wrote the ledger's tables, and who put or took messages. The name in the log of orders is what the command line
// was told; storage's own log has the identity. Every write of the app is in it, too, so it costs what it logs.

@description('Name of the storage account.')
param storageAccountName string

@description('Id of the workspace that takes the logs.')
param workspaceId string

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: storageAccountName
}

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2023-05-01' existing = {
  parent: account
  name: 'default'
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2023-05-01' existing = {
  parent: account
  name: 'default'
}

// A preview by its name only: there is no other version that knows categories.
resource tableWrites 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'responder-writes'
  scope: tableService
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'StorageWrite'
        enabled: true
      }
      {
        category: 'StorageDelete'
        enabled: true
      }
    ]
  }
}

resource queueWrites 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'responder-writes'
  scope: queueService
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'StorageWrite'
        enabled: true
      }
    ]
  }
}
