"""Reading the present states, a page or two a tick, and taking in what no event announced.

Rules with `backfill: true` admit it through the ledger's own door, as an event's news; for the others it is only
counted. Where Azure asks us to wait, the tick ends and a later one goes on. The note of the last whole cycle stays
until the next one is over, and its numbers are told at each tick, because an exporter sends each value once.
"""

import asyncio
import logging
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter, ValidationError

from responder.adapters.ledger_keeping import keeping_of
from responder.core.backfill import LATELY
from responder.core.backfill_cycle import Cycle, Memory, Result, begun, in_words, silent, under_way
from responder.core.boundary_scopes import scopes_to_read, unreadable_entries
from responder.core.progress import Progress, is_time
from responder.core.rule_change import digest_of, texts_of
from responder.core.rules import Rules
from responder.core.telemetry_names import MetricName
from responder.jobs.backfill_pages import read_some
from responder.jobs.job import Job
from responder.wiring import Parts

_LOOKS_FOR = timedelta(seconds=15)
_CODEC: TypeAdapter[Memory] = TypeAdapter(Memory)
_log = logging.getLogger("responder")


def is_due(before: Progress, parts: Parts, now: datetime) -> bool:
    """Whether a cycle is under way and Azure lets us, or the next one is to begin."""
    assert parts.settings is not None
    memory = memory_of(before)
    if memory.cycle is not None:
        return memory.cycle.until is None or memory.cycle.until <= now
    return is_time(memory.last.began if memory.last else None, parts.settings.backfill_every, now)


async def run(parts: Parts, before: Progress, now: datetime) -> Progress:
    """Some pages of a cycle; at its end what it found, and whether events still come."""
    memory, scopes = memory_of(before), scopes_to_read(parts.rules.within)
    cycle = memory.cycle or begun(scopes, now)
    cycle = await read_some(parts, replace(cycle, until=None), scopes, now)
    if cycle.scope is not None:
        return _kept(before, Memory(cycle, memory.last), under_way(cycle, memory.last), now)
    result = await _ended(parts, cycle, memory.last, now)
    words = in_words(result)
    _log.log(logging.ERROR if result.stopped else logging.INFO, "backfill: %s", words)
    return _kept(before, Memory(None, result), words, now)


async def _ended(parts: Parts, cycle: Cycle, last: Result | None, now: datetime) -> Result:
    rules = digest_of(texts_of(parts.rules))
    quiet = silent(cycle.tally, last, rules) and not await _heard_lately(parts, now)
    return Result(cycle.began, now, cycle.tally, rules, quiet, (*_unreadable(parts.rules), *cycle.unread))


async def _heard_lately(parts: Parts, now: datetime) -> bool:
    """Whether any event at all came within a day. A ledger that takes too long to tell does not keep the alarm back."""
    try:
        async with asyncio.timeout(_LOOKS_FOR.total_seconds()):
            return await keeping_of(parts.storage).heard_since(now - LATELY)
    except TimeoutError:
        return False


def _unreadable(rules: Rules) -> tuple[str, ...]:
    """What of the boundary no query can name."""
    if rules.within is None:
        return ("the rules have no boundary (within), so nothing is read",)
    entries = unreadable_entries(rules.within)
    return (f"no query can name {', '.join(entries[:5])} of 'within'",) if entries else ()


def tell(before: Progress, parts: Parts) -> None:
    """The numbers of the last whole cycle."""
    last = memory_of(before).last
    if last is not None:
        parts.telemetry.gauge(MetricName.UNANNOUNCED, last.tally.unannounced)
        parts.telemetry.gauge(MetricName.EVENTS_STOPPED, int(last.stopped))


def memory_of(progress: Progress) -> Memory:
    """What the job kept; nothing where it was written in other words by another version."""
    try:
        return _CODEC.validate_json(progress.cursor) if progress.cursor else Memory()
    except ValidationError:
        return Memory()


def _kept(before: Progress, memory: Memory, note: str, now: datetime) -> Progress:
    return replace(before, at=now, note=note, cursor=_CODEC.dump_json(memory).decode())


JOB = Job("backfill", is_due, run, tell)
