"""The same promises on the real ledger: several writers with clients of their own, on a real storage service.

Events come shuffled and doubled, workers and sweeps run at the same time, and some are cancelled wherever they happen
to be. Azure Policy is the model; the clock is shared and runs faster than ours.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

from handlers import case_due, policy_state_change, sweep_tick
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.ledger import CASES, RESOURCES, Ledger
from responder.adapters.restraint import RESTRAINT
from responder.adapters.storage import open_storage
from responder.adapters.storage_settings import Storage
from responder.wiring import Parts
from tests.scenarios.interleaving import Mood
from tests.scenarios.memory_table import MemoryQueue
from tests.scenarios.personas import PERSONAS
from tests.scenarios.promises import Promises
from tests.scenarios.schedules import Estate
from tests.scenarios.stand_ins import LEASE, WritesTogether, parts_of
from tests.scenarios.world import World

WRITERS = 4
PERSONA = {persona.name: persona for persona in PERSONAS}
ESTATE = Estate(
    (
        *((PERSONA["together"], 0), (PERSONA["together"], 0), (PERSONA["apart"], 0)),
        *((PERSONA["together"], 1), (PERSONA["kept"], 1), (PERSONA["joining"], 1), (PERSONA["watched"], 1)),
    ),
    wrong=tuple((0, number) for number in range(7)),
    fates=(0, 0, 0, 2, 0, 1),
)
_MINUTE = timedelta(minutes=1)


async def _turn(what: str) -> Mood:
    await asyncio.sleep(0)
    return Mood.WELL


@asynccontextmanager
async def _writers(storage: str, world: World, queue: MemoryQueue) -> AsyncIterator[tuple[list[Parts], Promises]]:
    """Several processes' parts: one ledger and one set of clients each. Every other writes its rows together."""
    async with AsyncExitStack() as stack:
        ledgers, restraints = [], []
        for number in range(WRITERS):
            clients = open_storage(Storage(connection_string=storage))
            stack.push_async_callback(clients.close)
            cases, resources = (ConditionalTable(clients.tables, name) for name in (CASES, RESOURCES))
            ledgers.append((Ledger, WritesTogether)[number % 2](cases, resources, queue, LEASE))
            restraints.append(ConditionalTable(clients.tables, RESTRAINT))
        await ledgers[0].ensure()
        await restraints[0].create()
        promises = Promises(world, ledgers[0].cases)
        yield (
            [
                parts_of(world, promises, ledger, _turn, restraint)
                for ledger, restraint in zip(ledgers, restraints, strict=True)
            ],
            promises,
        )


async def _some_cancelled(work: list[Coroutine[object, object, None]], chance: random.Random, part: float) -> None:
    """Everything at once; some of it dies wherever it is."""
    tasks = [asyncio.create_task(each) for each in work]
    for task in tasks:
        if chance.random() < part:
            asyncio.get_running_loop().call_later(chance.random() * 0.05, task.cancel)
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
            raise result


async def _admit(world: World, writers: list[Parts], chance: random.Random) -> None:
    """Every event three times, in any order, by any writer; the last delivery of each is left alone."""
    events = [event for event in world.news for _ in range(2)]
    chance.shuffle(events)
    handle = policy_state_change.handle
    await _some_cancelled([handle(event, "", chance.choice(writers)) for event in events], chance, 0.4)
    await _some_cancelled([handle(event, "", chance.choice(writers)) for event in world.news], chance, 0)


async def _tick(world: World, queue: MemoryQueue, writers: list[Parts], chance: random.Random, part: float) -> None:
    """A minute passes: every ticket that is due goes to two workers, and a sweep runs beside them."""
    world.wait(world.now + _MINUTE)
    visible = queue.visible(world.now)
    queue.messages = [message for message in queue.messages if message not in visible]
    bodies = [json.dumps({"case": m.ticket.case, "ticket": m.ticket.ticket}).encode() for m in visible]
    work = [case_due.handle(body, chance.choice(writers)) for body in bodies for _ in range(2)]
    await _some_cancelled([*work, sweep_tick.handle("0 * * * * *", writers[0])], chance, part)


async def test_several_writers_on_a_real_storage_service_keep_every_promise(storage: str) -> None:
    chance, world, queue = random.Random(2026), ESTATE.world(), MemoryQueue(_turn)
    async with _writers(storage, world, queue) as (writers, promises):
        await _admit(world, writers, chance)
        for _ in range(25):
            await _tick(world, queue, writers, chance, part=0.3)
        for resource in world.resources:
            world.scan(world.assignments[0], resource.id)
        await _admit(world, writers, chance)

        while await _unfinished(writers[0]):
            await _tick(world, queue, writers, chance, part=0)

        await promises.hold_at_the_end()
        assert len({opened.case for opened in promises.opened}) > 1


async def _unfinished(parts: Parts) -> bool:
    return any(case.due is not None for case in await parts.ledger.cases())
