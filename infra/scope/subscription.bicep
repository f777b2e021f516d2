// What needs rights at a subscription: the custom role, its assignment to the app's identity, and the system topic of
// the subscription's policy states. Somebody who has them runs it once, after the app's resource group is provisioned;
// run again it changes nothing. hooks/postprovision prints the command.
//
//   az deployment sub create --subscription <the one to watch> --location <region> -f infra/scope/subscription.bicep -p …
//
// Rights: Owner of the subscription; or User Access Administrator there with Microsoft.Resources/deployments/*,
// Microsoft.PolicyInsights/eventGridFilters/* and */register/action. EventGrid Contributor at the topic's resource group.
// Providers, once: az provider register -n Microsoft.PolicyInsights, and Microsoft.EventGrid likewise.
targetScope = 'subscription'

@description('Principal id of the app\'s identity: RESPONDER_PRINCIPAL_ID of the azd environment.')
param principalId string

@description('Subscription of the app.')
param appSubscriptionId string = subscription().subscriptionId

@description('Resource group of the app.')
param appResourceGroup string

@description('Subscription of the system topic. Event Grid makes a topic only in its source\'s subscription.')
param topicSubscriptionId string = appSubscriptionId

@description('Resource group of the system topic.')
param topicResourceGroup string = appResourceGroup

@description('Name of the system topic that is made there.')
param systemTopicName string

@description('Gives the system topic an identity. False only where Azure refuses one: no dead letters then, and no queue.')
param topicIdentity bool = true

@description('Makes the system topic. False where the subscription has one already: there is one for each source.')
param createSystemTopic bool = true

@description('Name of the custom role; names are unique in a tenant.')
param roleName string = 'Azure Policy Responder (${subscription().subscriptionId})'

@description('Tags of the system topic.')
param tags object = {}

var facts = loadJsonContent('../deploy.json')
// Twelve, each with its reason in deploy.json; nothing that deploys, changes a policy or gives a right.
var actions = [for action in facts.customRole.actions: action.name]

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, roleName)
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
      subscription().id
    ]
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, principalId, role.id)
  properties: {
    roleDefinitionId: role.id
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

module systemTopic 'modules/system-topic.bicep' = if (createSystemTopic) {
  name: 'responder-system-topic'
  scope: resourceGroup(topicSubscriptionId, topicResourceGroup)
  params: {
    name: systemTopicName
    source: subscription().id
    withIdentity: topicIdentity
    tags: tags
  }
}

output roleDefinitionId string = role.id
