// The system topic of Azure Policy's states: one for each subscription or management group, in the app's resource
// group. It has an identity of its own, which delivers to the queue and writes dead letters.
//
// Whoever deploys it needs Microsoft.PolicyInsights/eventGridFilters/* at the source.

@description('Name of the system topic.')
param name string

@description('Id of the subscription, or /tenants/<id>/providers/Microsoft.Management/managementGroups/<name>.')
param source string

@description('Gives the topic an identity of its own. Without one there are no dead letters, and no delivery to the queue.')
param withIdentity bool

@description('Tags of every resource.')
param tags object

var facts = loadJsonContent('../../deploy.json')
var ownIdentity = {
  type: 'SystemAssigned'
}

resource systemTopic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: facts.events.topicLocation
  tags: tags
  identity: withIdentity ? ownIdentity : null
  properties: {
    source: source
    topicType: facts.events.topicType
  }
}

output id string = systemTopic.id
