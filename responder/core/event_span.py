"""The span of one event: received, decided, admitted. It continues the caller's trace where there is one."""

import re
from dataclasses import dataclass
from datetime import datetime

from responder.core import instant
from responder.core.admission import Answered
from responder.core.policy_state import PolicyStateChange, Rejection
from responder.core.span import Attribute, Link, Span
from responder.core.telemetry_names import Attr, SpanName

_NO_TRACE, _NO_SPAN = "0" * 32, "0" * 16
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


@dataclass(frozen=True, slots=True)
class EventSpan:
    """Where an event's span belongs, known before it is finished so that others can link to it."""

    trace_id: str
    span_id: str
    parent_span_id: str
    arrived: datetime

    @property
    def link(self) -> Link:
        """What a round's root span links to."""
        return Link(self.trace_id, self.span_id)


def begin(traceparent: str, trace_id: str, span_id: str, arrived: datetime) -> EventSpan:
    """The ids of an event's span; the fresh trace id serves where the caller brought none (it may be "")."""
    caller = _TRACEPARENT.fullmatch(traceparent or "")
    if caller is None or caller[1] == _NO_TRACE or caller[2] == _NO_SPAN:
        return EventSpan(trace_id, span_id, "", arrived)
    return EventSpan(caller[1], span_id, caller[2], arrived)


def finish(here: EventSpan, change: PolicyStateChange | Rejection, answered: Answered, now: datetime) -> Span:
    """The finished span."""
    attributes: dict[str, Attribute] = {
        Attr.EVENT_ID: change.event_id,
        Attr.DECISION: answered.decision,
        Attr.REASON: answered.reason,
        Attr.BECAUSE: answered.because,
        Attr.RULE: answered.rule,
        Attr.CASE: answered.case,
    }
    links: tuple[Link, ...] = ()
    if isinstance(change, PolicyStateChange):
        attributes |= {
            Attr.ASSIGNMENT: change.assignment.text,
            Attr.REFERENCE: change.reference,
            Attr.RESOURCE: change.resource.text,
        }
        links = _published(change.traceparent)
    return Span(
        SpanName.EVENT,
        here.trace_id,
        here.span_id,
        instant.of(here.arrived),
        max(instant.of(here.arrived), instant.of(now)),
        here.parent_span_id,
        "CONSUMER",
        attributes,
        None,
        links,
    )


def _published(traceparent: str | None) -> tuple[Link, ...]:
    """The publisher's own span is a link, never the parent: it may be shared by many events."""
    publisher = _TRACEPARENT.fullmatch(traceparent or "")
    if publisher is None or set(publisher[1]) == {"0"} or set(publisher[2]) == {"0"}:
        return ()
    return (Link(publisher[1], publisher[2]),)
