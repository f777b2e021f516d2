#!/bin/sh
# After `azd provision`: what needs rights above the resource group. It is printed, for somebody who has them; with
# RESPONDER_DEPLOY_SCOPE=true in the azd environment it is run. Run again it changes nothing.
#
# RESPONDER_SCOPE is what is watched: /subscriptions/<id>, or /providers/Microsoft.Management/managementGroups/<name>;
# the app's own subscription where it is not set.
set -eu
cd "$(dirname "$0")/../.."

scope=${RESPONDER_SCOPE:-/subscriptions/$AZURE_SUBSCRIPTION_ID}
create=true
[ -z "${RESPONDER_SYSTEM_TOPIC:-}" ] || create=false
identity=${RESPONDER_TOPIC_IDENTITY:-true}
topic_subscription=${RESPONDER_SYSTEM_TOPIC_SUBSCRIPTION:-$AZURE_SUBSCRIPTION_ID}

case "$scope" in
  /providers/Microsoft.Management/managementGroups/?*)
    group=${scope##*/}
    where="mg create --management-group-id $group"
    template=infra/scope/main.bicep
    register="-m $group"
    ;;
  /subscriptions/?*)
    subscription=${scope##*/}
    where="sub create --subscription $subscription"
    template=infra/scope/subscription.bicep
    register="--subscription $subscription"
    if [ "$create" = true ] && [ "$subscription" != "$topic_subscription" ]; then
      echo "Event Grid makes a system topic only in the subscription that is its source. Make a resource group in $subscription, then:" >&2
      echo "  azd env set RESPONDER_SYSTEM_TOPIC_SUBSCRIPTION $subscription" >&2
      echo "  azd env set RESPONDER_SYSTEM_TOPIC_RESOURCE_GROUP <that group>" >&2
      echo "  azd provision" >&2
      exit 1
    fi
    ;;
  *)
    echo "RESPONDER_SCOPE is '$scope'. Write /subscriptions/<id>, or" >&2
    echo "/providers/Microsoft.Management/managementGroups/<name>: azd env set RESPONDER_SCOPE <scope>" >&2
    exit 1
    ;;
esac

commands() {
  cat <<COMMANDS
az provider register --namespace Microsoft.PolicyInsights $register
az provider register --namespace Microsoft.EventGrid $register
az deployment $where --location $AZURE_LOCATION --name responder-scope-$AZURE_LOCATION --template-file $template --parameters principalId=$RESPONDER_PRINCIPAL_ID appSubscriptionId=$AZURE_SUBSCRIPTION_ID appResourceGroup=$AZURE_RESOURCE_GROUP systemTopicName=$RESPONDER_TOPIC_NAME createSystemTopic=$create topicIdentity=$identity topicSubscriptionId=$topic_subscription topicResourceGroup=$RESPONDER_TOPIC_GROUP
COMMANDS
}

if [ "${RESPONDER_DEPLOY_SCOPE:-false}" = true ]; then
  echo "Giving the app its role at $scope, and making the system topic there:"
  commands | while IFS= read -r line; do
    echo "  $line"
    # The words of our own commands: none has a space in it.
    # shellcheck disable=SC2086
    $line --only-show-errors --output none </dev/null
  done
  exit 0
fi

echo
echo "The app's resource group stands. Above it the app needs, once: its role at $scope,"
if [ "$create" = true ]; then
  echo "and the system topic $RESPONDER_TOPIC_NAME for the policy states there."
else
  echo "and a system-assigned identity of the system topic $RESPONDER_TOPIC_NAME."
fi
echo "Somebody who is Owner there, or has the rights that infra/README.md lists, runs, here:"
echo
commands | sed 's/^/  /'
echo
echo "Or, if you are that somebody: azd env set RESPONDER_DEPLOY_SCOPE true, then azd hooks run postprovision."
echo "Afterwards: azd deploy, which subscribes the app to the events."
