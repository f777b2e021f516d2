"""What a look at a task, or at the policy states after it, means. Pure: told the rows, the rows say the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from responder.core import instant, seen
from responder.core.case import NOT_VISIBLE_YET, Case
from responder.core.observed_state import ObservedState, by_resource
from responder.core.outcome import BAD, Outcome, outcome_of, used_up
from responder.core.policy_state import COMPLIANT, NONCOMPLIANT
from responder.core.resource_row import DidNotLast, Leftover, ResourceRow, RowUpdate, Show, Tried, still_open
from responder.core.task import Deployment, Task

Deployments = Sequence[Deployment]
_LONGEST_WHY = 600
_ENDED_FROM_OUTSIDE = (Outcome.CANCELED, Outcome.TIMED_OUT, Outcome.LOST)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen, and what the ledger is to remember of single resources before the case moves on."""

    seen: seen.Seen
    updates: tuple[RowUpdate, ...] = ()


def gone(case: Case, now: datetime, rows: Sequence[ResourceRow]) -> Looked:
    """Azure does not know the task: not visible yet, or lost."""
    if case.opened_at is None or now - case.opened_at <= NOT_VISIBLE_YET or case.task is None:
        return Looked(seen.NotVisibleYet())
    because = "Azure no longer knows the task: somebody deleted it, or it was never kept."
    lost = replace(case.task, last_updated_on=max(case.task.last_updated_on, instant.of(now)))
    return _ended(case, lost, (), Outcome.LOST, because, rows)


def ended(case: Case, task: Task, deployments: Sequence[Deployment], rows: Sequence[ResourceRow]) -> Looked:
    """The task ended and its counters have settled: its outcome, and what each resource got."""
    task = _timed(case, task)
    ours = case.settings.task.on_timeout == "cancel" and case.cancel is None  # else a person canceled it
    late = case.timed_out and (ours or task.end != "Canceled")
    outcome = outcome_of(task, _short(case, task, deployments), late)
    return _ended(case, task, deployments, outcome, _told(task, outcome, deployments), rows)


def _short(case: Case, task: Task, deployments: Sequence[Deployment]) -> bool:
    """Whether the task used its count up and did not come to all that was planned.

    The count may go to neighbours that were covered before, when Azure's new evaluation calls them non-compliant.
    """
    planned = _planned_resources(case)
    asked = asked_count(case, len(planned))
    touched = {row.resource for row in deployments}
    elsewhere = bool(touched - set(planned))
    return used_up(task, len(planned) + elsewhere, asked) and not touched.issuperset(planned)


def _timed(case: Case, task: Task) -> Task:
    """The task with an end: where Azure tells none, its beginning stands in, or no cooldown would follow."""
    opened = instant.of(case.opened_at) if case.opened_at else 0
    return replace(task, last_updated_on=task.last_updated_on or task.created_on or opened)


def asked_count(case: Case, otherwise: int) -> int:
    """The `resourceCount` that the plan's body asks for."""
    properties = case.plan.body.get("properties") if case.plan else None
    count = properties.get("resourceCount") if isinstance(properties, Mapping) else None
    return count if isinstance(count, int) else otherwise


def _ended(
    case: Case,
    task: Task,
    deployments: Sequence[Deployment],
    outcome: Outcome,
    because: str,
    rows: Sequence[ResourceRow],
) -> Looked:
    by_resource = {row.resource: row for row in deployments}
    planned = _planned_resources(case)
    short = outcome not in _ENDED_FROM_OUTSIDE and _short(case, task, deployments)
    came_to = short and any(name in by_resource for name in planned)  # else the count was used up by others: an attempt
    names = (*planned, *sorted(set(by_resource) - set(planned)))  # whatever it deployed to was tried
    updates = tuple(_tried(case, task, outcome, by_resource.get(name), name, came_to) for name in names)
    more = still_open(case.key, rows, updates) or (short and not came_to)
    return Looked(seen.TaskEnded(task, outcome, because, more, tuple(deployments)), updates)


def _tried(
    case: Case, task: Task, outcome: Outcome, deployment: Deployment | None, resource: str, left_over: bool
) -> RowUpdate:
    """What a resource got; one that a used-up count never came to is left over, whatever became of the others."""
    if deployment is None and left_over:
        return Leftover(resource)
    covered = deployment is not None and deployment.succeeded
    badly = outcome in BAD or outcome is Outcome.TRUNCATED
    retry = case.settings.retry(case.plan.digest) if badly and case.plan else None
    done = deployment.last_updated_on if deployment and covered else 0
    counts, why = outcome is not Outcome.CANCELED, _why(task, outcome, deployment)
    code = deployment.error_code if deployment and deployment.failed else ""
    return Tried(resource, task, covered, case.settings.cooldown, retry, counts, done, why, code)


def _why(task: Task, outcome: Outcome, deployment: Deployment | None) -> str:
    """What is remembered of a resource that a task did not mend: which task, and what Azure said."""
    if deployment is not None and deployment.failed:
        error = f"{deployment.error_code or 'no code'}: {deployment.error_message}"
        return f"Task {task.name}: {error}"[:_LONGEST_WHY]
    return f"Task {task.name} ended as {outcome}." if outcome in BAD and deployment is None else ""


def _told(task: Task, outcome: Outcome, deployments: Sequence[Deployment]) -> str:
    counts = f"{task.succeeded} of {task.total} deployments succeeded, {task.failed} failed"
    first = next((row for row in deployments if row.failed), None)
    error = f" First error: {first.error_code or 'no code'}: {first.error_message}" if first else ""
    match outcome:
        case Outcome.NOTHING_TO_DO:
            return "The task found nothing to remediate: Azure Policy's new evaluation called everything compliant."
        case Outcome.TRUNCATED:
            return f"{counts}; the task's count was smaller than the need, so the next round begins at once."
        case Outcome.CANCELED:
            return f"Somebody canceled the task: {counts}. That is respected."
        case Outcome.REMEDIATED:
            return f"{counts}; whether Azure Policy now calls them compliant is still to be seen."
        case _:
            return f"Azure calls the task {task.state}: {counts}.{error or _status(task)}"


def _status(task: Task) -> str:
    return f" Azure says: {task.status_message}" if task.status_message else ""


def verified(
    case: Case, task: Task, rows: Sequence[ResourceRow], states: Sequence[ObservedState], now: datetime
) -> Looked:
    """Whether every remediated resource was scanned after the task's end, and what was found.

    Where no such scan comes in time, one from after the resource's own deployment counts: a task may run for hours.
    """
    answers = _answers(case, task, rows, states)
    late = now > instant.moment(task.last_updated_on) + case.settings.verify_at_most
    if late:
        while_it_ran = _since_their_own(case, rows, states)
        answers = {name: answer or while_it_ran.get(name) for name, answer in answers.items()}
    unknown = [name for name, answer in answers.items() if answer is None]
    told = [answer for answer in answers.values() if answer and answer.compliance != COMPLIANT]
    updates = tuple(update for answer in answers.values() if answer for update in _shown(case, answer))
    if unknown and not late:
        since = instant.iso(task.last_updated_on)
        because = f"{len(unknown)} of {len(answers)} resources were not scanned since the task's end at {since}."
        return Looked(seen.NotYetScanned(because, _not_before(case, task, now)), updates)
    return Looked(_judged(case, rows, updates, told, unknown), updates)


def early(case: Case, task: Task, now: datetime) -> bool:
    """Whether it is too early to ask Azure: it takes about 20 minutes until states are published."""
    return _not_before(case, task, now) is not None


def rows_suffice(case: Case, task: Task, rows: Sequence[ResourceRow]) -> bool:
    """Whether events have already answered for every remediated resource, so that Azure need not be asked."""
    return all(_answers(case, task, rows, ()).values())


def _judged(
    case: Case,
    rows: Sequence[ResourceRow],
    updates: tuple[RowUpdate, ...],
    told: Sequence[ObservedState],
    unknown: Sequence[str],
) -> seen.Verified:
    """`told` is what Azure calls anything but compliant: exempt, deleted or in conflict proves no remediation."""
    more = still_open(case.key, rows, updates)
    bad = [state for state in told if state.compliance == NONCOMPLIANT]
    if bad:
        because = f"{bad[0].resource} is still non-compliant by the scan of {instant.iso(bad[0].scan)}"
        return seen.Verified(Outcome.INEFFECTIVE, f"{because}: the task succeeded and did not mend it.", more)
    if told:
        because = (
            f"Azure Policy calls {told[0].resource} {told[0].compliance} since: whether it was mended is not told."
        )
        return seen.Verified(Outcome.UNVERIFIED, because, more)
    if unknown:
        because = f"{unknown[0]} was not scanned within {case.settings.verify_at_most} of the task's end."
        return seen.Verified(Outcome.UNVERIFIED, because, more)
    return seen.Verified(Outcome.VERIFIED, "Azure Policy now calls every remediated resource compliant.", more)


def _answers(
    case: Case, task: Task, rows: Sequence[ResourceRow], states: Sequence[ObservedState]
) -> dict[str, ObservedState | None]:
    """For each awaited resource the newest word about it that was scanned after its task's end.

    Awaited is what was planned, and what an earlier round of this case mended and nobody has scanned since: a round is
    verified only when all of it is.
    """
    known = {row.resource: row for row in rows}
    ends = {name: task.last_updated_on for name in _planned_resources(case) if name in known}
    ends |= {
        row.resource: row.tried_until
        for row in rows
        if row.key == case.key and row.unverified and row.resource not in ends
    }
    words = [*states, *(known[name].as_state() for name in ends)]
    newest = by_resource(word for word in words if word.scan > ends.get(word.resource.text, word.scan))
    return {name: newest.get(name) for name in ends}


def _since_their_own(
    case: Case, rows: Sequence[ResourceRow], states: Sequence[ObservedState]
) -> dict[str, ObservedState]:
    """For each resource whose deployment is kept, the newest word about it that was scanned after that ended."""
    ends = {row.resource: row.last_updated_on for row in case.deployments if row.succeeded and row.last_updated_on}
    words = [*states, *(row.as_state() for row in rows)]
    return by_resource(word for word in words if 0 < ends.get(word.resource.text, 0) < word.scan)


def _shown(case: Case, state: ObservedState) -> tuple[RowUpdate, ...]:
    """What the scan after the end says; one that is still non-compliant is owed another attempt, or was the last."""
    because = f"Scanned {instant.iso(state.scan)} after its remediation: {state.compliance}."
    show = Show(state.resource.text, state.scan, state.compliance, because)
    if state.compliance != NONCOMPLIANT or case.plan is None:
        return (show,)
    retry = case.settings.retry(case.plan.digest)
    return (show, DidNotLast(state.resource.text, state.scan, because, retry))


def _not_before(case: Case, task: Task, now: datetime) -> datetime | None:
    first = instant.moment(task.last_updated_on) + case.settings.verify_after
    return first if first > now else None


def _planned_resources(case: Case) -> tuple[str, ...]:
    return case.plan.resources if case.plan else ()
