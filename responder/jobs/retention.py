"""Forgetting: closed cases and tombstones that are older than the retention, a bounded number at a time.

A pass begins once an hour and goes through the tables slice by slice; a tick does some slices and writes down where
it is. Resources go before their cases, so that what a case held is never left naming a case that is gone for longer
than it takes to come to its slice.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.journal import CHANGES
from responder.adapters.ledger_keeping import SLICES, Forgettable, forget_older, keeping_of
from responder.adapters.poison import POISONED
from responder.adapters.redriven import REDRIVEN
from responder.core.progress import Progress, is_time
from responder.jobs.job import Job
from responder.wiring import Parts

EVERY = timedelta(hours=1)
MOST_AT_ONCE = 200
SLICES_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class _Pass:
    began: str
    slice: int = 0  # the next slice to look at
    resources: int = 0
    cases: int = 0
    others: int = 0


def is_due(before: Progress, _parts: Parts, now: datetime) -> bool:
    """Whether a pass is under way, or an hour has gone by since the last one began."""
    begun = _read(before.cursor)
    if begun is not None and begun.slice < SLICES:
        return True
    return is_time(datetime.fromisoformat(begun.began) if begun else None, EVERY, now)


async def run(parts: Parts, before: Progress, now: datetime) -> Progress:
    """Some slices of a pass, the next pass where one is over."""
    assert parts.settings is not None
    begun = _read(before.cursor)
    if begun is None or begun.slice >= SLICES:
        begun = _Pass(now.isoformat())
    horizon = now - parts.settings.retention
    after = await _some(parts, begun, horizon)
    return replace(before, at=now, note=_note(after, horizon), cursor=_written(after))


async def _some(parts: Parts, begun: _Pass, horizon: datetime) -> _Pass:
    keeping, left = keeping_of(parts.storage), MOST_AT_ONCE
    if begun.slice == 0:
        others = await _forget_others(parts, horizon, left)
        begun, left = replace(begun, others=begun.others + others), left - others
    last = min(begun.slice + SLICES_AT_ONCE, SLICES)
    for number in range(begun.slice, last):
        resources = await _forget(keeping.old_resources(number, horizon), keeping.forget_resource, left)
        cases = await _forget(keeping.old_cases(number, horizon), keeping.forget_case, left - resources)
        begun = replace(begun, resources=begun.resources + resources, cases=begun.cases + cases)
        left -= resources + cases
        if left <= 0:
            return begun  # the slice is looked at again: more of it may go
        begun = replace(begun, slice=number + 1)
    return begun


async def _forget(old: AsyncIterator[Forgettable], forget: Callable[[Forgettable], Awaitable[bool]], most: int) -> int:
    forgotten = 0
    if most > 0:
        async for each in old:
            forgotten += await forget(each)
            if forgotten >= most:
                break
    return forgotten


async def _forget_others(parts: Parts, horizon: datetime, most: int) -> int:
    """What the journal and the records of failed messages hold of days long gone."""
    tables = parts.storage.tables
    forgotten = 0
    for name in (POISONED, REDRIVEN, CHANGES):
        forgotten += await forget_older(ConditionalTable(tables, name), horizon, most - forgotten)
    return forgotten


def _note(after: _Pass, horizon: datetime) -> str:
    done = "all was looked at" if after.slice >= SLICES else f"{after.slice} of {SLICES} slices were looked at"
    told = f"{after.resources} resources, {after.cases} cases and {after.others} other rows"
    return f"{told} from before {horizon:%Y-%m-%d} were forgotten; {done}."


def _read(cursor: str) -> _Pass | None:
    """The pass that was written down; none where another version wrote it in other words."""
    try:
        return _Pass(**json.loads(cursor)) if cursor else None
    except (ValueError, TypeError):
        return None


def _written(begun: _Pass) -> str:
    return json.dumps({name: getattr(begun, name) for name in _Pass.__slots__})


JOB = Job("retention", is_due, run)
