"""What goes up and down, told once a sweep: where the cases are, who runs, who waits, what failed.

Each look is a few requests, however large the ledger, and each stands alone: one that fails is logged and keeps none of
the others from being told. Nothing here touches the work.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from responder.adapters.case_census import take_census
from responder.adapters.dead_letters import open_dead_letters
from responder.adapters.poison import PoisonQueue
from responder.core import instant
from responder.core.census import PLACES
from responder.core.log_line import FAILED
from responder.core.pauses import pauses, unknown
from responder.core.poison import words_of
from responder.core.progress import Progress
from responder.core.redrive import QUEUES
from responder.core.telemetry_names import Attr, MetricName
from responder.jobs.job import Job
from responder.wiring import Parts

_Look = Callable[[Parts, datetime], Awaitable[None]]
_UNCOUNTED = "Could not be counted:"
_SWITCHES = "switches"
_SOON = timedelta(hours=1)
_log = logging.getLogger("responder")


def is_due(_before: Progress, _parts: Parts, _now: datetime) -> bool:
    """At every tick: an exporter sends each value once."""
    return True


async def run(parts: Parts, before: Progress, now: datetime) -> Progress:
    """Tell every gauge. What cannot be read is logged when that begins, not at every tick, and noted while it lasts.

    The cursor says since when there is a pause of which nothing else says when it began.
    """
    since = instant.moment(instant.ticks(before.cursor)) if before.cursor else now
    failed = await measure(parts, now, since)
    for name, why in failed.items():
        if name not in before.note:
            _log.warning("the %s could not be counted: %s", name, why)
    if failed:  # alerts look at these numbers: whether one of them is missing must not be silent
        parts.telemetry.count_job(JOB.name, FAILED)
    note = f"{_UNCOUNTED} {', '.join(failed)}." if failed else "Everything was counted."
    cursor = before.cursor if _SWITCHES in failed else await _cursor(parts, since)
    return replace(before, at=now, note=note, cursor=cursor)


async def measure(parts: Parts, now: datetime, unknown_since: datetime | None = None) -> dict[str, str]:
    """Tell every gauge; what could not be read, and why."""
    failed = {}
    looks: tuple[tuple[str, _Look], ...] = (
        ("cases", _cases),
        ("slots", _slots),
        ("breakers", _breakers),
        (_SWITCHES, partial(_pauses, unknown_since=unknown_since)),
        ("poison queues", _poison),
        ("dead letters", _dead_letters),
    )
    for name, look in looks:
        try:
            await look(parts, now)
        except Exception as error:  # noqa: BLE001 - a number that cannot be read is no reason to stop the sweep
            failed[name] = words_of(error)
    return failed


async def _pauses(parts: Parts, now: datetime, unknown_since: datetime | None) -> None:
    for name, lasted in pauses(await parts.switches.all(), now, unknown_since).items():
        parts.telemetry.gauge(MetricName.PAUSED, lasted.total_seconds(), {Attr.SWITCH: name})


async def _cursor(parts: Parts, since: datetime) -> str:
    return instant.iso(instant.of(since)) if unknown(await parts.switches.all()) else ""


async def _breakers(parts: Parts, now: datetime) -> None:  # noqa: ARG001 - one of the looks
    for breaker in await parts.breakers.all():
        if breaker.opened_at is not None:
            parts.telemetry.gauge(MetricName.BREAKERS_OPEN, 1, {Attr.DEFINITION: breaker.definition})


async def _slots(parts: Parts, now: datetime) -> None:  # noqa: ARG001 - one of the looks
    slots = await parts.slots.look()
    parts.telemetry.gauge(MetricName.SLOTS, len(slots.holders), {Attr.SLOT: "used"})
    parts.telemetry.gauge(MetricName.SLOTS, parts.rules.limits.running, {Attr.SLOT: "limit"})


async def _cases(parts: Parts, now: datetime) -> None:
    census = await take_census(parts.storage.tables, soon=now + _SOON)
    for state, reason in {*PLACES, *census.counts}:
        number = census.counts.get((state, reason), 0)
        parts.telemetry.gauge(MetricName.CASES, number, {Attr.STATE: state, Attr.REASON: reason})
    parts.telemetry.gauge(MetricName.OLDEST_DUE, census.overdue(now).total_seconds())
    for rule in {*(rule.name for rule in parts.rules.rules), *census.soon}:
        parts.telemetry.gauge(MetricName.DUE_NEXT_HOUR, census.soon.get(rule, 0), {Attr.RULE: rule})


async def _poison(parts: Parts, now: datetime) -> None:  # noqa: ARG001 - one of the looks
    for queue in QUEUES:
        waiting = await PoisonQueue(parts.storage.queues, queue).waiting()
        parts.telemetry.gauge(MetricName.POISON_WAITING, waiting, {Attr.QUEUE: queue})


async def _dead_letters(parts: Parts, now: datetime) -> None:  # noqa: ARG001 - one of the looks
    if parts.settings is None:
        return
    async with open_dead_letters(parts.storage, parts.settings.dead_letters) as letters:
        parts.telemetry.gauge(MetricName.DEAD_LETTERS, await letters.count())


JOB = Job("gauges", is_due, run)
