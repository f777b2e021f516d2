// Private networking: the app goes out through its own subnet and reaches storage through private endpoints only.
//
// A landing zone that keeps its private DNS zones in a hub names `linkDnsZones: false` and lets its policies do that.

@description('Name of the virtual network.')
param name string

@description('What the names of private endpoints begin with.')
param endpointPrefix string

@description('Where everything is made.')
param location string

@description('Tags of every resource.')
param tags object

@description('Address space of the network, such as 10.40.0.0/24.')
param addressPrefix string

@description('Addresses of the app\'s subnet, at least /27.')
param appSubnetPrefix string

@description('Addresses of the private endpoints\' subnet, at least /28.')
param endpointSubnetPrefix string

@description('Id of the storage account.')
param storageAccountId string

@description('Makes the private DNS zones and links them to the network; off where a hub does.')
param linkDnsZones bool

var services = [
  'blob'
  'queue'
  'table'
]

resource securityGroup 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: '${name}-nsg'
  location: location
  tags: tags
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        addressPrefix
      ]
    }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: appSubnetPrefix
          networkSecurityGroup: {
            id: securityGroup.id
          }
          delegations: [
            {
              name: 'flex-consumption'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: endpointSubnetPrefix
          networkSecurityGroup: {
            id: securityGroup.id
          }
          privateEndpointNetworkPolicies: 'Enabled'
        }
      }
    ]
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [for service in services: if (linkDnsZones) {
  name: 'privatelink.${service}.${environment().suffixes.storage}'
  location: 'global'
  tags: tags
}]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [for (service, position) in services: if (linkDnsZones) {
  parent: zones[position]
  name: 'responder'
  location: 'global'
  tags: tags
  properties: {
    registrationEnabled: false
    virtualNetwork: {
      id: network.id
    }
  }
}]

resource endpoints 'Microsoft.Network/privateEndpoints@2024-05-01' = [for service in services: {
  name: '${endpointPrefix}-${service}'
  location: location
  tags: tags
  properties: {
    subnet: {
      id: '${network.id}/subnets/endpoints'
    }
    privateLinkServiceConnections: [
      {
        name: service
        properties: {
          privateLinkServiceId: storageAccountId
          groupIds: [
            service
          ]
        }
      }
    ]
  }
}]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = [for (service, position) in services: if (linkDnsZones) {
  parent: endpoints[position]
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: service
        properties: {
          privateDnsZoneId: zones[position].id
        }
      }
    ]
  }
}]

output appSubnetId string = '${network.id}/subnets/app'
