"""The life of a remediation task: found, deployed, counted, ended, and looked at again.

Accepted -> Evaluating (only with ReEvaluateCompliance) -> Running -> Succeeded or Failed; Cancelling -> Canceled
from any state before the end. Each step writes the next into the agenda.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from responder.local.simulator import scope as ids
from responder.local.simulator.documents import State
from responder.local.simulator.task import Deployment, Task
from responder.local.simulator.tenant import StateKey
from responder.local.simulator.wire import stamp
from responder.local.simulator.world import World

_DEFAULT_COUNT = 500  # documented defaults; the service does not echo them when they were not asked for
_DEFAULT_PARALLEL = 10
_DEFAULT_THRESHOLD = 1.0
_REMEDIABLE = frozenset({"deployifnotexists", "modify"})


def begin(world: World, task: Task) -> None:
    """Start a task that was just accepted."""
    world.agenda.at(task.created + task.dials.accepted, lambda at: _evaluate(world, task, at))


def cancel(world: World, task: Task, now: datetime) -> None:
    """Stop a running task: no new deployments, those in flight are given up, `Canceled` after a while."""
    task.move("Cancelling", now)
    task.modified = now
    task.waiting.clear()
    world.agenda.at(now + task.dials.cancelling, lambda at: _canceled(task, at))


def _canceled(task: Task, at: datetime) -> None:
    for row in task.deployments:
        if row.status == "Evaluating":
            row.status, row.updated = "Canceled", at
    # What was canceled is neither successful nor failed: total is more than both, also at the end (recorded).
    task.move("Canceled", at)


def _evaluate(world: World, task: Task, at: datetime) -> None:
    if task.state != "Accepted":
        return
    if not task.asked.reevaluates:
        _run(world, task, at)
        return
    task.move("Evaluating", at)
    world.agenda.at(at + task.dials.evaluating, lambda then: _run(world, task, then))


def _run(world: World, task: Task, at: datetime) -> None:
    if task.state not in ("Accepted", "Evaluating"):
        return
    task.waiting.extend(_targets(world, task))
    task.total = len(task.waiting)
    if not task.total:
        task.move("Succeeded", at)
        return
    task.move("Running", at)
    _deploy(world, task, at)


def _deploy(world: World, task: Task, at: datetime) -> None:
    """Begin as many deployments as may run side by side. A row appears when its deployment begins (a guess)."""
    free = (task.asked.parallel_deployments or _DEFAULT_PARALLEL) - task.in_flight
    for _ in range(min(free, len(task.waiting))):
        _begin_deployment(world, task, task.waiting.popleft(), at)


def _begin_deployment(world: World, task: Task, key: StateKey, at: datetime) -> None:
    state = world.tenant.states.get(key)
    resource = world.tenant.resource(state.resource_id if state else key[0])
    row = Deployment(resource, key, at, at)
    task.start(row)
    took = resource.remediation.takes
    ends = at + (task.dials.deployment if took is None else took)
    world.agenda.at(ends, lambda then: _end_deployment(world, task, row, then))


def _end_deployment(world: World, task: Task, row: Deployment, at: datetime) -> None:
    if task.state != "Running":
        return
    task.finish(row, at)
    if row.status == "Succeeded":
        world.agenda.at(at + task.dials.rescan, lambda then: _scan_again(world, row, then))
    _deploy(world, task, at)
    if not task.in_flight:
        task.move(_verdict(task), at)


def _verdict(task: Task) -> str:
    """`Failed` when more failed than the threshold bears. Whether the service stops early is not known."""
    threshold = task.asked.failure_threshold
    bears = _DEFAULT_THRESHOLD if threshold is None else threshold.percentage
    return "Failed" if task.failed / task.total > bears else "Succeeded"


def _scan_again(world: World, row: Deployment, at: datetime) -> None:
    """Azure Policy looks at what was deployed; a state that was scanned since is never replaced by an older one."""
    state = world.tenant.states.get(row.state)
    if state is None or (state.timestamp or "") > stamp(at):
        return
    helped = row.resource.remediation.outcome == "succeeds"
    found = "Compliant" if helped else "NonCompliant"
    world.change_state(state.model_copy(update={"compliance_state": found, "timestamp": stamp(at)}), at)


def _targets(world: World, task: Task) -> Iterable[StateKey]:
    """The non-compliant resources of the task's assignment and reference, at or below its scope."""
    found = (key for key, state in world.tenant.states.items() if _wanted(world, task, key, state))
    return islice(found, task.asked.resource_count or _DEFAULT_COUNT)


def _wanted(world: World, task: Task, key: StateKey, state: State) -> bool:
    asked = task.asked
    resource = world.tenant.resource(state.resource_id)
    return (
        key[1] == ids.key(asked.policy_assignment_id)
        and key[3] == asked.policy_definition_reference_id.lower()
        and (state.compliance_state or "").lower() == "noncompliant"
        and state.policy_definition_action.lower() in _REMEDIABLE
        and resource.remediation.outcome != "untouched"
        and world.tenant.contains(task.scope, state.resource_id)
        and _passes_filters(task, resource.location, key[0])
    )


def _passes_filters(task: Task, location: str, resource_key: str) -> bool:
    filters = task.asked.filters
    if filters is None:
        return True
    places = None if filters.locations is None else {_place(name) for name in filters.locations}
    wanted = None if filters.resource_ids is None else {ids.key(each) for each in filters.resource_ids}
    return (places is None or _place(location) in places) and (wanted is None or resource_key in wanted)


def _place(location: str) -> str:
    """`West Europe` and `westeurope` are one location."""
    return location.replace(" ", "").lower()
