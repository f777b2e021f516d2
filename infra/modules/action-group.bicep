// Who is told of an alert: addresses, and a webhook for a paging or ticket system.

@description('Name of the action group.')
param name string

@description('Tags of every resource.')
param tags object

@description('E-mail addresses, separated by commas; empty for none.')
param emails string

@description('Address of a webhook that takes Azure Monitor\'s common alert schema; empty for none.')
@secure()
param webhook string

var addresses = empty(emails) ? [] : split(replace(emails, ' ', ''), ',')

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'responder'
    enabled: true
    emailReceivers: [for (address, position) in addresses: {
      name: 'email-${position}'
      emailAddress: address
      useCommonAlertSchema: true
    }]
    webhookReceivers: empty(webhook) ? [] : [
      {
        name: 'webhook'
        serviceUri: webhook
        useCommonAlertSchema: true
      }
    ]
  }
}

output id string = actionGroup.id
