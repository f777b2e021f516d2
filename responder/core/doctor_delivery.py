"""How events should reach this app, and the commands that make it so.

Deploying the template again replaces what stands under its name, so one command both makes an event subscription and
mends one. Dead letters go by the topic's own identity: the storage account takes no keys.
"""

from dataclasses import dataclass

from responder.core.doctor import AppPlace
from responder.core.event_subscription import EventSubscription, SystemTopic
from responder.core.resource_id import Level, ResourceId, resource_id

FUNCTION = "policy_state_change"
QUEUE = "responder-events"
TYPES = (
    "Microsoft.PolicyInsights.PolicyStateCreated",
    "Microsoft.PolicyInsights.PolicyStateChanged",
    "Microsoft.PolicyInsights.PolicyStateDeleted",
)
SCHEMAS = ("EventGridSchema", "CloudEventSchemaV1_0")
"""What the app reads. Event Grid refuses to change the schema of an event subscription that stands."""
TOPIC_NAME = "responder-policy-states"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Where events should go."""

    place: AppPlace
    account: str  # the storage account's name; empty where it is not known
    dead_letters: str  # the container

    def reaches(self, told: EventSubscription) -> bool:
        """Whether an event subscription delivers to this app, as far as this app is known."""
        if told.kind == "storagequeue":
            return told.queue == QUEUE and self.account in ("", site_of(told))
        return self._is_function(told) and (not self.place.site or self.place.site.lower() == site_of(told))

    def could(self, told: EventSubscription) -> bool:
        """Whether it delivers to an app like this one, whichever it is."""
        return self._is_function(told) or (told.kind == "storagequeue" and told.queue == QUEUE)

    def finds(self, told: EventSubscription) -> bool:
        """Whether redrive looks where it puts its dead letters."""
        return told.dead_letters == self.dead_letters and self.account in ("", told.dead_letter_account)

    def _is_function(self, told: EventSubscription) -> bool:
        if told.kind == "azurefunction":
            return told.target.endswith(f"/functions/{FUNCTION}")
        return told.kind == "webhook" and "/runtime/webhooks/eventgrid" in told.target


def site_of(told: EventSubscription) -> str:
    """The name of the function app that an event subscription delivers to; of a queue, the storage account's."""
    if told.kind == "webhook":
        return told.target.partition("://")[2].partition(".")[0]
    if told.kind == "storagequeue":
        return told.target.rpartition("/")[2]
    return told.target.partition("/sites/")[2].partition("/")[0]


def subscription_command(topic: SystemTopic, delivery: Delivery, stands: EventSubscription | None = None) -> str:
    """Deploy the template of the event subscription, as the hook after `azd deploy` does; run in the project's folder.

    `az eventgrid system-topic event-subscription create` has no option for an identity that puts dead letters, and the
    storage account takes no keys. The template names an event subscription like the function app.
    """
    subscription, group, site = _app_of(delivery, stands)
    to_queue = stands is not None and stands.kind == "storagequeue"
    parameters = {
        "systemTopicName": topic.id.name,
        "appSubscriptionId": subscription,
        "appResourceGroup": group,
        "functionAppName": site,
        "storageAccountName": delivery.account or "ACCOUNT",
        "delivery": "queue" if to_queue else "function",
        "eventSchema": stands.schema if stands and stands.schema in SCHEMAS else "",
    }
    told = " ".join(f"{name}={value}" for name, value in parameters.items() if value)
    return (
        f"az deployment group create --resource-group {topic.id.resource_group} --subscription {topic.id.subscription} "
        f"--template-file infra/events.bicep --parameters {told}"
    )


def replaces(delivery: Delivery, stands: EventSubscription) -> bool:
    """Whether what `subscription_command` makes takes the place of one that stands: where it has the same name."""
    return stands.name.lower() == _app_of(delivery, stands)[2].lower()


def _app_of(delivery: Delivery, stands: EventSubscription | None) -> tuple[str, str, str]:
    """The app's subscription, group and name: those of a function that this app is known to be, else as configured."""
    if stands and stands.kind == "azurefunction" and delivery.reaches(stands):
        function = resource_id(stands.target)
        return function.subscription or "", function.resource_group or "GROUP", site_of(stands)
    group = delivery.place.group
    return (group.subscription or "") if group else "", group.name if group else "GROUP", delivery.place.site or "APP"


def topic_command(source: ResourceId, place: AppPlace) -> str:
    """Make the system topic of a source; one of a subscription lies in it, one of a management group beside the app."""
    lies_in = source.subscription or (place.group.subscription if place.group else None)
    group = place.group.name if place.group and place.group.subscription == lies_in else "GROUP"
    tenant = "/tenants/$(az account show --query tenantId --output tsv)" if source.subscription is None else ""
    told = f'"{tenant}{source}"' if tenant else source.text
    return (
        f"az eventgrid system-topic create --name {TOPIC_NAME} --resource-group {group}"
        f"{f' --subscription {lies_in}' if lies_in else ''} --location global --identity systemassigned "
        f"--topic-type Microsoft.PolicyInsights.PolicyStates --source {told}"
    )


def register_command(namespace: str, source: ResourceId) -> str:
    """Register a resource provider; doing so again changes nothing."""
    if source.subscription is None:
        return f"az provider register --namespace {namespace} --management-group-id {source.name}"
    return f"az provider register --namespace {namespace} --subscription {source.subscription}"


def source_of(scope: ResourceId) -> ResourceId:
    """The subscription or management group whose system topic tells of a scope."""
    return scope if scope.level is Level.MANAGEMENT_GROUP else resource_id(f"/subscriptions/{scope.subscription}")
