"""The poison queues, looked after: what nobody recorded is recorded, and nothing expires before a person has looked.

A message that is not base64 never reaches our code, and one whose worker was killed five times could not say why.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from responder.adapters.poison import PoisonQueue, WaitingMessage
from responder.core.poison import NOT_RECORDED, record_of, recorded
from responder.core.progress import Progress
from responder.core.redrive import QUEUES
from responder.jobs.job import Job
from responder.poisoned import records_of, tell
from responder.wiring import Parts

_HIDDEN = timedelta(seconds=30)
_MOST_PAGES = 5


def is_due(_before: Progress, _parts: Parts, _now: datetime) -> bool:
    """At every tick: an empty queue costs one request."""
    return True


async def run(parts: Parts, before: Progress, now: datetime) -> Progress:
    """Record what nobody recorded."""
    found = await unrecorded_poison(parts, now)
    note = f"{found} poison messages were recorded." if found else "Nothing lay there without a record."
    return replace(before, at=now, note=note)


async def unrecorded_poison(parts: Parts, now: datetime) -> int:
    """Record what lies in the poison queues without a record, and keep it from expiring; how many were recorded.

    Bounded: the first messages of each queue are looked at, and, where some expire or lie behind these, a few more.
    Those go to the queue's end, so that the next sweep comes to the others.
    """
    found = 0
    for queue in (PoisonQueue(parts.storage.queues, name) for name in QUEUES):
        waiting = await queue.waiting()
        if not waiting:
            continue
        first = await queue.peek()
        found += sum([await _unrecorded(queue.name, message, parts, now) for message in first])
        if waiting > len(first) or any(message.expires_some_day(now) for message in first):
            found += await _kept(queue, parts, now)
    return found


async def _kept(queue: PoisonQueue, parts: Parts, now: datetime) -> int:
    found, lasting = 0, []
    for _ in range(_MOST_PAGES):
        received = await queue.receive(_HIDDEN)
        for message in received:
            found += await _unrecorded(queue.name, message, parts, now)
            if message.expires_some_day(now):
                await queue.keep(message)
            else:
                lasting.append(message)
        if not received:
            break
    for message in lasting:
        await queue.show(message)
    return found


async def _unrecorded(queue: str, message: WaitingMessage, parts: Parts, now: datetime) -> int:
    records = records_of(parts)
    if await records.read(queue, record_of(queue, message.body)):
        return 0
    because = "It lies in the poison queue, and no last attempt recorded why: it is not base64, or its worker died."
    poison = recorded(queue, message.id, message.body, NOT_RECORDED, because, 0, now)
    await records.write(poison)
    tell(poison, parts)
    return 1


JOB = Job("poison", is_due, run)
