#!/bin/sh
# After `azd deploy`: the event subscription. Event Grid wants to see the function that it is to call, so this cannot
# come earlier. Run again it changes nothing.
#
# Without the system topic nothing is subscribed, and nothing fails: the code is deployed, and the words below say
# what is missing. `python -m responder doctor` looks at all of it.
set -eu
cd "$(dirname "$0")/../.."

if ! command -v az >/dev/null; then
  echo "The event subscription was not made: the Azure CLI (az) is not installed here. Install it, az login, azd deploy." >&2
  exit 1
fi

subscription=${RESPONDER_SYSTEM_TOPIC_SUBSCRIPTION:-$AZURE_SUBSCRIPTION_ID}
if ! az account show --subscription "$subscription" --output none 2>/dev/null; then
  echo "The event subscription was not made: az is not logged in to subscription $subscription. az login, then azd deploy." >&2
  exit 1
fi

identity=$(az resource show --subscription "$subscription" --resource-group "$RESPONDER_TOPIC_GROUP" \
  --resource-type Microsoft.EventGrid/systemTopics --name "$RESPONDER_TOPIC_NAME" \
  --query "identity.principalId || 'none'" --output tsv 2>/dev/null || echo missing)
if [ "$identity" = missing ]; then
  echo
  echo "NO EVENTS YET: the system topic $RESPONDER_TOPIC_NAME is not in resource group $RESPONDER_TOPIC_GROUP, or may"
  echo "not be read by you. The code is deployed. What is missing: infra/scope, run once by somebody with the rights."
  echo "azd hooks run postprovision prints the command; azd deploy afterwards makes the event subscription."
  exit 0
fi
with_identity=${RESPONDER_TOPIC_IDENTITY:-true}
if [ "$with_identity" != true ] && [ "$RESPONDER_EVENTS_GO_TO" = queue ]; then
  echo "Delivery to the queue needs an identity of the system topic, and RESPONDER_TOPIC_IDENTITY is $with_identity." >&2
  exit 1
fi
if [ "$identity" = none ] && [ "$with_identity" = true ]; then
  echo "The system topic $RESPONDER_TOPIC_NAME has no identity, and nothing could be delivered with one. Give it one:" >&2
  echo "  az eventgrid system-topic update --subscription $subscription -g $RESPONDER_TOPIC_GROUP -n $RESPONDER_TOPIC_NAME --identity systemassigned" >&2
  echo "Then: azd deploy. Where Azure refuses it: azd env set RESPONDER_TOPIC_IDENTITY false (no dead letters then)." >&2
  exit 1
fi

subscribe() {
  az deployment group create --subscription "$subscription" --resource-group "$RESPONDER_TOPIC_GROUP" \
    --name "responder-events-$AZURE_ENV_NAME" --template-file infra/events.bicep --only-show-errors --output none \
    --parameters systemTopicName="$RESPONDER_TOPIC_NAME" appSubscriptionId="$AZURE_SUBSCRIPTION_ID" \
    appResourceGroup="$AZURE_RESOURCE_GROUP" functionAppName="$AZURE_FUNCTION_APP_NAME" \
    storageAccountName="$AZURE_STORAGE_ACCOUNT_NAME" delivery="$RESPONDER_EVENTS_GO_TO" topicIdentity="$with_identity" \
    eventSchema="${RESPONDER_EVENT_SCHEMA:-EventGridSchema}" \
    onlyNonCompliant="${RESPONDER_ONLY_NON_COMPLIANT:-false}" \
    subjectBeginsWith="${RESPONDER_SUBJECT_BEGINS_WITH:-}"
}

# A right that was given a moment ago, and a function that was deployed a moment ago, are not seen everywhere at once.
for wait in 30 60 0; do
  if subscribe; then
    echo "Events of $RESPONDER_TOPIC_NAME go to $AZURE_FUNCTION_APP_NAME ($RESPONDER_EVENTS_GO_TO)."
    [ "$with_identity" = true ] || echo "NO DEAD LETTERS: what cannot be delivered is lost; only the backfill finds it."
    exit 0
  fi
  [ "$wait" = 0 ] || { echo "Not yet; once more in $wait seconds."; sleep "$wait"; }
done
echo "The event subscription could not be made; Azure's own words are above. The code is deployed. Mend it, then: azd deploy." >&2
exit 1
