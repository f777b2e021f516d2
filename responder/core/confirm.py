"""When a case is due: what do the policy states say now, and what follows from it?

Every non-compliant resource at the scope is decided again with today's rules and facts. What is still wanted
becomes the plan; what is compliant by a newer scan, excluded or no longer wanted is withdrawn with its reason.
The scope is the target of a task, because `filters.resourceIds` cannot be combined with `ReEvaluateCompliance`
(Azure/azure-rest-api-specs, remediations, models.tsp). So a task wider than one resource is opened only if
*every* non-compliant resource at that scope is decided alike by the same rule.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from responder.core import instant, seen
from responder.core.case import HANDED_OVER, Case, Hold, Kind, State
from responder.core.decision import Answer
from responder.core.due import due_at
from responder.core.facts import Definition, Missing, Unread
from responder.core.neighbours import Around, neighbours
from responder.core.observed_state import ObservedState, by_resource
from responder.core.outcome import Outcome
from responder.core.plan import make_moves, make_plan
from responder.core.policy_state import NONCOMPLIANT
from responder.core.resource_id import ResourceId, resource_id
from responder.core.resource_row import DidNotLast, ResourceRow, RowUpdate, Settle, Show, still_open
from responder.core.rules import Rules
from responder.core.verdict import CATCH_UP, REMEDIATED, Evidence, Finding, Verdict, decided, verdict_of

__all__ = ["CATCH_UP", "Confirmed", "Evidence", "confirm", "not_asked", "renewed", "still_gathering"]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What follows: what was seen, and what the ledger is to remember of single resources."""

    seen: seen.Seen
    updates: tuple[RowUpdate, ...] = ()
    settle_after: tuple[RowUpdate, ...] = ()  # written once the case has moved: an observation counts once


Found = Mapping[Finding, Sequence[Verdict]]


def held_rows(case: Case, rows: Sequence[ResourceRow]) -> tuple[ResourceRow, ...]:
    """The rows that this case holds and has something to do or to say about."""
    return tuple(row for row in rows if row.key == case.key and row.open)


def renewed(case: Case, rows: Sequence[ResourceRow]) -> Case:
    """The case with the definition that its newest news names: an initiative may have changed which one it means."""
    mine = held_rows(case, rows)
    newest = max(mine, key=lambda row: row.scan, default=None)
    return replace(case, definition=newest.definition) if newest and newest.definition else case


def not_asked(case: Case, rows: Sequence[ResourceRow], now: datetime) -> Confirmed | None:
    """What can be said without asking Azure: everything was dealt with before it was due, or waits for a retry."""
    mine = held_rows(case, rows)
    if not mine:
        return _over(case, rows, ())
    if all(row.pending and row.waits(now) for row in mine):
        return Confirmed(_waiting(mine))
    return None


def _waiting(rows: Sequence[ResourceRow]) -> seen.Waits:
    first = min(rows, key=lambda row: row.retry_at)
    until = instant.moment(first.retry_at)
    tried = {0: "has a task behind it and cools down", 1: "was tried once"}
    so_far = tried.get(first.attempts, f"was tried {first.attempts} times")
    because = (
        f"{first.resource} {so_far}; its next task may be opened from {instant.iso(first.retry_at)}. {first.because}"
    )
    return seen.Waits(Hold.WAITING_FOR_RETRY, because.rstrip(), until)


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
    verdicts = [verdict_of(case, row, states.get(row.resource), evidence, rules, now) for row in held_rows(case, rows)]
    updates = tuple(verdict.update for verdict in verdicts if verdict.update)
    updates += tuple(_looked_back(case, rows, states, evidence, rules))
    by = {finding: [v for v in verdicts if v.finding is finding] for finding in Finding}
    if by[Finding.LATE]:
        return Confirmed(seen.Unreadable(by[Finding.LATE][0].because), updates)
    if not by[Finding.WANTED]:
        return _none_wanted(case, rows, by, updates)
    if not isinstance(evidence.definition, Definition):
        return Confirmed(seen.Unreadable(_unknown(evidence.definition)), updates)
    return _arranged(case, rows, by, evidence, rules, updates, now)


def _looked_back(
    case: Case, rows: Sequence[ResourceRow], states: Mapping[str, ObservedState], evidence: Evidence, rules: Rules
) -> Iterator[RowUpdate]:
    """What Azure shows by now of resources that an earlier round mended and whose scan nobody waited for."""
    for row in rows:
        state = states.get(row.resource)
        if row.key != case.key or not row.unverified or state is None or state.scan <= row.tried_until:
            continue
        because = f"Scanned {instant.iso(state.scan)} after its remediation: {state.compliance}."
        yield Show(row.resource, state.scan, state.compliance, because)
        decision = decided(case, state, evidence, rules)
        if state.compliance == NONCOMPLIANT and decision.answer in REMEDIATED:
            yield DidNotLast(row.resource, state.scan, because, decision.settings.retry(decision.digest))


def _none_wanted(case: Case, rows: Sequence[ResourceRow], by: Found, updates: tuple[RowUpdate, ...]) -> Confirmed:
    """Nothing is to be opened now: something is not known, came back too soon, is given up, waits, or is over."""
    if by[Finding.UNKNOWN]:
        return Confirmed(seen.Unreadable(by[Finding.UNKNOWN][0].because), updates)
    given_up = by[Finding.GIVEN_UP]
    if given_up and case.key.kind is Kind.GROUP:
        because = f"It is given up by itself, so that its group goes on: {given_up[0].because}"
        return Confirmed(seen.Split(make_moves(given_up, Kind.RESOURCE), because, _rule(given_up[0])), updates)
    back = [verdict for verdict in (*by[Finding.WAITING], *given_up) if verdict.row.came_back]
    if back:
        return Confirmed(seen.NothingLeft(Outcome.INEFFECTIVE, back[0].because, _rule(back[0]), more=True), updates)
    if given_up:
        decision = given_up[0].decision
        digest = decision.digest if decision else ""
        code = given_up[0].row.error_code
        return Confirmed(seen.GivenUp(given_up[0].because, _rule(given_up[0]), digest, code), updates)
    if by[Finding.WAITING]:
        return Confirmed(_waiting([verdict.row for verdict in by[Finding.WAITING]]), updates)
    return _over(case, rows, by[Finding.DROPPED], updates)


def _rule(verdict: Verdict) -> str:
    return verdict.decision.rule if verdict.decision else ""


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


def _arranged(
    case: Case,
    rows: Sequence[ResourceRow],
    by: Found,
    evidence: Evidence,
    rules: Rules,
    updates: tuple[RowUpdate, ...],
    now: datetime,
) -> Confirmed:
    """One task for all of them, one for the only one, or each to a case of its own."""
    wanted, unknown = list(by[Finding.WANTED]), list(by[Finding.UNKNOWN])
    if back := _back_to_group(case, wanted):
        return Confirmed(_joining(back), updates)
    alone = case.key.kind is not Kind.GROUP
    scope = resource_id(case.key.place if alone or len(wanted) > 1 else wanted[0].row.resource)
    around = neighbours(case, rows, scope, wanted, evidence, rules, now)
    forbidden = around.forbidden
    if not alone and len(wanted) > 1:
        forbidden = forbidden or rules.divides(scope)
    if not unknown and forbidden is None:
        return _planned(case, rows, scope, wanted, around, evidence, rules, updates, now)
    if not alone and (len(wanted) > 1 or unknown):
        because = f"One task for the whole group is not possible: {forbidden or unknown[0].because}"
        alone_now = [*wanted, *unknown, *by[Finding.GIVEN_UP]]
        return Confirmed(seen.Split(make_moves(alone_now, Kind.RESOURCE), because, _rule(alone_now[0])), updates)
    because = f"too-wide: a task at {scope} would reach further than its rule allows: {forbidden}"
    if around.until:
        return Confirmed(seen.Waits(Hold.WAITING_FOR_RETRY, because, around.until), updates)
    settled = (*updates, *(Settle(v.row.resource, v.row.scan, because) for v in wanted))
    more = still_open(case.key, rows, settled)
    return Confirmed(seen.NothingLeft(Outcome.WITHDRAWN, because, more=more), settled)


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


def _joining(back: list[Verdict]) -> seen.Split:
    moves, rule = make_moves(back, Kind.GROUP), _rule(back[0])
    group = moves[0].to
    because = (
        f"Rule '{rule}' gathers by resource group: it goes on in case {group.id[:10]}, which is that of {group.place}."
    )
    return seen.Split(moves, because, rule)


def _planned(
    case: Case,
    rows: Sequence[ResourceRow],
    scope: ResourceId,
    wanted: list[Verdict],
    around: Around,
    evidence: Evidence,
    rules: Rules,
    updates: tuple[RowUpdate, ...],
    now: datetime,
) -> Confirmed:
    decision, state = wanted[0].decision, wanted[0].state
    assert decision is not None
    assert state is not None
    plan = make_plan(
        case, scope, wanted, around, decision, state, evidence.assignment, rules.limits.resources_per_hour, now
    )
    if decision.answer is Answer.OBSERVE:
        settle = tuple(Settle(v.row.resource, v.row.scan, f"observed: {decision.because}") for v in wanted)
        more = still_open(case.key, rows, (*updates, *settle))
        return Confirmed(seen.Observed(plan, decision.settings, more), updates, settle)
    return Confirmed(seen.Planned(plan, decision.settings), updates)


def _over(
    case: Case, rows: Sequence[ResourceRow], dropped: Sequence[Verdict], updates: tuple[RowUpdate, ...] = ()
) -> Confirmed:
    """The round ends without a task: nothing of the case is to be remediated any more."""
    reasons = [verdict.because for verdict in dropped]
    told = [_last_word(row) for row in rows if row.key == case.key]
    if case.reason == HANDED_OVER:
        more = still_open(case.key, rows, updates)
        return Confirmed(seen.NothingLeft(Outcome.WITHDRAWN, case.because, more=more), updates)
    because = (reasons or [word for word in told if word] or [case.because])[0]
    others = f" ({len(reasons) - 1} more resources like it.)" if len(reasons) > 1 else ""
    rule = next((verdict.decision.rule for verdict in dropped if verdict.decision), "")
    more = still_open(case.key, rows, updates)
    return Confirmed(seen.NothingLeft(Outcome.WITHDRAWN, because + others, rule, more), updates)
