"""Event Grid's system topics and their event subscriptions, as Resource Manager shows them (2022-06-15).

https://learn.microsoft.com/rest/api/eventgrid/controlplane/system-topic-event-subscriptions/get. A destination lies
under `destination`, or, where the topic's own identity delivers, under `deliveryWithResourceIdentity`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from responder.core.documents import BadDocument, mapping_of, objects_of, properties_of, text_of, texts_of, value_of
from responder.core.folding import fold
from responder.core.resource_id import BadResourceId, ResourceId, resource_id

POLICY_STATES = "microsoft.policyinsights.policystates"
_TENANT = "/tenants/"
_ALL = "all"  # what the service shows where no event type was named


@dataclass(frozen=True, slots=True)
class SystemTopic:
    """One system topic of Azure Policy."""

    id: ResourceId
    source: str  # the folded id of a subscription or a management group
    state: str  # provisioningState
    principal: str = ""  # of its own identity; empty where it has none


@dataclass(frozen=True, slots=True)
class AdvancedFilter:
    """One advanced filter: only events that pass it are delivered."""

    key: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventSubscription:
    """One event subscription of a system topic."""

    name: str
    state: str
    kind: str  # endpointType, folded: azurefunction, storagequeue, webhook
    target: str  # folded: the id of the function or the storage account, or a webhook's address without its query
    queue: str
    types: tuple[str, ...]  # folded; none: all
    begins: str
    ends: str
    advanced: tuple[AdvancedFilter, ...]
    dead_letters: str  # the container; empty where there is none
    dead_letter_storage: str  # the folded id of the storage account
    schema: str
    attempts: int
    minutes: int  # to live
    expires: str
    delivers_itself: bool  # the topic's own identity delivers
    buries_itself: bool  # the topic's own identity puts dead letters

    @property
    def dead_letter_account(self) -> str:
        """The storage account's name."""
        return self.dead_letter_storage.rpartition("/")[2]


def system_topic(document: Mapping[str, object]) -> SystemTopic | None:
    """Read a system topic; `None` where it is not one of Azure Policy. Raises `BadDocument`."""
    properties = properties_of(document, "a system topic")
    if fold(str(value_of(properties, "topicType") or "")) != POLICY_STATES:
        return None
    named = _id(text_of(document, "id", "a system topic"))
    return SystemTopic(
        id=named,
        source=_source(text_of(properties, "source", str(named))),
        state=_text(properties, "provisioningState"),
        principal=_text(mapping_of(document, "identity", str(named)), "principalId"),
    )


def event_subscription(document: Mapping[str, object]) -> EventSubscription:
    """Read an event subscription; raises `BadDocument`."""
    name = text_of(document, "name", "an event subscription")
    properties = properties_of(document, name)
    delivery = _inside(properties, "deliveryWithResourceIdentity", "destination", name)
    told = mapping_of(delivery, "properties", name)
    dead = _inside(properties, "deadLetterWithResourceIdentity", "deadLetterDestination", name)
    letters = mapping_of(dead, "properties", name)
    rule, retry = mapping_of(properties, "filter", name), mapping_of(properties, "retryPolicy", name)
    return EventSubscription(
        name=name,
        state=_text(properties, "provisioningState"),
        kind=fold(_text(delivery, "endpointType")),
        target=fold(_text(told, "resourceId") or _text(told, "endpointBaseUrl").partition("?")[0]),
        queue=_text(told, "queueName"),
        types=tuple(fold(each) for each in texts_of(rule, "includedEventTypes", name) if fold(each) != _ALL),
        begins=_text(rule, "subjectBeginsWith"),
        ends=_text(rule, "subjectEndsWith"),
        advanced=tuple(_filter(each) for each in objects_of(rule, "advancedFilters", name)),
        dead_letters=_text(letters, "blobContainerName"),
        dead_letter_storage=fold(_text(letters, "resourceId")),
        schema=_text(properties, "eventDeliverySchema"),
        attempts=_number(retry, "maxDeliveryAttempts", 30),
        minutes=_number(retry, "eventTimeToLiveInMinutes", 1440),
        expires=_text(properties, "expirationTimeUtc"),
        delivers_itself=bool(mapping_of(properties, "deliveryWithResourceIdentity", name)),
        buries_itself=bool(mapping_of(properties, "deadLetterWithResourceIdentity", name)),
    )


def _inside(properties: Mapping[str, object], by_identity: str, destination: str, what: str) -> Mapping[str, object]:
    """The destination, by the topic's identity or by Event Grid's own."""
    wrapped = mapping_of(mapping_of(properties, by_identity, what), destination, what)
    return wrapped or mapping_of(properties, destination, what)


def _filter(entry: Mapping[str, object]) -> AdvancedFilter:
    values = value_of(entry, "values")
    told = values if isinstance(values, list) else [value_of(entry, "value")]
    return AdvancedFilter(_text(entry, "key"), _text(entry, "operatorType"), tuple(map(str, told)))


def _source(text: str) -> str:
    """A management group's source has its tenant in front."""
    folded = fold(text.rstrip("/"))
    return "/" + folded.split("/", 3)[3] if folded.startswith(_TENANT) and folded.count("/") > 2 else folded


def _id(text: str) -> ResourceId:
    try:
        return resource_id(text)
    except BadResourceId as error:
        raise BadDocument(f"{text[:200]!r} is no id: {error}") from error


def _text(document: Mapping[str, object], key: str) -> str:
    value = value_of(document, key)
    return value if isinstance(value, str) else ""


def _number(document: Mapping[str, object], key: str, usual: int) -> int:
    value = value_of(document, key)
    return value if isinstance(value, int) else usual
