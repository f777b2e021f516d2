"""Take the step that a case needs: which adapter does it, and what was seen.

Azure's answers become values here; what they mean is decided by the pure functions of the core, and the case
moves only by its table of transitions. Whatever is told or remembered of a step happens before the case moves,
so that a crash repeats it instead of losing it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from responder.adapters.arm_error import ArmError
from responder.adapters.ledger import Claimed
from responder.core import instant, look, overdue, seen
from responder.core.case import Case, Plan, State, Stop
from responder.core.confirm import Confirmed, Evidence, confirm, not_asked, renewed, still_gathering
from responder.core.due import grace_of
from responder.core.facts import Facts
from responder.core.next_step import CheckTask, Confirm, HandOver, OpenTask, Rest, Verify, step_of
from responder.core.observed_state import ObservedState
from responder.core.outcome import Outcome, settled
from responder.core.outside import outside
from responder.core.policy_state import PolicyStateChange
from responder.core.resource_id import ResourceId, resource_id
from responder.core.resource_row import ResourceRow, RowUpdate, Settle, still_open, updated
from responder.core.span import Span
from responder.core.task import Task
from responder.core.touched import key_of, touched
from responder.core.trace_plan import observed_trace, round_trace, verify_span
from responder.core.transitions import record
from responder.opening import open_task
from responder.restraint import asked_to_wait, count_round, free_slot, hold_slot, throttled
from responder.slot_queue import leave_queue
from responder.wiring import Parts


@dataclass(frozen=True, slots=True)
class Performed:
    """The case after the step, and what is remembered of single resources once the case has moved."""

    case: Case
    afterwards: tuple[RowUpdate, ...] = ()
    ended: Outcome | None = None  # how a round ended by this step
    stopped: str = ""  # why the case stopped by this step
    what: seen.Seen | None = None  # what was seen


def count(performed: Performed, parts: Parts) -> None:
    """Count what a step came to, once it is written: one that is taken again for newer news counts once."""
    if performed.ended:
        parts.telemetry.count_round(performed.ended)
    if performed.stopped:
        parts.telemetry.count_stop(performed.stopped)


async def _tell(parts: Parts, spans: Sequence[Span]) -> None:
    """Told and flushed before the case moves on: a round without its trace would be a round nobody saw."""
    parts.telemetry.tell_all(spans)
    await parts.telemetry.flush()


async def perform(claimed: Claimed, parts: Parts) -> Performed:
    """Take the step of a claimed case; the case is not written yet."""
    performed = await _step(claimed, parts)
    await leave_queue(claimed.before, performed.case, parts)
    return performed


async def _step(claimed: Claimed, parts: Parts) -> Performed:
    case = claimed.case
    now = parts.clock()
    match step_of(case, now):
        case Confirm():
            return await _confirm(case, parts, now)
        case HandOver(moves=moves):
            for move in moves:
                await parts.ledger.hand_over(case, move, now)
            return _moved(case, seen.HandedOver(), parts)
        case OpenTask(plan=plan):
            return await _open(claimed, plan, parts, now)
        case CheckTask(plan=plan):
            return await _check(case, plan, parts, now)
        case Verify(plan=plan, task=task):
            return await _verify(case, plan, task, parts, now)
        case Rest():
            return Performed(case)


async def _open(claimed: Claimed, plan: Plan, parts: Parts, now: datetime) -> Performed:
    case, what = await open_task(claimed, plan, parts)
    if not isinstance(what, seen.Expired | seen.CalledOff):
        return _moved(case, what, parts)
    rows = await parts.ledger.rows(case.key)
    planned = [row for row in rows if row.resource in set(plan.resources)]
    settled = tuple(Settle(row.resource, row.scan, what.because) for row in planned)
    await parts.ledger.update_rows(case, settled, now)
    return _moved(case, replace(what, more=still_open(case.key, rows, settled)), parts)


def _moved(case: Case, what: seen.Seen, parts: Parts, afterwards: tuple[RowUpdate, ...] = ()) -> Performed:
    after = record(case, what, parts.clock())
    if (after.state, after.reason, after.round) != (case.state, case.reason, case.round):
        parts.telemetry.log_change_of_state(case, after)
    stopped = after.reason if after.state is State.STOPPED else ""
    return Performed(after, afterwards, _ended(what, after), stopped, what)


def _ended(what: seen.Seen, after: Case) -> Outcome | None:
    """How the round ended, where it did."""
    match what:
        case seen.TaskEnded(outcome=outcome) | seen.Verified(outcome=outcome) | seen.NothingLeft(outcome=outcome):
            return outcome
        case seen.Observed():
            return Outcome.OBSERVED
        case seen.Expired():
            return Outcome.EXPIRED
        case seen.CalledOff():
            return Outcome.CANCELED
        case _:
            return Outcome.REFUSED if after.reason == Stop.REFUSED else None


# Confirm ------------------------------------------------------------------------------------------------------


async def _confirm(case: Case, parts: Parts, now: datetime) -> Performed:
    rows = await parts.ledger.rows(case.key)
    case = renewed(case, rows)
    confirmed = await _confirmed(case, rows, parts, now)
    await _told(case, confirmed.seen, parts, now)
    await parts.ledger.update_rows(case, confirmed.updates, now)
    return _moved(case, confirmed.seen, parts, confirmed.settle_after)


async def _told(case: Case, what: seen.Seen, parts: Parts, now: datetime) -> None:
    """Rounds that end here are counted here; one that did not last counts for the breaker, too."""
    match what:
        case seen.Observed(plan=plan):
            await _tell(parts, observed_trace(case, plan, now))
        case seen.NothingLeft(outcome=Outcome.INEFFECTIVE):
            await count_round(case, Outcome.INEFFECTIVE, 0, parts)
        case seen.Planned(plan=plan) if plan.contested:
            parts.telemetry.count_contested(len(plan.contested))
        case _:
            return


async def _confirmed(case: Case, rows: Sequence[ResourceRow], parts: Parts, now: datetime) -> Confirmed:
    if over := not_asked(case, rows, now):
        return over
    change = _about(case)
    policy = change.assignment, change.definition, change.reference
    assignment, definition, initiative = await parts.facts.about(*policy, change.resource)
    known = Facts.of_policy(assignment, definition, initiative)
    if early := still_gathering(case, rows, grace_of(case.settings, known, change.reference), now):
        return early
    if wait := await asked_to_wait(parts, change.resource, now):
        return Confirmed(wait)
    try:
        states = await parts.insights.states(change.resource, change.assignment, change.definition, change.reference)
    except ArmError as error:
        if error.transient or error.throttled:
            return Confirmed(await throttled(error, change.resource, parts))
        if not error.gone:  # a subscription that is hidden from us is no reason to believe that its resources are gone
            return Confirmed(seen.Unreadable(error.what))
        states = ()  # the place itself is gone: the resources are late for an hour and count as gone then
    around = await parts.facts.around(assignment, definition, change.resource)
    return confirm(case, rows, Evidence(states, assignment, definition, initiative, around), parts.rules, now)


def _about(case: Case) -> PolicyStateChange:
    """The case's place and policy, as ids."""
    return PolicyStateChange(
        event_id="",
        kind="Changed",
        resource=resource_id(case.key.place),
        assignment=resource_id(case.key.assignment),
        definition=resource_id(case.definition),
        reference=case.reference,
        compliance="",
        scan=0,
    )


# Run ----------------------------------------------------------------------------------------------------------


async def _check(case: Case, plan: Plan, parts: Parts, now: datetime) -> Performed:
    scope = resource_id(plan.scope)
    if wait := await asked_to_wait(parts, scope, now):
        return _moved(case, wait, parts)
    try:
        task = await parts.insights.task(scope, plan.name)
        if task is None:
            looked = look.gone(case, now, await parts.ledger.rows(case.key))
            return await _looked(case, plan, looked, (), parts, now)
        if task.end is None:
            return await _running(replace(case, unread_since=None), scope, task, parts)
        deployments = await parts.insights.deployments(scope, plan.name)
    except ArmError as error:
        return await _unread(case, plan, error, parts, now)
    case = replace(case, unread_since=None)
    if not settled(task, deployments, case.same_looks + 1 if task == case.task else 0):
        return _moved(case, seen.TaskSeen(task), parts)
    looked = look.ended(case, task, deployments, await parts.ledger.rows(case.key))
    return await _looked(case, plan, overdue.by_whom(case, looked), deployments, parts, now)


async def _unread(case: Case, plan: Plan, error: ArmError, parts: Parts, now: datetime) -> Performed:
    """Ask again later; a task that is refused to us for a day after its time counts as lost."""
    scope = resource_id(plan.scope)
    if error.transient:
        return _moved(case, await throttled(error, scope, parts), parts)
    case = replace(case, unread_since=case.unread_since or now)
    looked = overdue.unreadable(case, error.what, await parts.ledger.rows(case.key), now)
    if looked is None:
        return _moved(case, await throttled(error, scope, parts), parts)
    return await _looked(replace(case, unread_since=None), plan, looked, (), parts, now)


async def _running(case: Case, scope: ResourceId, task: Task, parts: Parts) -> Performed:
    try:
        await _cancel(case, scope, task, parts)
    except ArmError as error:
        return _moved(case, await throttled(error, scope, parts), parts)
    running = _moved(case, seen.TaskSeen(task), parts)
    return replace(running, case=overdue.over_time(running.case))


async def _cancel(case: Case, scope: ResourceId, task: Task, parts: Parts) -> None:
    """Cancel a task that a person wants canceled, or that ran out of its time where its rule says so.

    It is followed to its end all the same.
    """
    late = case.timed_out and case.settings.task.on_timeout == "cancel"
    if (late or case.cancel) and task.state.lower() != "cancelling":
        await parts.insights.cancel(scope, task.name)


async def _looked(
    case: Case, plan: Plan, looked: look.Looked, deployments: "look.Deployments", parts: Parts, now: datetime
) -> Performed:
    if isinstance(looked.seen, seen.TaskEnded):
        end = looked.seen
        await _tell(parts, round_trace(case, plan, end.task, deployments, end.outcome, end.because, now))
        if strangers := outside(plan, deployments):
            parts.telemetry.log_outside(case, plan.name, strangers)
        parts.telemetry.observe_seconds("task to end", _seconds(end.task.created_on, end.task.last_updated_on))
        for status, count in Counter(row.status for row in deployments).items():
            parts.telemetry.count_deployments(status, count)
        await parts.journal.write(touched(case, plan, end))
        await count_round(case, end.outcome, end.task.created_on, parts)
        await free_slot(case, parts)
    await parts.ledger.update_rows(case, looked.updates, now)
    return _moved(case, looked.seen, parts)


# Verify -------------------------------------------------------------------------------------------------------


async def _verify(case: Case, plan: Plan, task: Task, parts: Parts, now: datetime) -> Performed:
    """Look at the task first, then at what Azure Policy says of its resources since it ended.

    While it is early and events have not answered for all, Azure is asked nothing: thousands of events may come.
    """
    scope, rows = resource_id(plan.scope), await parts.ledger.rows(case.key)
    answered = look.rows_suffice(case, task, rows)
    if not answered and look.early(case, task, now):
        looked = look.verified(case, task, rows, (), now)
        return await _judged(case, plan, rows, looked, parts, now)
    if wait := await asked_to_wait(parts, scope, now):
        return _moved(case, wait, parts)
    try:
        shown = await parts.insights.task(scope, plan.name)
        if shown is not None and (shown.end is None or shown.created_on != task.created_on):
            await hold_slot(case, plan, parts)
            return _moved(case, seen.TaskSeen(shown), parts)
        looked = look.verified(case, task, rows, () if answered else await _states(case, parts), now)
    except ArmError as error:
        blind = None if error.transient else overdue.unverifiable(case, task, error.what, rows, now)
        if blind is None:
            return _moved(case, await throttled(error, scope, parts), parts)
        looked = blind
    return await _judged(case, plan, rows, looked, parts, now)


async def _states(case: Case, parts: Parts) -> Sequence[ObservedState]:
    about = _about(case)
    return await parts.insights.states(about.resource, about.assignment, about.definition, about.reference)


async def _judged(
    case: Case, plan: Plan, rows: Sequence[ResourceRow], looked: look.Looked, parts: Parts, now: datetime
) -> Performed:
    if isinstance(looked.seen, seen.Verified) and case.task is not None:
        end, task = looked.seen, case.task
        await _tell(parts, (verify_span(case, plan, task, end.outcome, end.because, now),))
        parts.telemetry.observe_seconds("end to verified", _seconds(task.last_updated_on, instant.of(now)))
        await parts.journal.judged(key_of(case, task.last_updated_on), end.outcome)
        await count_round(case, end.outcome, task.created_on, parts)
    await parts.ledger.update_rows(case, _unwritten(rows, looked.updates), now)
    return _moved(case, looked.seen, parts)


def _unwritten(rows: Sequence[ResourceRow], updates: Sequence[RowUpdate]) -> tuple[RowUpdate, ...]:
    """The updates that the rows do not show yet: thousands of answers are not written again at each look."""
    known = {row.resource: row for row in rows}
    new: list[RowUpdate] = []
    for update in updates:
        row = known.get(update.resource)
        after = updated(row, update) if row else None
        if after is None or after != row:
            new.append(update)
        if after is not None:
            known[update.resource] = after
    return tuple(new)


def _seconds(begin: int, end: int) -> float:
    return max(0.0, (end - begin) / instant.TICKS_PER_SECOND)
