"""What is to become of one resource of a case, decided again with what Azure shows of it now."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from responder.core import instant
from responder.core.case import Case
from responder.core.decision import Answer, Decision, judge
from responder.core.facts import Assignment, Definition, Facts, Initiative, Missing, Surroundings, Unread
from responder.core.folding import fold
from responder.core.observed_state import ObservedState
from responder.core.policy_state import NONCOMPLIANT, PolicyStateChange
from responder.core.resource_id import resource_id
from responder.core.resource_row import DidNotLast, GiveUp, Pardon, ResourceRow, RowUpdate, Settle, Show, updated
from responder.core.rules import Rules

CATCH_UP = timedelta(hours=1)
"""For so long a state that is missing, or older than the news, has not caught up; then it counts as gone."""
REMEDIATED = (Answer.REMEDIATE, Answer.ASK)
_WANTED = (Answer.REMEDIATE, Answer.ASK, Answer.OBSERVE)


class Finding(StrEnum):
    """What is to become of one resource of the case."""

    WANTED = "wanted"
    WAITING = "waiting"  # wanted, and its next attempt has to wait
    GIVEN_UP = "given-up"  # wanted, and every attempt was made
    UNKNOWN = "unknown"
    LATE = "late"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One resource of the case, as confirmed."""

    row: ResourceRow
    finding: Finding
    because: str
    decision: Decision | None = None
    state: ObservedState | None = None
    update: RowUpdate | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read for one confirmation: once for the assignment, and the states at the intended scope."""

    states: Sequence[ObservedState]
    assignment: Assignment | Missing | Unread
    definition: Definition | Missing | Unread
    initiative: Initiative | Missing | Unread | None
    around: Surroundings = field(default_factory=Surroundings)


def verdict_of(
    case: Case, row: ResourceRow, state: ObservedState | None, evidence: Evidence, rules: Rules, now: datetime
) -> Verdict:
    """What is to become of one row of the case; `state` is what Azure shows of it, or None."""
    if state is None or not instant.caught_up(state.scan, row.scan):
        if now - row.arrived < CATCH_UP:
            return Verdict(row, Finding.LATE, _late(row, state))
        if state is None or state.compliance != NONCOMPLIANT:
            why = f"{row.resource} has no policy state any more that says it is non-compliant (resource-gone)."
            return Verdict(row, Finding.DROPPED, why, update=Settle(row.resource, row.scan, why))
    if state.compliance != NONCOMPLIANT:
        why = f"Azure Policy calls {row.resource} {state.compliance} since {instant.iso(state.scan)}."
        return Verdict(
            row, Finding.DROPPED, why, update=Show(row.resource, max(state.scan, row.scan), state.compliance, why)
        )
    decision = decided(case, state, evidence, rules)
    if decision.answer in _WANTED and not decision.settings.task.reach(state.location):
        why = f"{row.resource} lies in {state.location}, outside the task.locations of rule {decision.rule!r}."
        return Verdict(row, Finding.DROPPED, why, decision, state, Settle(row.resource, max(row.scan, state.scan), why))
    if decision.answer in _WANTED:
        return _wanted(row, state, decision, now)
    if decision.answer is Answer.UNKNOWN:
        return Verdict(row, Finding.UNKNOWN, decision.because, decision, state)
    why = f"{decision.reason}: {decision.because}"
    return Verdict(row, Finding.DROPPED, why, decision, state, Settle(row.resource, max(row.scan, state.scan), why))


def _wanted(row: ResourceRow, state: ObservedState, decision: Decision, now: datetime) -> Verdict:
    """One that the rules want remediated: now, later, or never again under this rule's text.

    An observing rule opens nothing, so that nothing of it waits or is given up.
    """
    if decision.answer is Answer.OBSERVE:
        return Verdict(row, Finding.WANTED, decision.because, decision, state)
    if row.given_up and row.given_up != decision.digest:
        pardon = Pardon(row.resource)
        row = updated(row, pardon)
        found = Finding.WAITING if row.waits(now) else Finding.WANTED
        return Verdict(row, found, decision.because, decision, state, pardon)
    if row.given_up:
        because = (
            f"{row.resource} was tried {row.attempts} times and is still non-compliant by the scan of "
            f"{instant.iso(state.scan)}: it is given up until a person releases it or rule {decision.rule!r} changes. "
            f"{row.because}"
        ).rstrip()
        return Verdict(row, Finding.GIVEN_UP, because, decision, state)
    if row.attempts >= decision.settings.retry_attempts and not row.owed:
        because = (
            f"{row.resource} was tried {row.attempts} times and Azure Policy calls it non-compliant again by the scan "
            f"of {instant.iso(row.scan)}: it is given up until a person releases it or rule {decision.rule!r} changes."
        )
        return Verdict(row, Finding.GIVEN_UP, because, decision, state, GiveUp(row.resource, decision.digest, because))
    if row.came_back:
        because = (
            f"{row.resource} was found non-compliant again at {instant.iso(row.scan)}, "
            f"within the cooldown that ends {instant.iso(row.cool_until)}: the remediation did not last."
        )
        update = DidNotLast(row.resource, row.scan, because, decision.settings.retry(decision.digest))
        return Verdict(row, Finding.WAITING, because, decision, state, update)
    found = Finding.WAITING if row.waits(now) else Finding.WANTED
    return Verdict(row, found, decision.because, decision, state)


def _late(row: ResourceRow, state: ObservedState | None) -> str:
    shown = f"shows its scan of {instant.iso(state.scan)}" if state else "shows no state of it"
    return f"Azure {shown}; the news of {row.resource} was scanned {instant.iso(row.scan)} and has not caught up."


def decided(case: Case, state: ObservedState, evidence: Evidence, rules: Rules) -> Decision:
    """The decision about a state that Azure shows, with all that was read for it."""
    change = PolicyStateChange(
        event_id="",
        kind="Changed",
        resource=state.resource,
        assignment=resource_id(case.key.assignment),
        definition=resource_id(case.definition),
        reference=fold(case.reference),
        compliance=state.compliance,
        scan=state.scan,
    )
    facts = Facts.from_state(state, evidence.assignment, evidence.definition, evidence.initiative, evidence.around)
    return judge(change, facts, rules)
