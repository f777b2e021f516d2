"""A storm: one assignment, thousands of events over fifty groups, gathered by group: one task each, nothing lost."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.ledger import RESOURCES
from responder.commands.open_ledger import open_ledger, open_storage_of
from responder.core.case import State
from tests.bench import estate
from tests.bench.line import Line
from tests.bench.load import deliver
from tests.bench.site import Site
from tests.scenarios.estates import QUICK
from tests.scenarios.patience import eventually

EVENTS = 10_000
GROUPS = 50
SEED = 20261121
RESCAN = "PT20S"  # longer than a task of 200 deployments, ten at a time: a scan before its end proves nothing
OPENED_WITHIN, OVER_WITHIN = 300.0, 300.0


async def measure(site: Site, count: int = EVENTS) -> list[Line]:
    """Seconds until everything is in the ledger and until every task is opened; tasks, and resources without one."""
    site.say(f"a storm of {count:,} events over {GROUPS} groups")
    await site.azure("PUT", "dials", {**QUICK, "notVisibleFor": "PT0S", "rescan": RESCAN})
    resources = estate.vaults("storm", count, GROUPS)
    await site.azure("POST", "estate", estate.states(resources))
    events = estate.wanted(resources)
    random.Random(SEED).shuffle(events)
    async with site.responder("storm", gather_for="PT20S") as app:
        begun = time.perf_counter()
        taken = await deliver([app.webhook], events)
        await _waited(lambda: _all_opened(site), OPENED_WITHIN)
        opened = time.perf_counter() - begun
        left = await _waited(lambda: _all_over(site), OVER_WITHIN) and await _not_over(site)
        over = time.perf_counter() - begun
        rows = await _rows(site)
        puts = [each for each in await site.asked() if each["method"] == "PUT" and "rg-storm-" in each["path"].lower()]
    lost = count - len(rows & set(resources))
    return [
        Line(f"storm of {count:,} events: in the ledger after", taken, "s", f"{count / taken:,.0f} events/s"),
        Line("  every task opened after", opened, "s", "20 s of gathering are part of it"),
        Line(f"  rounds not over after {over:.0f} s", left, "", "a busy machine takes longer than the bench waits"),
        Line("  PUTs", len(puts), "", f"{GROUPS} groups", None, f"= {GROUPS}", len(puts) == GROUPS),
        Line("  lost", lost, "", "resources without a row", None, "= 0", lost == 0),
    ]


async def _all_opened(site: Site) -> bool | None:
    tasks = await site.azure("GET", "remediations")
    assert isinstance(tasks, list)
    return len({task["scope"].lower() for task in tasks if "rg-storm-" in task["scope"].lower()}) == GROUPS or None


async def _waited(look: Callable[[], Awaitable[bool | None]], seconds: float) -> bool:
    """Whether it was waited for in vain: a busy machine makes the figures worse and must not end the bench."""
    try:
        await eventually(look, "it", seconds)
    except AssertionError:
        return True
    return False


async def _all_over(site: Site) -> bool | None:
    """So that a second round, and its PUT, would be seen."""
    await asyncio.sleep(2)  # to look is to list every case: not all the time
    return await _not_over(site) == 0 or None


async def _not_over(site: Site) -> int:
    async with open_ledger({"AzureWebJobsStorage": site.storage}) as ledger:
        return sum(case.state not in (State.CLOSED, State.STOPPED) for case in await ledger.cases())


async def _rows(site: Site) -> set[str]:
    """Every resource that the ledger knows."""
    async with open_storage_of({"AzureWebJobsStorage": site.storage}) as clients:
        table = ConditionalTable(clients.tables, RESOURCES)
        return {str(row["resource"]) async for row in table.query("version ge 0", {})}
