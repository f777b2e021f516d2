"""The run itself: deliver the events as Event Grid does, wait until every case is over, gather what there is to tell.

What is waited for is looked at, never slept for; where it does not come within its time, that is said.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from responder.adapters.ledger import Ledger
from responder.commands.open_ledger import open_ledger
from responder.core.case import Case, State
from responder.core.telemetry_names import SpanName
from responder.local.demo.account import Account, Delivered
from responder.local.demo.opened_task import OpenedTask, read_tasks
from responder.local.demo.story import AFTERWARDS, BEFORE, Episode
from responder.local.demo.told_span import read_spans
from responder.local.laptop import Laptop

CASES_WITHIN = 40.0
_SPANS_WITHIN = 10.0
_LOOK_EVERY = 0.2
_OVER = (State.CLOSED, State.STOPPED)

# How slow the simulated Azure is. Real tasks take minutes; counters lag as they were seen to.
DIALS = {
    "accepted": "PT0.2S",
    "evaluating": "PT0.3S",
    "deployment": "PT0.6S",
    "counterLag": "PT0.7S",
    "rescan": "PT0.4S",
}
Progress = Callable[[str], None]
_T = TypeVar("_T")


class NotOver(Exception):
    """Some cases were not over in time; the message says which, and where each of them stands."""


async def play(laptop: Laptop, tell: Progress) -> Account:
    """Deliver everything and wait for the end; raises `NotOver`."""
    await laptop.control("PUT", "dials", {**DIALS, "eventsTo": laptop.webhook})
    delivered = await _deliver(laptop, BEFORE, tell)
    async with open_ledger({"AzureWebJobsStorage": laptop.storage}) as ledger:
        await _all_over(ledger, tell)
        delivered += await _deliver(laptop, AFTERWARDS, tell)
        cases = await _all_over(ledger, tell)
        rows = {case.id: await ledger.rows(case.key) for case in cases}
    tell("Every case is over; Azure's own news of it is still coming in")
    tasks, raised = await _all_told(laptop, len(delivered))
    return Account(delivered, raised, cases, rows, tasks, read_spans(laptop.traces))


async def _deliver(laptop: Laptop, episodes: Sequence[Episode], tell: Progress) -> list[Delivered]:
    delivered = []
    for number, episode in enumerate(episodes, start=1):
        tell(f"Delivering event {number} of {len(episodes)}: {episode.file.stem}")
        event = json.loads(episode.file.read_text(encoding="utf-8"))
        delivered.append(Delivered(episode, event, await laptop.deliver(event)))
    return delivered


async def _all_over(ledger: Ledger, tell: Progress) -> list[Case]:
    async def look() -> list[Case] | None:
        cases = await ledger.cases()
        over = sum(case.state in _OVER for case in cases)
        tell(f"{over} of {len(cases)} cases are over{_standing(cases)}")
        return sorted(cases, key=lambda case: case.key.place) if over == len(cases) else None

    found = await _until(look, CASES_WITHIN)
    if found is None:
        left = [case for case in await ledger.cases() if case.state not in _OVER]
        raise NotOver(
            "\n".join(
                f"{case.key.place} is still {case.state} after {CASES_WITHIN:.0f} s: {case.because}" for case in left
            )
        )
    return found


def _standing(cases: Sequence[Case]) -> str:
    states = [case.state for case in cases if case.state not in _OVER]
    told = ", ".join(f"{states.count(state)} {state}" for state in State if state in states)
    return f" ({told})" if told else ""


async def _all_told(laptop: Laptop, delivered: int) -> tuple[list[OpenedTask], list[Mapping[str, object]]]:
    """Each deployment that succeeds is scanned again, which Azure announces: wait for that news and its spans."""

    async def look() -> tuple[list[OpenedTask], list[Mapping[str, object]]] | None:
        tasks = read_tasks(await laptop.control("GET", "remediations"))
        raised = await _raised(laptop)
        succeeded = sum(row.status == "Succeeded" for task in tasks for row in task.rows)
        spans = sum(span.name == SpanName.EVENT for span in read_spans(laptop.traces))
        return (tasks, raised) if len(raised) >= succeeded and spans >= delivered + len(raised) else None

    told = await _until(look, _SPANS_WITHIN)
    if told is None:
        raise NotOver(f"Azure's news of the remediations did not all arrive within {_SPANS_WITHIN:.0f} s.")
    return told


async def _raised(laptop: Laptop) -> list[Mapping[str, object]]:
    events: Any = await laptop.control("GET", "events")
    return [each["event"] for each in events]


async def _until(look: Callable[[], Awaitable[_T | None]], seconds: float) -> _T | None:
    """Look until there is something to see; None when the time is up."""
    clock = asyncio.get_running_loop().time
    end = clock() + seconds
    while (found := await look()) is None:
        if clock() > end:
            return None
        await asyncio.sleep(_LOOK_EVERY)
    return found
