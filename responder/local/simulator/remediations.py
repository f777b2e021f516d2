"""Microsoft.PolicyInsights/remediations: what can be asked about tasks, and every no.

https://learn.microsoft.com/rest/api/policyinsights/remediations
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from pydantic import ValidationError

from responder.local.simulator import life, refusal
from responder.local.simulator import scope as ids
from responder.local.simulator.documents import Json
from responder.local.simulator.filter_text import compiled
from responder.local.simulator.task import ENDED, Body, Properties, Task
from responder.local.simulator.tenant import text_in
from responder.local.simulator.wire import ArmAnswer, ArmRequest, paged
from responder.local.simulator.world import World

_PAGE = 100  # measured: $top=101 gives 100, a next link, and 1
_AT_ONCE = 100  # tasks of one definition that may run at a time (documented)
_MOST_RESOURCES = 50_000
_MOST_PARALLEL = 30


def put(world: World, request: ArmRequest, scope: str, name: str) -> ArmAnswer:
    """Open a task: 201, or 200 where an ended task of that name is replaced."""
    now = world.settle()
    asked = _read(request.body)
    before = world.task(scope, name)
    if before is not None and not before.ended:
        raise refusal.active_on_update(name)
    _check_request(scope, name, asked)
    _check_assignment(world, name, asked)
    _check_others(world, scope, name, asked)
    if before is not None:
        before.removed = ("replaced", now)
    task = _accepted(world, request, scope, name, asked, now)
    answer = ArmAnswer(201 if before is None else 200, task.body(now, request.api_version))
    life.begin(world, task)
    return answer


def get(world: World, request: ArmRequest, scope: str, name: str) -> ArmAnswer:
    """One task."""
    now = world.settle()
    return ArmAnswer(200, _found(world, scope, name, now).body(now, request.api_version))


def delete(world: World, request: ArmRequest, scope: str, name: str) -> ArmAnswer:
    """Take an ended task away: 200 with its last body; 204 where there is none."""
    now = world.settle()
    task = world.task(scope, name)
    if task is None:
        return ArmAnswer(204)
    if not task.ended:
        raise refusal.active_on_delete(name)
    task.removed = ("deleted", now)
    return ArmAnswer(200, task.body(now, request.api_version))


def list_at(world: World, request: ArmRequest, scope: str) -> ArmAnswer:
    """The tasks of a scope itself, oldest first, 100 at a time."""
    now = world.settle()
    test = compiled(request.filter, ["policyAssignmentId", "provisioningState"])
    here = [task for task in world.tasks if task.visible(now) and ids.key(task.scope) == ids.key(scope)]
    wanted = [task for task in here if test(_row(task))]
    return _pages(request, [task.body(now, request.api_version) for task in wanted])


def list_deployments(world: World, request: ArmRequest, scope: str, name: str) -> ArmAnswer:
    """The deployments of a task, 100 at a time; none yet while it is only accepted."""
    now = world.settle()
    return _pages(request, [row.body() for row in _found(world, scope, name, now).deployments])


def cancel(world: World, request: ArmRequest, scope: str, name: str) -> ArmAnswer:
    """Have a task stop: `Cancelling` now, `Canceled` later (a minute, as measured). Asked twice, it stays so."""
    now = world.settle()
    task = _found(world, scope, name, now)
    if task.ended:
        raise refusal.ended_on_cancel()
    if task.state != "Cancelling":
        life.cancel(world, task, now)
    return ArmAnswer(200, task.body(now, request.api_version))


def _read(body: object) -> Properties:
    try:
        return Body.model_validate(body).properties
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise refusal.bad_body(f"{where}: {first['msg']}" if where else str(first["msg"])) from error


def _check_request(scope: str, name: str, asked: Properties) -> None:
    if asked.reevaluates and ids.is_management_group(scope):
        raise refusal.reevaluation_above_subscription(name)
    if asked.reevaluates and asked.filters is not None and asked.filters.resource_ids is not None:
        raise refusal.resource_ids_with_reevaluation(name)
    if not _within(asked.resource_count, _MOST_RESOURCES):
        raise refusal.out_of_range(name, f"The resource count must be between 1 and {_MOST_RESOURCES}.")
    if not _within(asked.parallel_deployments, _MOST_PARALLEL):
        raise refusal.out_of_range(name, f"Parallel deployments must be between 1 and {_MOST_PARALLEL}.")
    if asked.failure_threshold is not None and not 0 <= asked.failure_threshold.percentage <= 1:
        raise refusal.out_of_range(name, "The failure threshold percentage must be between 0.0 and 1.0.")


def _within(number: int | None, most: int) -> bool:
    return number is None or 1 <= number <= most


def _check_assignment(world: World, name: str, asked: Properties) -> None:
    assignment = world.tenant.document("policyassignments", asked.policy_assignment_id)
    if assignment is None:
        raise refusal.not_found("policyassignments", asked.policy_assignment_id)
    initiative = "/policysetdefinitions/" in text_in(assignment, "policyDefinitionId").lower()
    if initiative and not asked.policy_definition_reference_id:
        raise refusal.reference_missing(name, asked.policy_assignment_id)


def _check_others(world: World, scope: str, name: str, asked: Properties) -> None:
    overlaps = _overlapping(world, scope)
    running = [task for task in _active(world) if _place(task.asked) == _place(asked) and overlaps(task)]
    if running:
        names = [task.name for task in running]
        raise refusal.already_running(names, asked.policy_assignment_id, asked.policy_definition_reference_id)
    definition = _definition(world, asked)
    if sum(_definition(world, task.asked) == definition for task in _active(world)) >= _AT_ONCE:
        raise refusal.too_many_running(name, _AT_ONCE)


def _overlapping(world: World, scope: str) -> Callable[[Task], bool]:
    """Equal, above or below: two tasks there would have resources in common."""
    contains = world.tenant.contains
    return lambda task: contains(task.scope, scope) or contains(scope, task.scope)


def _active(world: World) -> Iterator[Task]:
    return (task for task in world.tasks if task.state not in ENDED)


def _place(asked: Properties) -> tuple[str, str]:
    return ids.key(asked.policy_assignment_id), asked.policy_definition_reference_id.lower()


def _definition(world: World, asked: Properties) -> tuple[str, str]:
    assignment = world.tenant.document("policyassignments", asked.policy_assignment_id)
    return text_in(assignment, "policyDefinitionId").lower(), asked.policy_definition_reference_id.lower()


def _accepted(world: World, request: ArmRequest, scope: str, name: str, asked: Properties, now: datetime) -> Task:
    put: Json = dict(request.body) if isinstance(request.body, dict) else {}
    task = Task(ids.normal(scope), name, put, asked, world.dials, now, now, now, [("Accepted", now)])
    world.tasks.append(task)
    return task


def _found(world: World, scope: str, name: str, now: datetime) -> Task:
    task = world.task(scope, name)
    if task is None or not task.visible(now):
        raise refusal.no_such_remediation(name)
    return task


def _row(task: Task) -> Json:
    return {"policyAssignmentId": task.asked.policy_assignment_id, "provisioningState": task.state}


def _pages(request: ArmRequest, items: list[Json]) -> ArmAnswer:
    page = paged(request, items, _PAGE)
    body: Json = {"value": list(page.items)}
    return ArmAnswer(200, {**body, "nextLink": page.next_link} if page.next_link else body)
