"""What goes up and down, told once a sweep: where the cases are, who waits, what failed.

Each look is a few requests, however large the ledger, and each stands alone: one that fails is logged and keeps none of
the others from being told. Nothing here touches the work.
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING

from responder.core.census import PLACES
from responder.core.poison import words_of
from responder.core.redrive import QUEUES
from responder.core.telemetry_names import Attr, MetricName
from responder.wiring import Parts

if TYPE_CHECKING:
    from responder.core.slots import Slots

_log = logging.getLogger("responder")


async def measure(parts: Parts, now: datetime) -> None:
    """Tell every gauge."""
    looks: tuple[tuple[str, Callable[[Parts, datetime], Awaitable[None]]], ...] = (
        ("cases", _cases),
        ("poison queues", _poison),
        ("dead letters", _dead_letters),
    )
    for name, look in looks:
        try:
            await look(parts, now)
        except Exception as error:  # noqa: BLE001 - a number that cannot be read is no reason to stop the sweep
            _log.warning("the %s could not be counted: %s", name, words_of(error))


def tell_slots(parts: Parts, slots: "Slots", limit: int) -> None:
    """Tell how many tasks run, and how many may."""
    parts.telemetry.gauge(MetricName.SLOTS, len(slots.holders), {Attr.SLOT: "used"})
    parts.telemetry.gauge(MetricName.SLOTS, limit, {Attr.SLOT: "limit"})


async def _cases(parts: Parts, now: datetime) -> None:
    from responder.adapters.case_census import take_census

    census = await take_census(parts.storage.tables)
    for state, reason in {*PLACES, *census.counts}:
        number = census.counts.get((state, reason), 0)
        parts.telemetry.gauge(MetricName.CASES, number, {Attr.STATE: state, Attr.REASON: reason})
    parts.telemetry.gauge(MetricName.OLDEST_DUE, census.overdue(now).total_seconds())


async def _poison(parts: Parts, now: datetime) -> None:  # noqa: ARG001 - one of the looks
    from responder.adapters.poison import PoisonQueue

    for queue in QUEUES:
        waiting = await PoisonQueue(parts.storage.queues, queue).waiting()
        parts.telemetry.gauge(MetricName.POISON_WAITING, waiting, {Attr.QUEUE: queue})


async def _dead_letters(parts: Parts, now: datetime) -> None:  # noqa: ARG001 - one of the looks
    from responder.adapters.dead_letters import open_dead_letters

    if parts.settings is None:
        return
    async with open_dead_letters(parts.storage, parts.settings.dead_letters) as letters:
        parts.telemetry.gauge(MetricName.DEAD_LETTERS, await letters.count())
