"""When a case is due: what do the policy states say now, and what follows from it?

Every non-compliant resource at the scope is decided again with today's rules and facts. What is still wanted
becomes the plan; what is compliant by a newer scan, excluded or no longer wanted is withdrawn with its reason.
The scope is the target of a task, because `filters.resourceIds` cannot be combined with `ReEvaluateCompliance`
(Azure/azure-rest-api-specs, remediations, models.tsp). So a task wider than one resource is opened only if
*every* non-compliant resource at that scope is decided alike by the same rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from responder.core import instant, seen
from responder.core.case import HANDED_OVER, Case, Kind, State
from responder.core.decision import Answer, Decision, judge
from responder.core.due import due_at
from responder.core.facts import Assignment, Definition, Facts, Initiative, Missing, Surroundings, Unread
from responder.core.observed_state import ObservedState, by_resource
from responder.core.outcome import Outcome
from responder.core.plan import make_moves, make_plan
from responder.core.policy_state import NONCOMPLIANT, PolicyStateChange
from responder.core.resource_id import ResourceId, resource_id
from responder.core.resource_row import ResourceRow, RowUpdate, Settle, Show
from responder.core.rules import Rules

CATCH_UP = timedelta(hours=1)
"""For so long a state that is missing, or older than the news, has not caught up; then it counts as gone."""
_WANTED = (Answer.REMEDIATE, Answer.OBSERVE)


class Finding(StrEnum):
    """What is to become of one resource of the case."""

    WANTED = "wanted"
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


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What follows: what was seen, and what the ledger is to remember of single resources."""

    seen: seen.Seen
    updates: tuple[RowUpdate, ...] = ()
    settle_after: tuple[RowUpdate, ...] = ()  # written once the case has moved: an observation counts once


def held_rows(case: Case, rows: Sequence[ResourceRow]) -> tuple[ResourceRow, ...]:
    """The rows that this case holds and whose news still asks for a task."""
    return tuple(row for row in rows if row.key == case.key and row.pending)


def renewed(case: Case, rows: Sequence[ResourceRow]) -> Case:
    """The case with the definition that its newest news names: an initiative may have changed which one it means."""
    mine = held_rows(case, rows)
    newest = max(mine, key=lambda row: row.scan, default=None)
    return replace(case, definition=newest.definition) if newest and newest.definition else case


def nothing_left(case: Case, rows: Sequence[ResourceRow]) -> Confirmed | None:
    """What can be said without asking Azure: everything of this case was dealt with before it was due."""
    return None if held_rows(case, rows) else _over(case, rows, ())


def still_gathering(case: Case, rows: Sequence[ResourceRow], grace: timedelta, now: datetime) -> Confirmed | None:
    """Whether news is still being collected, or Azure's own attempt (`grace`) comes first."""
    if case.state is not State.GATHERING:
        return None
    mine = held_rows(case, rows)
    latest = max((row.arrived for row in mine), default=case.first_news)
    first_scan = min((row.scan for row in mine), default=0)
    due = due_at(first_scan, case.first_news, max(latest, case.first_news), case.settings, grace)
    return Confirmed(seen.NotDue(due)) if due > now else None


def confirm(case: Case, rows: Sequence[ResourceRow], evidence: Evidence, rules: Rules, now: datetime) -> Confirmed:
    """The plan, or why there is none. Pure: the same evidence and rules always give the same answer."""
    states = by_resource(evidence.states)
    verdicts = [_verdict(case, row, states.get(row.resource), evidence, rules, now) for row in held_rows(case, rows)]
    updates = tuple(verdict.update for verdict in verdicts if verdict.update)
    by = {finding: [v for v in verdicts if v.finding is finding] for finding in Finding}
    if by[Finding.LATE]:
        return Confirmed(seen.Unreadable(by[Finding.LATE][0].because), updates)
    if not by[Finding.WANTED]:
        if by[Finding.UNKNOWN]:
            return Confirmed(seen.Unreadable(by[Finding.UNKNOWN][0].because), updates)
        return _over(case, rows, by[Finding.DROPPED], updates)
    if not isinstance(evidence.definition, Definition):
        return Confirmed(seen.Unreadable(_unknown(evidence.definition)), updates)
    return _arranged(case, rows, by[Finding.WANTED], by[Finding.UNKNOWN], evidence, rules, updates, now)


def _unknown(definition: Missing | Unread) -> str:
    """Nothing is opened for a policy that cannot be read, even where the states would tell enough."""
    why = definition.why if isinstance(definition, Unread) else definition.what
    return f"The policy definition cannot be read, so nothing is opened: {why}"


def _last_word(row: ResourceRow) -> str:
    """Why a resource that is not pending asks for nothing, where that is known."""
    if not row.noncompliant:
        return (
            f"Azure Policy calls {row.resource} {row.compliance} since {instant.iso(row.scan)}: nothing is to be done."
        )
    return row.because


def _verdict(
    case: Case, row: ResourceRow, state: ObservedState | None, evidence: Evidence, rules: Rules, now: datetime
) -> Verdict:
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
    decision = _decided(case, state, evidence, rules)
    if decision.answer in _WANTED and not decision.settings.task.reach(state.location):
        why = f"{row.resource} lies in {state.location}, outside the task.locations of rule {decision.rule!r}."
        return Verdict(row, Finding.DROPPED, why, decision, state, Settle(row.resource, max(row.scan, state.scan), why))
    if decision.answer in _WANTED:
        return Verdict(row, Finding.WANTED, decision.because, decision, state)
    if decision.answer is Answer.UNKNOWN:
        return Verdict(row, Finding.UNKNOWN, decision.because, decision, state)
    why = f"{decision.reason}: {decision.because}"
    return Verdict(row, Finding.DROPPED, why, decision, state, Settle(row.resource, max(row.scan, state.scan), why))


def _late(row: ResourceRow, state: ObservedState | None) -> str:
    shown = f"shows its scan of {instant.iso(state.scan)}" if state else "shows no state of it"
    return f"Azure {shown}; the news of {row.resource} was scanned {instant.iso(row.scan)} and has not caught up."


def _decided(case: Case, state: ObservedState, evidence: Evidence, rules: Rules) -> Decision:
    change = PolicyStateChange(
        event_id="",
        kind="Changed",
        resource=state.resource,
        assignment=resource_id(case.key.assignment),
        definition=resource_id(case.definition),
        reference=case.reference.lower(),
        compliance=state.compliance,
        scan=state.scan,
    )
    facts = Facts.from_state(state, evidence.assignment, evidence.definition, evidence.initiative, evidence.around)
    return judge(change, facts, rules)


def _arranged(
    case: Case,
    rows: Sequence[ResourceRow],
    wanted: list[Verdict],
    unknown: list[Verdict],
    evidence: Evidence,
    rules: Rules,
    updates: tuple[RowUpdate, ...],
    now: datetime,
) -> Confirmed:
    """One task for all of them, one for the only one, or each to a case of its own."""
    if back := _back_to_group(case, wanted):
        return Confirmed(seen.Split(make_moves(back, Kind.GROUP), "Its rule gathers by resource group."), updates)
    alone = case.key.kind is not Kind.GROUP
    scope = resource_id(case.key.place if alone or len(wanted) > 1 else wanted[0].row.resource)
    neighbours, forbidden = _neighbours(case, rows, scope, wanted, evidence, rules)
    if not alone and len(wanted) > 1:
        forbidden = forbidden or rules.divides(scope)
    if not unknown and forbidden is None:
        return _planned(case, scope, wanted, neighbours, evidence, updates, now)
    if not alone and (len(wanted) > 1 or unknown):
        because = f"One task for the whole group is not possible: {forbidden or unknown[0].because}"
        return Confirmed(seen.Split(make_moves([*wanted, *unknown], Kind.RESOURCE), because), updates)
    because = f"too-wide: a task at {scope} would reach further than its rule allows: {forbidden}"
    settle = tuple(Settle(v.row.resource, v.row.scan, because) for v in wanted)
    return Confirmed(seen.NothingLeft(Outcome.WITHDRAWN, because), (*updates, *settle))


def _back_to_group(case: Case, wanted: list[Verdict]) -> list[Verdict]:
    """A single resource whose rule gathers by group joins its group, unless this rule's text has split it off."""
    if case.key.kind is not Kind.RESOURCE:
        return []
    return [
        verdict
        for verdict in wanted
        if verdict.decision
        and verdict.decision.settings.gather_by == "resourceGroup"
        and verdict.decision.digest != case.handed
        and resource_id(verdict.row.resource).resource_group is not None
    ]


def _neighbours(
    case: Case,
    rows: Sequence[ResourceRow],
    scope: ResourceId,
    wanted: list[Verdict],
    evidence: Evidence,
    rules: Rules,
) -> tuple[list[ObservedState], str | None]:
    """The other non-compliant resources at the scope, and why the first of them forbids a task there, if one does."""
    first = wanted[0].decision
    alike = (first.answer, first.rule) if first else None
    for verdict in wanted[1:]:
        if verdict.decision and (verdict.decision.answer, verdict.decision.rule) != alike:
            return [], f"{verdict.row.resource} is decided by rule {verdict.decision.rule!r}."
    known = {row.resource: row for row in rows}
    mine = {verdict.row.resource for verdict in wanted}
    others = [
        state
        for state in evidence.states
        if state.compliance == NONCOMPLIANT
        and scope.covers(state.resource)
        and state.resource.text not in mine
        and (first is None or first.settings.task.reach(state.location))
    ]
    for state in others:
        if why := _forbids(case, known.get(state.resource.text), state, alike, evidence, rules):
            return others, why
    return others, None


def _forbids(
    case: Case,
    row: ResourceRow | None,
    state: ObservedState,
    alike: tuple[Answer, str] | None,
    evidence: Evidence,
    rules: Rules,
) -> str | None:
    if state.resource.group != resource_id(case.key.place).group:
        return f"{state.resource} lies in another resource group and has a case of its own."
    if row and row.covered(state.scan):
        return f"{state.resource} was just remediated and not scanned since."
    if row and row.cooling(state.scan):
        return f"{state.resource} is cooling down until {instant.iso(row.cool_until)}."
    if row and row.noncompliant and row.key != case.key:
        return f"{state.resource} belongs to case {row.key.id}."
    decision = _decided(case, state, evidence, rules)
    if (decision.answer, decision.rule) != alike:
        return f"{state.resource} must not be touched with them: {decision.because}"
    return None


def _planned(
    case: Case,
    scope: ResourceId,
    wanted: list[Verdict],
    neighbours: list[ObservedState],
    evidence: Evidence,
    updates: tuple[RowUpdate, ...],
    now: datetime,
) -> Confirmed:
    decision, state = wanted[0].decision, wanted[0].state
    assert decision is not None
    assert state is not None
    plan = make_plan(case, scope, wanted, neighbours, decision, state, evidence.assignment, now)
    if decision.answer is Answer.OBSERVE:
        settle = tuple(Settle(v.row.resource, v.row.scan, f"observed: {decision.because}") for v in wanted)
        return Confirmed(seen.Observed(plan, decision.settings), updates, settle)
    return Confirmed(seen.Planned(plan, decision.settings), updates)


def _over(
    case: Case, rows: Sequence[ResourceRow], dropped: Sequence[Verdict], updates: tuple[RowUpdate, ...] = ()
) -> Confirmed:
    """The round ends without a task: ineffective where something came back too soon, else withdrawn."""
    back = [row for row in rows if row.key == case.key and row.came_back]
    if back:
        because = (
            f"{back[0].resource} was found non-compliant again at {instant.iso(back[0].scan)}, "
            f"within the cooldown that ends {instant.iso(back[0].cool_until)}: the remediation did not last."
        )
        settle = tuple(Settle(row.resource, row.scan, because) for row in back)
        return Confirmed(seen.NothingLeft(Outcome.INEFFECTIVE, because), updates, settle)
    reasons = [verdict.because for verdict in dropped]
    told = [_last_word(row) for row in rows if row.key == case.key]
    if case.reason == HANDED_OVER:
        return Confirmed(seen.NothingLeft(Outcome.WITHDRAWN, case.because), updates)
    because = (reasons or [word for word in told if word] or [case.because])[0]
    more = f" ({len(reasons) - 1} more resources like it.)" if len(reasons) > 1 else ""
    decided = next((verdict.decision.rule for verdict in dropped if verdict.decision), "")
    return Confirmed(seen.NothingLeft(Outcome.WITHDRAWN, because + more, decided), updates)
