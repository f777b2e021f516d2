// The event subscription: from the system topic of Azure Policy's states to the app.
//
// Deployed last, into the system topic's resource group, by hooks/postdeploy: Event Grid wants to see the function
// that it is to call, and that exists only when the code is deployed. No key is written anywhere: a function is named
// by its resource id, a queue and the dead letters are reached with the topic's own identity. Deployed again it
// changes nothing.
//
//   az deployment group create -g <the topic's resource group> -f infra/events.bicep -p systemTopicName=… …
targetScope = 'resourceGroup'

@description('Name of the system topic, in the resource group that this is deployed to. It needs a system-assigned identity.')
param systemTopicName string

@description('Subscription of the app.')
param appSubscriptionId string = subscription().subscriptionId

@description('Resource group of the app.')
param appResourceGroup string = resourceGroup().name

@description('Name of the function app.')
param functionAppName string

@description('Name of the app\'s storage account.')
param storageAccountName string

@description('Pushed to the function, or put on the queue responder-events.')
@allowed([
  'function'
  'queue'
])
param delivery string = 'function'

@description('Whether the topic has an identity. Without one there are no dead letters, and delivery is to the function.')
param topicIdentity bool = true

@description('How events are written. The app reads both.')
@allowed([
  'EventGridSchema'
  'CloudEventSchemaV1_0'
])
param eventSchema string = 'EventGridSchema'

@description('Delivers only what became non-compliant: fewer invocations, and verifications that wait for their first look.')
param onlyNonCompliant bool = false

@description('Delivers only events of resources whose id begins with this; empty for all.')
param subjectBeginsWith string = ''

@description('How often a delivery is tried.')
@minValue(1)
@maxValue(30)
param maxDeliveryAttempts int = 30

@description('For how many minutes it is tried.')
@minValue(1)
@maxValue(1440)
param eventTimeToLiveInMinutes int = 1440

var facts = loadJsonContent('deploy.json')
var functionAppId = resourceId(appSubscriptionId, appResourceGroup, 'Microsoft.Web/sites', functionAppName)
var storageAccountId = resourceId(appSubscriptionId, appResourceGroup, 'Microsoft.Storage/storageAccounts', storageAccountName)
var ownIdentity = {
  type: 'SystemAssigned'
}
// learn.microsoft.com/azure/templates/microsoft.eventgrid/systemtopics/eventsubscriptions
var functionDelivery = {
  destination: {
    endpointType: 'AzureFunction'
    properties: {
      resourceId: '${functionAppId}/functions/${facts.events.function}'
      maxEventsPerBatch: 1
      preferredBatchSizeInKilobytes: 64
    }
  }
}
var queueDelivery = {
  deliveryWithResourceIdentity: {
    identity: ownIdentity
    destination: {
      endpointType: 'StorageQueue'
      properties: {
        resourceId: storageAccountId
        queueName: facts.events.queue
        // Never: what the app did not take in a week must not vanish without a word.
        queueMessageTimeToLiveInSeconds: -1
      }
    }
  }
}
var subscriptionProperties = {
  eventDeliverySchema: eventSchema
  filter: {
    includedEventTypes: facts.events.includedEventTypes
    subjectBeginsWith: subjectBeginsWith
    isSubjectCaseSensitive: false
    advancedFilters: onlyNonCompliant ? [facts.events.onlyNonCompliantFilter] : []
  }
  retryPolicy: {
    maxDeliveryAttempts: maxDeliveryAttempts
    eventTimeToLiveInMinutes: eventTimeToLiveInMinutes
  }
}
var deadLetters = {
  deadLetterWithResourceIdentity: {
    identity: ownIdentity
    deadLetterDestination: {
      endpointType: 'StorageBlob'
      properties: {
        resourceId: storageAccountId
        blobContainerName: facts.events.deadLetterContainer
      }
    }
  }
}

resource systemTopic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: systemTopicName
}

module deliveryRoles 'modules/delivery-roles.bicep' = if (topicIdentity) {
  name: 'responder-delivery-roles'
  scope: resourceGroup(appSubscriptionId, appResourceGroup)
  params: {
    systemTopicId: systemTopic.id
    // Asked for even where the condition is false, were it not written so.
    principalId: topicIdentity ? systemTopic.identity.principalId : ''
    storageAccountName: storageAccountName
    toQueue: delivery == 'queue'
  }
}

resource eventSubscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: systemTopic
  name: functionAppName
  properties: union(subscriptionProperties, delivery == 'queue' ? queueDelivery : functionDelivery, topicIdentity ? deadLetters : {})
  dependsOn: [
    deliveryRoles
  ]
}

output AZURE_EVENT_SUBSCRIPTION_ID string = eventSubscription.id
