"""Azure Policy changed its mind about one resource: its event, read once, at the door.

Azure Policy publishes three types through Event Grid, in the Event Grid schema or as CloudEvents 1.0.
The `data` is the same in all of them, every field is a string and none is required
(Azure/azure-rest-api-specs, eventgrid/data-plane/Microsoft.PolicyInsights/stable/2018-01-01), so nothing
is taken for granted here: what comes out is a `PolicyStateChange` that can be trusted, or a `Rejection`
that says why not. `parse` never raises.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from responder.core import instant
from responder.core.folding import fold
from responder.core.resource_id import LONGEST, BadResourceId, ResourceId, resource_id

NONCOMPLIANT = "noncompliant"
COMPLIANT = "compliant"
_TYPES = {
    "microsoft.policyinsights.policystatecreated": "Created",
    "microsoft.policyinsights.policystatechanged": "Changed",
    "microsoft.policyinsights.policystatedeleted": "Deleted",
}
_TOPIC = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)"
    r"|(?:/tenants/[^/]+)?/providers/microsoft\.management/managementgroups/(?P<group>[^/]+)"
)
# Times that a calendar still holds once a wait is added or a time zone is taken off.
_EARLIEST, _LATEST = instant.ticks("1970-01-01T00:00:00Z"), instant.ticks("9000-01-01T00:00:00Z")
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class RejectionReason(StrEnum):
    """Why an event could not be taken."""

    NOT_AN_EVENT = "not-an-event"
    UNKNOWN_TYPE = "unknown-type"
    UNKNOWN_PUBLISHER = "unknown-publisher"
    BAD_RESOURCE_ID = "bad-resource-id"
    BAD_ASSIGNMENT_ID = "bad-assignment-id"
    BAD_DEFINITION_ID = "bad-definition-id"
    BAD_REFERENCE_ID = "bad-reference-id"
    BAD_COMPLIANCE_STATE = "bad-compliance-state"
    BAD_TIME = "bad-time"
    OTHER_SUBSCRIPTION = "other-subscription"


@dataclass(frozen=True, slots=True)
class Rejection:
    """An event that changes nothing, and why, in words for the person on duty."""

    reason: RejectionReason
    detail: str
    event_id: str


@dataclass(frozen=True, slots=True)
class PolicyStateChange:
    """One resource's compliance with one policy, as scanned at one time. All ids are folded."""

    event_id: str
    kind: str  # Created, Changed or Deleted
    resource: ResourceId
    assignment: ResourceId
    definition: ResourceId
    reference: str  # the definition's reference id within an initiative, folded; "" outside one
    compliance: str  # folded; anything but "noncompliant" asks for nothing
    scan: int  # ticks of data.timestamp, which orders the news (not the envelope's time)
    management_group: str | None = None  # where the topic is a management group's
    traceparent: str | None = None  # the publisher's own, at most a link

    @property
    def withdraws(self) -> bool:
        """Whether the news is that nothing is to be done: any state but NonCompliant, or no state any more."""
        return self.kind == "Deleted" or self.compliance != NONCOMPLIANT


class _Rejected(Exception):
    def __init__(self, reason: RejectionReason, detail: str) -> None:
        self.reason, self.detail = reason, detail


def parse(event: object) -> PolicyStateChange | Rejection:
    """Read one event in either schema; an event that cannot be understood is a `Rejection`, never an error."""
    event_id = _printable(event.get("id")) if isinstance(event, Mapping) else ""
    try:
        return _change(event, event_id)
    except _Rejected as no:
        return Rejection(no.reason, no.detail, event_id)


def _change(event: object, event_id: str) -> PolicyStateChange:
    if not isinstance(event, Mapping):
        raise _Rejected(RejectionReason.NOT_AN_EVENT, f"the event is a {type(event).__name__}, not an object")
    kind = _kind(event)
    topic = _topic(event)
    data = event.get("data")
    if not isinstance(data, Mapping):
        raise _Rejected(RejectionReason.NOT_AN_EVENT, "the event has no data object")
    resource = _id(event.get("subject"), "subject", RejectionReason.BAD_RESOURCE_ID)
    _same_subscription(resource, topic.group("subscription"), data.get("subscriptionId"))
    return PolicyStateChange(
        event_id=event_id,
        kind=kind,
        resource=resource,
        assignment=_assignment(data),
        definition=_definition(data),
        reference=_reference(data.get("policyDefinitionReferenceId")),
        compliance=_compliance(data.get("complianceState"), kind),
        scan=_scan(data.get("timestamp")),
        management_group=topic.group("group"),
        traceparent=_traceparent(event.get("traceparent")),
    )


def _kind(event: Mapping[str, object]) -> str:
    named = event.get("eventType") or event.get("type")
    kind = _TYPES.get(named.lower()) if isinstance(named, str) else None
    if kind is None:
        raise _Rejected(RejectionReason.UNKNOWN_TYPE, f"its type is {_printable(named)!r}, not a policy state's")
    return kind


def _topic(event: Mapping[str, object]) -> re.Match[str]:
    """The publisher: the topic of a subscription or of a management group (event-schema-policy page)."""
    named = event.get("topic") or event.get("source")
    shape = _topic_shape(named) if isinstance(named, str) and len(named) <= LONGEST else None
    if shape is None:
        raise _Rejected(
            RejectionReason.UNKNOWN_PUBLISHER,
            f"its topic is {_printable(named)!r}, neither a subscription nor a management group",
        )
    return shape


@lru_cache(maxsize=4096)
def _topic_shape(named: str) -> re.Match[str] | None:
    return _TOPIC.fullmatch(fold(named))


def _id(text: object, field: str, reason: RejectionReason) -> ResourceId:
    try:
        return _policy_id(text) if field != "subject" and isinstance(text, str) else resource_id(text)
    except BadResourceId as error:
        raise _Rejected(reason, f"{field} {_printable(text)!r} is not usable: {error}") from error


@lru_cache(maxsize=4096)
def _policy_id(text: str) -> ResourceId:
    """Thousands of events speak of the same few assignments and definitions."""
    return resource_id(text)


def _assignment(data: Mapping[str, object]) -> ResourceId:
    assignment = _id(data.get("policyAssignmentId"), "policyAssignmentId", RejectionReason.BAD_ASSIGNMENT_ID)
    if not _is_assignment(assignment):
        raise _Rejected(RejectionReason.BAD_ASSIGNMENT_ID, f"{_printable(assignment.text)!r} is no policy assignment")
    return assignment


def _definition(data: Mapping[str, object]) -> ResourceId:
    """It is read from Resource Manager by this id, so it must not name anything else there."""
    definition = _id(data.get("policyDefinitionId"), "policyDefinitionId", RejectionReason.BAD_DEFINITION_ID)
    if not _is_definition(definition):
        raise _Rejected(RejectionReason.BAD_DEFINITION_ID, f"{_printable(definition.text)!r} is no policy definition")
    return definition


@lru_cache(maxsize=4096)
def _is_definition(named: ResourceId) -> bool:
    return named.type.startswith("microsoft.authorization/policydefinitions")


@lru_cache(maxsize=4096)
def _is_assignment(named: ResourceId) -> bool:
    return named.type == "microsoft.authorization/policyassignments"


def _same_subscription(resource: ResourceId, topic: str | None, told: object) -> None:
    if resource.subscription is None:
        raise _Rejected(RejectionReason.BAD_RESOURCE_ID, f"{_printable(resource.text)!r} lies in no subscription")
    for other in (topic, fold(told) if isinstance(told, str) else None):
        if other and other != resource.subscription:
            raise _Rejected(
                RejectionReason.OTHER_SUBSCRIPTION,
                f"it speaks for subscription {_printable(other)!r}, its resource lies in {resource.subscription!r}",
            )


def _reference(text: object) -> str:
    """The policy's name within an initiative; it goes into a filter and a request body, never into a URL's path."""
    if text is None or text == "":
        return ""
    if not isinstance(text, str) or len(text) > 256 or not text.isprintable():
        raise _Rejected(
            RejectionReason.BAD_REFERENCE_ID,
            f"policyDefinitionReferenceId {_printable(text)!r} is not usable",
        )
    return fold(text)


def _compliance(text: object, kind: str) -> str:
    if kind == "Deleted":
        return "deleted"
    if not isinstance(text, str) or not text.isalnum() or len(text) > 32:
        raise _Rejected(RejectionReason.BAD_COMPLIANCE_STATE, f"complianceState {_printable(text)!r} is not a state")
    return text.lower()


def _scan(text: object) -> int:
    try:
        scan = instant.ticks(text if isinstance(text, str) else "")
    except instant.BadInstant as error:
        raise _Rejected(RejectionReason.BAD_TIME, f"data.timestamp: {error}") from error
    if not _EARLIEST <= scan < _LATEST:
        raise _Rejected(RejectionReason.BAD_TIME, f"data.timestamp: {_printable(text)!r} is no time of a scan")
    return scan


def _traceparent(text: object) -> str | None:
    return text if isinstance(text, str) and _TRACEPARENT.fullmatch(text) else None


def _printable(value: object) -> str:
    """Foreign text made safe for a log line or a terminal: printable characters only, at most 200."""
    if value is None:
        return ""
    if not isinstance(value, str | int | float):
        return f"({type(value).__name__})"  # writing out what is nested a thousand deep would fail
    text = value[:200] if isinstance(value, str) else _written(value)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _written(number: float) -> str:
    """A number's digits; Python writes out no number of more than 4,300."""
    huge = isinstance(number, int) and number.bit_length() > 10_000
    return "(a huge number)" if huge else str(number)[:200]
