"""A poison message is a recorded fact with its reason, never silence.

Functions moves a message that failed five times to a poison queue and says nothing of why. So the last attempt is
recorded while it fails. What gets there without one is found by the sweep (`jobs/poison.py`).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from responder.core.log_line import message_failed
from responder.core.poison import MOST_DELIVERIES, Poison, reason_of, recorded, words_of
from responder.wiring import Parts

if TYPE_CHECKING:
    from azure.functions import QueueMessage

    from responder.adapters.poison import PoisonRecords

_RECORD_WITHIN = 10.0  # seconds; the message fails either way
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
            tell(poison, here)
            await records_of(here).write(poison)
    except Exception as trouble:  # noqa: BLE001 - the message's own failure is raised by the caller
        _log.error("message %s of %s is poison and could not be recorded: %s", message.id, queue, words_of(trouble))


def tell(poison: Poison, parts: Parts) -> None:
    """One count and one line for one poison message."""
    parts.telemetry.count_poison(poison.queue, poison.reason)
    _log.error(
        "message %s of %s is poison (%s): %s. `python -m responder status` says what to do.",
        *(poison.message, poison.queue, poison.reason, poison.because.rstrip(".")),
        extra={"line": message_failed(poison.queue, poison.reason)},
    )


def records_of(parts: Parts) -> "PoisonRecords":
    """The table where they are recorded."""
    from responder.adapters.conditional_table import ConditionalTable
    from responder.adapters.poison import POISONED, PoisonRecords

    return PoisonRecords(ConditionalTable(parts.storage.tables, POISONED))
