// The workbook: what came in, what was decided, done and verified, on one page. Its content is ../workbook/workbook.json.

@description('Region of the workbook: that of the Application Insights component.')
param location string

@description('Tags of the workbook.')
param tags object = {}

@description('What the workbook is called in the gallery.')
@minLength(1)
param displayName string

@description('Resource id of the Application Insights component that the app sends to.')
param applicationInsightsId string

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(applicationInsightsId, 'azure-policy-responder')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    category: 'workbook'
    displayName: displayName
    // From a pin or a shared link the portal opens it without a resource: then these are what its queries are about.
    serializedData: replace(loadTextContent('../workbook/workbook.json'), '"fallbackResourceIds": []', '"fallbackResourceIds": ["${applicationInsightsId}"]')
    sourceId: toLower(applicationInsightsId)
    version: 'Notebook/1.0'
  }
}

output workbookId string = workbook.id
