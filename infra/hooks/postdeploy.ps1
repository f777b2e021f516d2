# After `azd deploy`: the event subscription. Event Grid wants to see the function that it is to call, so this cannot
# come earlier. Run again it changes nothing.
#
# Without the system topic nothing is subscribed, and nothing fails: the code is deployed, and the words below say
# what is missing. `python -m responder doctor` looks at all of it.
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false  # what az refuses is looked at here
Set-Location (Join-Path $PSScriptRoot '../..')

if (-not (Get-Command az -ErrorAction SilentlyContinue)) {
    Write-Output 'The event subscription was not made: the Azure CLI (az) is not installed here. Install it, az login, azd deploy.'
    exit 1
}

$subscription = if ($env:RESPONDER_SYSTEM_TOPIC_SUBSCRIPTION) { $env:RESPONDER_SYSTEM_TOPIC_SUBSCRIPTION } else { $env:AZURE_SUBSCRIPTION_ID }
az account show --subscription $subscription --output none 2>$null
if ($LASTEXITCODE -ne 0) {
    Write-Output "The event subscription was not made: az is not logged in to subscription $subscription. az login, then azd deploy."
    exit 1
}

$identity = az resource show --subscription $subscription --resource-group $env:RESPONDER_TOPIC_GROUP `
    --resource-type Microsoft.EventGrid/systemTopics --name $env:RESPONDER_TOPIC_NAME `
    --query 'identity.principalId' --output tsv 2>$null
if ($LASTEXITCODE -ne 0) {
    Write-Output ''
    Write-Output "NO EVENTS YET: the system topic $env:RESPONDER_TOPIC_NAME is not in resource group $env:RESPONDER_TOPIC_GROUP, or may"
    Write-Output 'not be read by you. The code is deployed. What is missing: infra/scope, run once by somebody with the rights.'
    Write-Output 'azd hooks run postprovision prints the command; azd deploy afterwards makes the event subscription.'
    exit 0
}
$withIdentity = if ($env:RESPONDER_TOPIC_IDENTITY) { $env:RESPONDER_TOPIC_IDENTITY } else { 'true' }
if ($withIdentity -ne 'true' -and $env:RESPONDER_EVENTS_GO_TO -eq 'queue') {
    Write-Output "Delivery to the queue needs an identity of the system topic, and RESPONDER_TOPIC_IDENTITY is $withIdentity."
    exit 1
}
if (-not $identity -and $withIdentity -eq 'true') {
    Write-Output "The system topic $env:RESPONDER_TOPIC_NAME has no identity, and nothing could be delivered with one. Give it one:"
    Write-Output "  az eventgrid system-topic update --subscription $subscription -g $env:RESPONDER_TOPIC_GROUP -n $env:RESPONDER_TOPIC_NAME --identity systemassigned"
    Write-Output 'Then: azd deploy. Where Azure refuses it: azd env set RESPONDER_TOPIC_IDENTITY false (no dead letters then).'
    exit 1
}

$schema = if ($env:RESPONDER_EVENT_SCHEMA) { $env:RESPONDER_EVENT_SCHEMA } else { 'EventGridSchema' }
$onlyNonCompliant = if ($env:RESPONDER_ONLY_NON_COMPLIANT) { $env:RESPONDER_ONLY_NON_COMPLIANT } else { 'false' }

# A right that was given a moment ago, and a function that was deployed a moment ago, are not seen everywhere at once.
foreach ($wait in 30, 60, 0) {
    az deployment group create --subscription $subscription --resource-group $env:RESPONDER_TOPIC_GROUP `
        --name "responder-events-$env:AZURE_ENV_NAME" --template-file infra/events.bicep --only-show-errors --output none `
        --parameters "systemTopicName=$env:RESPONDER_TOPIC_NAME" "appSubscriptionId=$env:AZURE_SUBSCRIPTION_ID" `
        "appResourceGroup=$env:AZURE_RESOURCE_GROUP" "functionAppName=$env:AZURE_FUNCTION_APP_NAME" `
        "storageAccountName=$env:AZURE_STORAGE_ACCOUNT_NAME" "delivery=$env:RESPONDER_EVENTS_GO_TO" "topicIdentity=$withIdentity" `
        "eventSchema=$schema" "onlyNonCompliant=$onlyNonCompliant" "subjectBeginsWith=$env:RESPONDER_SUBJECT_BEGINS_WITH"
    if ($LASTEXITCODE -eq 0) {
        Write-Output "Events of $env:RESPONDER_TOPIC_NAME go to $env:AZURE_FUNCTION_APP_NAME ($env:RESPONDER_EVENTS_GO_TO)."
        if ($withIdentity -ne 'true') { Write-Output 'NO DEAD LETTERS: what cannot be delivered is lost; only the backfill finds it.' }
        exit 0
    }
    if ($wait -gt 0) {
        Write-Output "Not yet; once more in $wait seconds."
        Start-Sleep -Seconds $wait
    }
}
Write-Output "The event subscription could not be made; Azure's own words are above. The code is deployed. Mend it, then: azd deploy."
exit 1
