"""A poison message is a recorded fact with its reason, never silence.

Functions moves a message that failed five times to a poison queue and says nothing of why. So the last attempt is
recorded while it fails; and the sweep records what lies in a poison queue without a record, such as a message that is
not base64, or one whose worker was killed five times. It also keeps such messages from expiring.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from responder.core.poison import MOST_DELIVERIES, NOT_RECORDED, Poison, reason_of, record_of, recorded, words_of
from responder.core.redrive import QUEUES
from responder.wiring import Parts

if TYPE_CHECKING:
    from azure.functions import QueueMessage

    from responder.adapters.poison import PoisonQueue, PoisonRecords, WaitingMessage

_RECORD_WITHIN = 10.0  # seconds; the message fails either way
_HIDDEN = timedelta(seconds=30)
_MOST_PAGES = 5
_log = logging.getLogger("responder")


@asynccontextmanager
async def recorded_when_poison(
    queue: str, message: "QueueMessage", parts: Callable[[], Awaitable[Parts]]
) -> AsyncIterator[None]:
    """Around the work on one message: a last attempt that fails is recorded, and then fails all the same."""
    try:
        yield
    except Exception as error:
        if (message.dequeue_count or 0) >= MOST_DELIVERIES:
            await _record_failure(queue, message, error, parts)
        raise


async def _record_failure(
    queue: str, message: "QueueMessage", error: Exception, parts: Callable[[], Awaitable[Parts]]
) -> None:
    """Never raises: what went wrong first must be what the host sees."""
    try:
        async with asyncio.timeout(_RECORD_WITHIN):
            here = await parts()
            deliveries = message.dequeue_count or 0
            reason, because = reason_of(error), words_of(error)
            poison = recorded(queue, message.id or "", message.get_body(), reason, because, deliveries, here.clock())
            _tell(poison, here)
            await _records(here).write(poison)
    except Exception as trouble:  # noqa: BLE001 - the message's own failure is raised by the caller
        _log.error("message %s of %s is poison and could not be recorded: %s", message.id, queue, words_of(trouble))


async def unrecorded_poison(parts: Parts, now: datetime) -> int:
    """Record what lies in the poison queues without a record, and keep it from expiring; how many were recorded.

    Bounded: the first messages of each queue are looked at, and, where some expire or lie behind these, a few more.
    Those go to the queue's end, so that the next sweep comes to the others.
    """
    found = 0
    for queue in _queues(parts):
        waiting = await queue.waiting()
        if not waiting:
            continue
        first = await queue.peek()
        found += sum([await _unrecorded(queue.name, message, parts, now) for message in first])
        if waiting > len(first) or any(message.expires_some_day(now) for message in first):
            found += await _kept(queue, parts, now)
    return found


async def _kept(queue: "PoisonQueue", parts: Parts, now: datetime) -> int:
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


async def _unrecorded(queue: str, message: "WaitingMessage", parts: Parts, now: datetime) -> int:
    records = _records(parts)
    if await records.read(queue, record_of(queue, message.body)):
        return 0
    because = "It lies in the poison queue, and no last attempt recorded why: it is not base64, or its worker died."
    poison = recorded(queue, message.id, message.body, NOT_RECORDED, because, 0, now)
    await records.write(poison)
    _tell(poison, parts)
    return 1


def _tell(poison: Poison, parts: Parts) -> None:
    parts.telemetry.count_poison(poison.queue, poison.reason)
    _log.error(
        "message %s of %s is poison (%s): %s. `python -m responder status` says what to do.",
        *(poison.message, poison.queue, poison.reason, poison.because.rstrip(".")),
    )


def _queues(parts: Parts) -> "list[PoisonQueue]":
    from responder.adapters.poison import PoisonQueue

    return [PoisonQueue(parts.storage.queues, queue) for queue in QUEUES]


def _records(parts: Parts) -> "PoisonRecords":
    from responder.adapters.conditional_table import ConditionalTable
    from responder.adapters.poison import POISONED, PoisonRecords

    return PoisonRecords(ConditionalTable(parts.storage.tables, POISONED))
