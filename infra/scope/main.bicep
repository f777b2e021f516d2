// What needs rights at a management group: the custom role, its assignment to the app's identity, and the system topic
// of the group's policy states. Somebody who has them runs it once, after the app's resource group is provisioned;
// run again it changes nothing. hooks/postprovision prints the command.
//
//   az deployment mg create --management-group-id <group> --location <region> -f infra/scope/main.bicep -p …
//
// Rights: Owner of the group; or User Access Administrator there with Microsoft.Resources/deployments/*,
// Microsoft.PolicyInsights/eventGridFilters/* and */register/action. EventGrid Contributor at the topic's resource group.
// Providers, once: az provider register -n Microsoft.PolicyInsights -m <group>, and Microsoft.EventGrid likewise.
targetScope = 'managementGroup'

@description('Principal id of the app\'s identity: RESPONDER_PRINCIPAL_ID of the azd environment.')
param principalId string

@description('Subscription of the app.')
param appSubscriptionId string

@description('Resource group of the app.')
param appResourceGroup string

@description('Subscription of the system topic.')
param topicSubscriptionId string = appSubscriptionId

@description('Resource group of the system topic.')
param topicResourceGroup string = appResourceGroup

@description('Name of the system topic that is made there.')
param systemTopicName string

@description('Gives the system topic an identity. False only where Azure refuses one: no dead letters then, and no queue.')
param topicIdentity bool = true

@description('Makes the system topic. False where the group has one already: there is one for each source.')
param createSystemTopic bool = true

@description('Subscriptions that the app works in; empty, with no groups either, for the whole management group.')
param subscriptionIds array = []

@description('Names of management groups below that the app works in.')
param managementGroupNames array = []

@description('Name of the custom role; names are unique in a tenant.')
param roleName string = 'Azure Policy Responder (${managementGroup().name})'

@description('Tags of the system topic.')
param tags object = {}

var facts = loadJsonContent('../deploy.json')
// Twelve, each with its reason in deploy.json; nothing that deploys, changes a policy or gives a right.
var actions = [for action in facts.customRole.actions: action.name]
var everywhere = empty(subscriptionIds) && empty(managementGroupNames)
var source = '/tenants/${tenant().tenantId}${managementGroup().id}'

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(managementGroup().id, roleName)
  properties: {
    roleName: roleName
    description: facts.customRole.description
    type: 'CustomRole'
    permissions: [
      {
        actions: actions
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
    assignableScopes: [
      managementGroup().id
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (everywhere) {
  name: guid(managementGroup().id, principalId, role.id)
  properties: {
    roleDefinitionId: role.id
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

module inSubscriptions 'modules/assignment-subscription.bicep' = [for subscriptionId in subscriptionIds: {
  name: 'responder-role-${uniqueString(subscriptionId, principalId)}'
  scope: subscription(subscriptionId)
  params: {
    roleDefinitionId: role.id
    principalId: principalId
  }
}]

module inGroups 'modules/assignment-group.bicep' = [for groupName in managementGroupNames: {
  name: 'responder-role-${uniqueString(groupName, principalId)}'
  scope: managementGroup(groupName)
  params: {
    roleDefinitionId: role.id
    principalId: principalId
  }
}]

module systemTopic 'modules/system-topic.bicep' = if (createSystemTopic) {
  name: 'responder-system-topic'
  scope: resourceGroup(topicSubscriptionId, topicResourceGroup)
  params: {
    name: systemTopicName
    source: source
    withIdentity: topicIdentity
    tags: tags
  }
}

output roleDefinitionId string = role.id
