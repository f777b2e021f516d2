"""Thousands of broken events and messages at one running app, and the account of what became of each of them.

`python -m tests.scenarios.fuzz [COUNT] [SEED]` prints the account; `make test` keeps a shorter one.
"""

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import aiohttp
from azure.storage.queue.aio import QueueClient

from responder.local.azurite import Azurite
from responder.local.laptop import Laptop
from tests.scenarios.estates import RULES, an_estate, an_event
from tests.scenarios.fuzz_messages import STORED, Broken, Door, broken_messages
from tests.scenarios.patience import eventually

COUNT = 20_000
_BATCH, _AT_ONCE, _SENDERS = 50, 4, 16
_HEADERS = {"aeg-event-type": "Notification", "Content-Type": "application/json; charset=utf-8"}
_AT_ONCE_AGAIN = {"AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:00"}


@dataclass
class Account:
    """What was sent, and what became of it."""

    sent: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)  # decision of each event's span
    rejected: Counter[str] = field(default_factory=Counter)  # by reason
    logged: int = 0  # rejections in the log
    refused: int = 0  # bodies that the host refused, 400
    failed: int = 0  # events that failed in the Functions library: Event Grid makes a dead letter of such a one
    poison: Counter[str] = field(default_factory=Counter)  # by queue
    void: int = 0  # tickets that name no case
    writes: int = 0  # requests to Resource Manager that change something
    tasks: int = 0
    alive: bool = False

    @property
    def told(self) -> dict[str, int]:
        """What is accounted for, door by door: to be equal to what was sent."""
        events = self.answered.total() + self.failed + self.poison[Door.QUEUED.value]
        return {
            "events": events,
            Door.BODY.value: self.refused,
            Door.TICKET.value: self.poison[Door.TICKET.value] + self.void,
        }

    @property
    def expected(self) -> dict[str, int]:
        """What was sent, in the same groups: an event's span does not tell by which door it came."""
        events = self.sent[Door.EVENTS.value] + self.sent[Door.QUEUED.value]
        return {"events": events, **{door.value: self.sent[door.value] for door in (Door.BODY, Door.TICKET)}}


async def fuzz(folder: Path, storage: str, seed: int, count: int) -> Account:
    """Send them all and wait until each is accounted for."""
    account = Account()
    rules, estate = folder / "rules.yaml", an_estate("kv1")
    rules.write_text(RULES)
    async with Laptop(folder, rules, estate, _AT_ONCE_AGAIN, storage=storage, message_lease=60) as laptop:
        assert await laptop.deliver(_ignored()) == 202, laptop.host.lines[-3:]
        messages = list(broken_messages(seed, count))
        account.sent = Counter(message.door.value for message in messages)
        async with asyncio.TaskGroup() as group:
            posting = group.create_task(_post(laptop, messages))
            for door in _QUEUES:
                group.create_task(_put(storage, door, messages))
        account.refused = posting.result()[400]
        await eventually(lambda: _drained(storage), "the queues to be empty", 120 + count / 20)
        account.alive = await laptop.deliver(_ignored()) == 202
        await _tell(account, laptop, storage)
    return account


_QUEUES = (Door.QUEUED, Door.TICKET)


def _ignored() -> dict[str, object]:
    return an_event("kv1", subject=STORED)


async def _post(laptop: Laptop, messages: Sequence[Broken]) -> Counter[int]:
    """Events go in arrays, as with Event Grid's batching; what is no event goes alone. How often each status came."""
    events = [message.content for message in messages if message.door is Door.EVENTS]
    bodies = [f"[{','.join(events[at : at + _BATCH])}]" for at in range(0, len(events), _BATCH)]
    bodies += [message.content for message in messages if message.door is Door.BODY]
    waiting = iter(bodies)
    async with aiohttp.ClientSession(headers=_HEADERS) as session:
        posted = await asyncio.gather(*(_send_bodies(session, laptop.webhook, waiting) for _ in range(_AT_ONCE)))
    return sum(posted, Counter())


async def _send_bodies(session: aiohttp.ClientSession, url: str, waiting: Iterable[str]) -> Counter[int]:
    statuses: Counter[int] = Counter()
    for body in waiting:
        async with session.post(url, data=body.encode()) as answer:
            assert answer.status in (202, 400, 500), await answer.text()
            statuses[answer.status] += 1
    return statuses


async def _put(storage: str, door: Door, messages: Sequence[Broken]) -> None:
    waiting = iter([message.content for message in messages if message.door is door])
    async with QueueClient.from_connection_string(storage, door.value) as queue:

        async def send() -> None:
            for content in waiting:
                await queue.send_message(content)

        await asyncio.gather(*(send() for _ in range(_SENDERS)))


async def _drained(storage: str) -> bool:
    return not sum([await _length(storage, door.value) for door in _QUEUES])


async def _length(storage: str, name: str) -> int:
    async with QueueClient.from_connection_string(storage, name) as queue:
        return (await queue.get_queue_properties()).approximate_message_count or 0


async def _tell(account: Account, laptop: Laptop, storage: str) -> None:
    """Read the traces, the log, the poison queues and the simulator."""
    await laptop.host.stop()
    attributes = [span["attributes"] for span in laptop.spans() if span["name"] == "policy state change"]
    told = [each for each in attributes if isinstance(each, dict)]
    account.answered = Counter(str(each["responder.decision"]) for each in told)
    account.answered["ignore"] -= 2  # the first event, which makes the ledger, and the last
    account.rejected = Counter(
        str(each["responder.reason"]) for each in told if each["responder.decision"] == "rejected"
    )
    lines = laptop.host.lines
    account.logged = sum(": rejected (" in line for line in lines)
    account.failed = sum("policy_state_change failed in" in line for line in lines)
    account.void = sum("case_due succeeded in" in line for line in lines)
    account.poison = Counter({door.value: await _length(storage, f"{door.value}-poison") for door in _QUEUES})
    requests, tasks = await laptop.control("GET", "requests"), await laptop.control("GET", "remediations")
    assert isinstance(requests, list)
    assert isinstance(tasks, list)
    account.writes = sum(request["method"] in ("PUT", "DELETE", "PATCH") for request in requests)
    account.tasks = len(tasks)


def report(account: Account, seed: int, seconds: float) -> str:
    """The account, for people."""
    sent = account.sent.total()
    return "\n".join(
        (
            f"{sent} sent, {sum(account.told.values())} accounted for, in {seconds:.0f} s (seed {seed})",
            *(f"  sent  {count:6}  {door}" for door, count in sorted(account.sent.items())),
            *(f"  {answer:22}{count:6}" for answer, count in sorted(account.answered.items())),
            *(f"    {reason:20}{count:6}" for reason, count in account.rejected.most_common()),
            f"  refused by the host   {account.refused:6}",
            f"  failed in the library {account.failed:6}  (dead letters of Event Grid)",
            *(f"  poison {queue:15}{count:6}" for queue, count in sorted(account.poison.items())),
            f"  tickets of no case    {account.void:6}",
            f"  tasks opened {account.tasks}, writes to Resource Manager {account.writes}, alive {account.alive}",
        )
    )


async def _main(count: int, seed: int) -> int:
    begun = time.monotonic()
    print(f"seed {seed}: {count} broken events and messages", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        async with Azurite() as azurite:
            account = await fuzz(Path(folder), azurite.connection_string, seed, count)
    print(report(account, seed, time.monotonic() - begun))
    good = account.alive and account.told == account.expected and not account.tasks and not account.writes
    return 0 if good else 1


if __name__ == "__main__":
    told = [int(each) for each in islice(sys.argv, 1, 3)]
    sys.exit(asyncio.run(_main(told[0] if told else COUNT, told[1] if len(told) > 1 else random.randrange(2**32))))
