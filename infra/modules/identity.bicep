// The app's identity. User-assigned, so that its rights outlive the app and can be given before the app runs.

@description('Name of the identity.')
param name string

@description('Where it is made.')
param location string

@description('Tags of every resource.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
  tags: tags
}

output id string = identity.id
output principalId string = identity.properties.principalId
output clientId string = identity.properties.clientId
