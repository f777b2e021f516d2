"""Azure Policy changed its mind about one resource.

Event Grid delivers at least once and in no order, so everything here may run twice: a second delivery finds its
own case and changes nothing. The event is acknowledged when its news is in the ledger, never before; one that
cannot be understood is acknowledged too, because delivering it again would not make it better.
"""

import logging

from responder.core import event_span, instant, policy_state
from responder.core.admission import Answered, knock, rejected, timely
from responder.core.decision import Answer
from responder.core.event_span import EventSpan
from responder.core.log_line import event_answered
from responder.core.policy_state import PolicyStateChange, Rejection
from responder.wiring import Parts

_log = logging.getLogger("responder")


async def handle(event: object, traceparent: str, parts: Parts) -> None:
    """Take one event, in either schema, by either way; `traceparent` is the invocation's, or empty."""
    drawn = parts.new_id(48)
    here = event_span.begin(traceparent, drawn[:32], drawn[32:], parts.clock())
    change = timely(policy_state.parse(event), parts.clock())
    answered = rejected(change) if isinstance(change, Rejection) else await _admitted(change, here, parts)
    if parts.telemetry.wants_event(here.trace_id, answered.decision):
        parts.telemetry.tell_event(event_span.finish(here, change, answered, parts.clock()))
    parts.telemetry.count_event(answered.decision, answered.reason)
    _tell_line(change.event_id, answered, here, parts)


def _tell_line(event_id: str, answered: Answered, here: EventSpan, parts: Parts) -> None:
    level = _level(answered, parts)
    if not _log.isEnabledFor(level):
        return
    line = event_answered(event_id, answered.decision, answered.reason, here.link)
    told = event_id, answered.decision, answered.reason, answered.because
    _log.log(level, "event %s: %s (%s): %s", *told, extra={"line": line})


def _level(answered: Answered, parts: Parts) -> int:
    """A storm of ignored events must not become one of log lines: its spans tell it, where there are spans."""
    match answered.decision:
        case Answer.REJECTED:
            return logging.WARNING
        case Answer.IGNORE if parts.telemetry.listens or not parts.ignored.room(answered.reason, parts.clock()):
            return logging.DEBUG
        case _:
            return logging.INFO


async def _admitted(change: PolicyStateChange, here: EventSpan, parts: Parts) -> Answered:
    """Decide from the event and what is known by heart; what is not a no goes into the ledger."""
    known = parts.facts.known(change.assignment, change.definition, change.reference, change.resource)
    at_door = knock(change, parts.rules, *known)
    if not at_door.let_in:
        return at_door.answered(case="", stale=False)
    now = parts.clock()
    parts.telemetry.observe_seconds("scan to event", (now - instant.moment(change.scan)).total_seconds())
    admission = await parts.ledger.admit(change, at_door.key, at_door.news(now), now, here.link, at_door.admitted)
    return at_door.answered(admission.case, admission.stale)
