"""Events that the ledger takes, against the very same storage transactions without an app around them.

Steady state: the case is there and knows that there is news, as it is for all but the first event of a group. Each
event then inserts its resource's row and reads the case's.
"""

from __future__ import annotations

import asyncio
import sys

from tests.bench import estate
from tests.bench.app_process import PROJECT, AppProcess
from tests.bench.line import Line, compared
from tests.bench.load import deliver
from tests.bench.site import Site

AIM = 0.8
ROUNDS = 7
EVENTS = 400
GROUPS = 50
HOSTS = (1, 2, 4)


async def measure(site: Site) -> list[Line]:
    """The rate beside the transactions alone; then with several hosts."""
    site.say("admitted events, beside the same storage transactions alone")
    async with site.responder("admitted") as app:
        await _rate([app], "steady", GROUPS, 0)
        pairs = [await _round(site, app, number) for number in range(ROUNDS)]
        ours, alone, spent = zip(*pairs, strict=True)
        each = 1000 * sum(spent) / (ROUNDS * EVENTS)
        lines = [
            compared("events admitted, steady state", ours, alone, "transactions alone", AIM),
            Line("  processor for one of them", each, "ms"),
        ]
    return [*lines, *await _several(site)]


async def _round(site: Site, app: AppProcess, number: int) -> tuple[float, float, float]:
    before = app.processor_seconds
    ours = await _rate([app], "steady", EVENTS, GROUPS + number * EVENTS)
    spent = app.processor_seconds - before
    return ours, await _alone(site, str(number)), spent


async def _rate(apps: list[AppProcess], run: str, count: int, first: int) -> float:
    resources = estate.vaults(run, first + count, GROUPS)[first:]
    return count / await deliver([app.webhook for app in apps], estate.wanted(resources))


async def _alone(site: Site, run: str) -> float:
    """Events a second that the transactions alone would allow, from a process of its own as the app's is."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.storage_alone", run, str(EVENTS)),
        cwd=PROJECT,
        env={"AzureWebJobsStorage": site.storage},
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate()
    assert process.returncode == 0
    return float(told)


async def _several(site: Site) -> list[Line]:
    """The same with more hosts on one storage: on one machine they share its cores, and Azurite has one process."""
    lines = []
    one = 0.0
    for hosts in HOSTS:
        site.say(f"admitted events, hosts: {hosts}")
        apps = [site.responder(f"several-{hosts}-{number}") for number in range(hosts)]
        for app in apps:
            await app.__aenter__()
        try:
            await _rate(apps, f"h{hosts}", GROUPS * 2, 0)
            rate = await _rate(apps, f"h{hosts}", EVENTS * 2, GROUPS * 2)
        finally:
            for app in apps:
                await app.__aexit__(None, None, None)
        one = one or rate
        lines.append(Line(f"  with {hosts} host{'s' * (hosts > 1)}", rate, "/s", "one host", rate / one))
    return lines
