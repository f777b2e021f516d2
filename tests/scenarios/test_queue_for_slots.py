"""Who waits for a slot, who no longer does, and that none lies idle meanwhile."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from responder.adapters.slots import SlotStore
from responder.core.case import Case, Hold, State
from responder.core.rule_settings import Bounds
from responder.core.rules import read_rules
from responder.slot_queue import wake_next
from tests.core.builders import SUBSCRIPTION
from tests.scenarios.one_case import TEXT, App
from tests.scenarios.personas import Persona, Resource

GATHERS_LONG = TEXT.replace("by: resourceGroup, for: PT30S, atMost: PT2M", "by: resource, for: PT10M, atMost: PT15M")
GATHERS_LONG = GATHERS_LONG.replace("most: PT10M", "most: PT1M")  # a task that ended is soon seen to have ended
QUICK = GATHERS_LONG.replace("for: PT10M, atMost: PT15M", "for: PT30S, atMost: PT2M")


async def one_at_a_time(text: str, resources: int = 3) -> App:
    """An app that may run one task, after its first case has taken the slot; that task runs for half an hour."""
    app = App(rules=read_rules(text), fates=(0, 3, 0, 0, 0))
    groups = [f"{SUBSCRIPTION}/resourcegroups/rg-{number}" for number in range(resources)]
    app.resources = [Resource(Persona("kv", "vaults"), number, group) for number, group in enumerate(groups)]
    app.world.resources = app.resources
    store = SlotStore(app.parts.slots._rows._table, Bounds(running=1), app.parts.ledger.holders)
    app.parts = replace(app.parts, slots=store)
    await app.hears(0)
    await app.reaches(State.RUNNING)
    for number in range(1, resources):
        await app.hears(number)
    return app


async def waits(app: App, minutes: float) -> None:
    for _ in range(int(minutes)):
        await app.passes(1)
        await app.sweeps()


def of(app: App, number: int) -> Case:
    return next(case for case in app.cases() if case.key.place == app.resources[number].id)


def waiting(app: App) -> list[int]:
    """The numbers of those that wait for a slot, in the order of their age."""
    denied = [number for number in range(len(app.resources)) if of(app, number).reason == Hold.WAITING_FOR_SLOT]
    return sorted(denied, key=lambda number: str(of(app, number).waiting_since) + of(app, number).id)


async def test_a_freed_slot_does_not_lie_idle_while_the_oldest_is_planned_anew() -> None:
    app = await one_at_a_time(GATHERS_LONG)

    await waits(app, 60)

    runs = sorted((task.begins, task.ends) for task in app.world.tasks)
    assert len(runs) == 3
    assert all(begun - ended < timedelta(minutes=3) for (_, ended), (begun, _) in pairwise(runs))


async def test_whoever_wants_no_slot_any_more_keeps_no_younger_one_out() -> None:
    app = await one_at_a_time(QUICK)
    await waits(app, 8)
    older, younger = waiting(app)

    await app.hears(older, compliant=True)
    await waits(app, 6)
    slots = await app.parts.slots.look()

    assert of(app, older).state is State.CLOSED
    assert [waiter.case for waiter in slots.waiters] == [of(app, younger).id]


async def test_a_case_that_is_held_for_something_else_does_not_stand_in_the_queue() -> None:
    app = await one_at_a_time(QUICK)
    await waits(app, 8)
    denied = {of(app, number).id: of(app, number).waiting_since for number in waiting(app)}

    app.world.paused = True
    await waits(app, 6)
    slots = await app.parts.slots.look()

    assert (len(denied), slots.waiters) == (2, ())
    assert {case.id: case.waiting_since for case in app.cases() if case.reason == Hold.PAUSED} == denied


async def test_one_that_was_lost_at_the_head_of_the_queue_makes_place_for_the_next() -> None:
    app = await one_at_a_time(QUICK)
    await waits(app, 28)
    older, _ = waiting(app)
    table = app.stage.cases
    table._rows = {key: row for key, row in table._rows.items() if key[1] != of(app, older).id}

    await waits(app, 5)

    assert len(app.world.tasks) == 2


async def test_a_slot_that_is_freed_while_its_next_case_is_being_denied_is_not_missed() -> None:
    app = await one_at_a_time(QUICK, 2)
    freed: list[str] = []

    async def between_denial_and_write(what: str) -> None:
        if freed or not what.startswith("replace in respondercases"):
            return
        if (await app.parts.slots.look()).waiters:
            freed.append(what)
            await wake_next(await app.parts.slots.give_back(of(app, 0).id, 1, app.world.now), app.parts, app.world.now)

    app.hooks.append(between_denial_and_write)
    await app.passes(3)

    assert freed
    assert of(app, 1).reason != Hold.WAITING_FOR_SLOT
