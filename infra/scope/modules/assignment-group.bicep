// The app's role at one management group, and so at everything below it.
targetScope = 'managementGroup'

@description('Id of the custom role.')
param roleDefinitionId string

@description('Principal id of the app\'s identity.')
param principalId string

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(managementGroup().id, principalId, roleDefinitionId)
  properties: {
    roleDefinitionId: roleDefinitionId
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
