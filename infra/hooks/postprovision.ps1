# After `azd provision`: what needs rights above the resource group. It is printed, for somebody who has them; with
# RESPONDER_DEPLOY_SCOPE=true in the azd environment it is run. Run again it changes nothing.
#
# RESPONDER_SCOPE is what is watched: /subscriptions/<id>, or /providers/Microsoft.Management/managementGroups/<name>;
# the app's own subscription where it is not set.
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false  # what az refuses is looked at here
Set-Location (Join-Path $PSScriptRoot '../..')

$scope = if ($env:RESPONDER_SCOPE) { $env:RESPONDER_SCOPE } else { "/subscriptions/$env:AZURE_SUBSCRIPTION_ID" }
$create = if ($env:RESPONDER_SYSTEM_TOPIC) { 'false' } else { 'true' }
$identity = if ($env:RESPONDER_TOPIC_IDENTITY) { $env:RESPONDER_TOPIC_IDENTITY } else { 'true' }
$topicSubscription = if ($env:RESPONDER_SYSTEM_TOPIC_SUBSCRIPTION) { $env:RESPONDER_SYSTEM_TOPIC_SUBSCRIPTION } else { $env:AZURE_SUBSCRIPTION_ID }
$last = $scope.Split('/')[-1]

if ($scope -like '/providers/Microsoft.Management/managementGroups/?*') {
    $where = "mg create --management-group-id $last"
    $template = 'infra/scope/main.bicep'
    $register = "-m $last"
}
elseif ($scope -like '/subscriptions/?*') {
    $where = "sub create --subscription $last"
    $template = 'infra/scope/subscription.bicep'
    $register = "--subscription $last"
    if ($create -eq 'true' -and $last -ne $topicSubscription) {
        Write-Output "Event Grid makes a system topic only in the subscription that is its source. Make a resource group in $last, then:"
        Write-Output "  azd env set RESPONDER_SYSTEM_TOPIC_SUBSCRIPTION $last"
        Write-Output '  azd env set RESPONDER_SYSTEM_TOPIC_RESOURCE_GROUP <that group>'
        Write-Output '  azd provision'
        exit 1
    }
}
else {
    Write-Output "RESPONDER_SCOPE is '$scope'. Write /subscriptions/<id>, or"
    Write-Output '/providers/Microsoft.Management/managementGroups/<name>: azd env set RESPONDER_SCOPE <scope>'
    exit 1
}

# None of their words has a space in it.
$parameters = "principalId=$env:RESPONDER_PRINCIPAL_ID appSubscriptionId=$env:AZURE_SUBSCRIPTION_ID " +
    "appResourceGroup=$env:AZURE_RESOURCE_GROUP systemTopicName=$env:RESPONDER_TOPIC_NAME createSystemTopic=$create topicIdentity=$identity " +
    "topicSubscriptionId=$topicSubscription topicResourceGroup=$env:RESPONDER_TOPIC_GROUP"
$commands = @(
    "provider register --namespace Microsoft.PolicyInsights $register"
    "provider register --namespace Microsoft.EventGrid $register"
    ("deployment $where --location $env:AZURE_LOCATION --name responder-scope-$env:AZURE_LOCATION " +
        "--template-file $template --parameters $parameters")
)

if ($env:RESPONDER_DEPLOY_SCOPE -eq 'true') {
    Write-Output "Giving the app its role at $scope, and making the system topic there:"
    foreach ($command in $commands) {
        Write-Output "  az $command"
        $words = $command.Split(' ')
        az @words --only-show-errors --output none
        if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
    }
    exit 0
}

Write-Output ''
Write-Output "The app's resource group stands. Above it the app needs, once: its role at $scope,"
if ($create -eq 'true') {
    Write-Output "and the system topic $env:RESPONDER_TOPIC_NAME for the policy states there."
}
else {
    Write-Output "and a system-assigned identity of the system topic $env:RESPONDER_TOPIC_NAME."
}
Write-Output 'Somebody who is Owner there, or has the rights that infra/README.md lists, runs, here:'
Write-Output ''
foreach ($command in $commands) { Write-Output "  az $command" }
Write-Output ''
Write-Output 'Or, if you are that somebody: azd env set RESPONDER_DEPLOY_SCOPE true, then azd hooks run postprovision.'
Write-Output 'Afterwards: azd deploy, which subscribes the app to the events.'
