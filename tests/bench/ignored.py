"""Events that a rule ignores at the door, against an app that does nothing; and whether that stays so with many."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench import estate
from tests.bench.app_process import AppProcess
from tests.bench.line import Line, compared
from tests.bench.load import deliver
from tests.bench.site import Site

AIM = 0.8
ROUNDS = 9
EVENTS = 1_000
GROWN = (1_000, 10_000, 100_000)


async def measure(site: Site, growth: Sequence[int] = GROWN) -> list[Line]:
    """The rate beside the no-op's in alternating rounds, the processor's share, and the same with ever more events."""
    async with site.responder("ignored") as app, site.noop("ignored") as noop:
        for each in (app, noop):
            await _rate(each, "warm", EVENTS)
        site.say("ignored events, beside an app that does nothing")
        before = app.processor_seconds, noop.processor_seconds
        pairs = [await _pair(app, noop, number) for number in range(ROUNDS)]
        spent = [app.processor_seconds - before[0], noop.processor_seconds - before[1]]
        ours, theirs = zip(*pairs, strict=True)
        lines = [compared("events ignored at the door", ours, theirs, "no-op", AIM), _processor(*spent)]
        return [*lines, *[await _grown(site, app, noop, count) for count in growth]]


async def _pair(app: AppProcess, noop: AppProcess, number: int) -> tuple[float, float]:
    """One round of each; who begins changes."""
    if number % 2:
        theirs = await _rate(noop, f"r{number}", EVENTS)
        return await _rate(app, f"r{number}", EVENTS), theirs
    return await _rate(app, f"r{number}", EVENTS), await _rate(noop, f"r{number}", EVENTS)


async def _rate(app: AppProcess, run: str, count: int) -> float:
    return count / await deliver([app.webhook], estate.ignored(run, count))


def _processor(ours: float, theirs: float) -> Line:
    """Time of the processor is told apart because a busy machine does not stretch it."""
    each = ROUNDS * EVENTS / 1000
    ratio = theirs / ours if ours else None
    return Line("  processor for one of them", ours / each, "ms", f"no-op {theirs / each:.2f} ms", ratio)


async def _grown(site: Site, app: AppProcess, noop: AppProcess, count: int) -> Line:
    site.say(f"{count:,} ignored events")
    beside = await _rate(noop, "grown", count)
    rate = await _rate(app, f"grown-{count}", count)
    return compared(f"  {count:,} of them in one go", [rate], [beside], "no-op")
