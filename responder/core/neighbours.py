"""The neighbours of what is to be remediated: a task wider than one resource reaches them, too.

`filters.resourceIds` cannot be combined with `ReEvaluateCompliance` (Azure/azure-rest-api-specs, remediations,
models.tsp), so a task is opened for a whole scope only if every non-compliant resource there is decided alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from responder.core import instant
from responder.core.case import Case
from responder.core.decision import Answer
from responder.core.observed_state import ObservedState
from responder.core.policy_state import NONCOMPLIANT
from responder.core.resource_id import ResourceId, resource_id
from responder.core.resource_row import ResourceRow
from responder.core.rules import Rules
from responder.core.verdict import Evidence, Verdict, decided


@dataclass(frozen=True, slots=True)
class Around:
    """The other non-compliant resources at the scope, and why the first of them forbids a task there, if one does."""

    others: tuple[ObservedState, ...] = ()  # decided alike: they are remediated with them
    covered: tuple[ObservedState, ...] = ()  # this case's own, just remediated and not scanned since
    forbidden: str | None = None
    until: datetime | None = None  # when that ends by itself, where it does


def neighbours(
    case: Case,
    rows: Sequence[ResourceRow],
    scope: ResourceId,
    wanted: list[Verdict],
    evidence: Evidence,
    rules: Rules,
    now: datetime,
) -> Around:
    """Who else is non-compliant at the scope, and whether a task there may reach them, too."""
    first = wanted[0].decision
    alike = (first.answer, first.rule) if first else None
    for verdict in wanted[1:]:
        if verdict.decision and (verdict.decision.answer, verdict.decision.rule) != alike:
            return Around(forbidden=f"{verdict.row.resource} is decided by rule {verdict.decision.rule!r}.")
    known = {row.resource: row for row in rows}
    mine = {verdict.row.resource for verdict in wanted}
    states = [
        state
        for state in evidence.states
        if state.compliance == NONCOMPLIANT
        and scope.covers(state.resource)
        and state.resource.text not in mine
        and (first is None or first.settings.task.reach(state.location))
    ]
    for state in states:
        if why := _forbids(case, known.get(state.resource.text), state, alike, evidence, rules, now):
            return Around(forbidden=why, until=_until(known.get(state.resource.text), now))
    covered = [state for state in states if (row := known.get(state.resource.text)) and row.covered(state.scan)]
    return Around(tuple(state for state in states if state not in covered), tuple(covered))


def _forbids(
    case: Case,
    row: ResourceRow | None,
    state: ObservedState,
    alike: tuple[Answer, str] | None,
    evidence: Evidence,
    rules: Rules,
    now: datetime,
) -> str | None:
    if state.resource.group != resource_id(case.key.place).group:
        return f"{state.resource} lies in another resource group and has a case of its own."
    if row and (why := _may_not_now(case, row, state, now)):
        return why
    decision = decided(case, state, evidence, rules)
    if (decision.answer, decision.rule) != alike:
        return f"{state.resource} must not be touched with them: {decision.because}"
    return None


def _may_not_now(case: Case, row: ResourceRow, state: ObservedState, now: datetime) -> str | None:
    """Why what is known of a neighbour forbids it now.

    One that this case's own task covered, and that Azure has not scanned since, forbids nothing: a group whose task
    was too small for it would else fall apart into single tasks. Azure evaluates it again and finds it mended.
    """
    if row.given_up:
        return f"{state.resource} is given up."
    if row.owed and row.waits(now):
        return f"{state.resource} waits for its next attempt until {instant.iso(row.retry_at)}."
    if row.covered(state.scan):
        return None if row.key == case.key else f"{state.resource} was just remediated and not scanned since."
    if row.cooling(state.scan) and row.cool_until > instant.of(now):
        return f"{state.resource} is cooling down until {instant.iso(row.cool_until)}."
    if row.key != case.key:
        return f"{state.resource} belongs to case {row.key.id}."
    return None


def _until(row: ResourceRow | None, now: datetime) -> datetime | None:
    """When what is known of a neighbour no longer forbids it, where time alone mends that."""
    if row is None or row.given_up:
        return None
    ends = max(row.retry_at if row.owed else 0, row.cool_until)
    return instant.moment(ends) if ends > instant.of(now) else None
