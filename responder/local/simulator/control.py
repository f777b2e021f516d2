"""The control endpoints under `/_simulator`: what stands there, how slow it is, what goes wrong, what happened.

Everything is JSON. What cannot be understood is a 400 with one sentence: `{"error": "…"}`.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from aiohttp import web

from responder.local.simulator.documents import ClockChange, Estate, Json, State, read
from responder.local.simulator.faults import Fault
from responder.local.simulator.task import Task
from responder.local.simulator.tenant import Tenant
from responder.local.simulator.trouble import BadInput
from responder.local.simulator.wire import stamp
from responder.local.simulator.world import World

Look = Callable[[World], object]
Change = Callable[[World, object, bool], object]


def show_clock(world: World) -> Json:
    """The simulated time and how fast it runs."""
    return {"now": stamp(world.clock.now()), "speed": world.clock.speed}


def show_tasks(world: World) -> list[Json]:
    """Every task there ever was, oldest first."""
    return [_task(world, task) for task in world.tasks]


def show_events(world: World) -> list[Json]:
    """Every event that was raised, and how its delivery went."""
    return [raised.body() for raised in world.events]


def show_dials(world: World) -> Json:
    """Where the dials stand."""
    return world.dials.model_dump(mode="json", by_alias=True)


def replace_estate(world: World, body: object, _raise: bool) -> Json:
    """Put this estate in place of the one that stands; tasks that run go on and find what they find."""
    estate = read(Estate, body, "estate")
    world.tenant = Tenant()
    return _load(world, estate)


def extend_estate(world: World, body: object, _raise: bool) -> Json:
    """Add to the estate; what has the same id is replaced."""
    return _load(world, read(Estate, body, "estate"))


def change_states(world: World, body: object, raising: bool) -> Json:
    """Change states, and raise the events that follow when asked to; returns the raised ones."""
    states = read(list[State], body, "states")
    now = world.clock.now()
    if not raising:
        for state in states:
            world.tenant.change(state, now)
        return {"raised": []}
    raised = [world.change_state(state, now) for state in states]
    return {"raised": [event for event in raised if event is not None]}


def turn_dials(world: World, body: object, _raise: bool) -> Json:
    """Set the named dials; tasks that run keep those they began with."""
    world.dials = world.dials.turned(body)
    return show_dials(world)


def set_clock(world: World, body: object, _raise: bool) -> Json:
    """Jump ahead, or run at another speed."""
    change = read(ClockChange, body, "clock")
    if change.speed is not None:
        world.clock.run_at(change.speed)
    world.clock.advance(change.advance)
    world.settle()
    return show_clock(world)


def add_faults(world: World, body: object, _raise: bool) -> Json:
    """Put faults in force beside those that are."""
    world.faults.add(read(list[Fault], body, "faults"))
    return {"faults": world.faults.body()}


def clear_faults(world: World, _body: object, _raise: bool) -> Json:
    """End all faults; answers that are held go out."""
    world.faults.clear()
    return {"faults": []}


LOOKS: dict[str, Look] = {
    "clock": show_clock,
    "dials": show_dials,
    "events": show_events,
    "faults": lambda world: world.faults.body(),
    "remediations": show_tasks,
    "requests": lambda world: world.requests.body(),
}
CHANGES: dict[tuple[str, str], Change] = {
    ("PUT", "estate"): replace_estate,
    ("POST", "estate"): extend_estate,
    ("POST", "states"): change_states,
    ("PUT", "dials"): turn_dials,
    ("POST", "clock"): set_clock,
    ("POST", "faults"): add_faults,
    ("DELETE", "faults"): clear_faults,
}


async def handle(world: World, request: web.Request) -> web.Response:
    """Answer one control request."""
    name = request.match_info["name"]
    world.settle()
    look, change = LOOKS.get(name), CHANGES.get((request.method, name))
    if request.method == "GET" and look is not None:
        return web.json_response(look(world))
    if change is None:
        return _refused(404, f"There is no {request.method} /_simulator/{name}.")
    try:
        raising = request.query.get("raise", "").lower() in ("true", "1")
        return web.json_response(change(world, await _body(request), raising))
    except BadInput as error:
        return _refused(400, str(error))


async def _body(request: web.Request) -> object:
    if request.method == "DELETE":
        return None
    try:
        body: object = json.loads(await request.read())
    except ValueError as error:
        raise BadInput(f"the body is not JSON: {error}") from error
    return body


def _refused(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)


def _load(world: World, estate: Estate) -> Json:
    world.tenant.add(estate, world.clock.now())
    return {"states": len(world.tenant.states)}


def _task(world: World, task: Task) -> Json:
    shown: Json = {"scope": task.scope, "name": task.name, "body": task.put, "state": task.state}
    shown["states"] = [{"state": state, "at": stamp(at)} for state, at in task.history]
    shown["createdOn"] = stamp(task.created)
    shown["lastUpdatedOn"] = stamp(task.updated)
    shown["deploymentStatus"] = task.summary(world.clock.now())
    shown["deployments"] = [row.body() for row in task.deployments]
    how, when = task.removed or (None, None)
    shown["removed"] = how
    shown["removedOn"] = stamp(when) if when else None
    return shown
