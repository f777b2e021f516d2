"""Seconds from the moment a case is due to the moment its task exists in Azure.

Of these up to one is the queue's (a message's delay is whole seconds, rounded up), and up to two the host's, which
looks at an idle queue that often (`maxPollingInterval`).
"""

from __future__ import annotations

import asyncio
import statistics

from responder.adapters.ledger import Ledger
from responder.commands.open_ledger import open_ledger
from responder.core import instant
from responder.core.case import Case
from tests.bench import estate
from tests.bench.line import Line
from tests.bench.load import deliver
from tests.bench.site import Site
from tests.scenarios.patience import eventually

CASES = 30


async def measure(site: Site) -> list[Line]:
    """Median and worst of some cases that become due one after the other."""
    site.say("seconds from due to the opened task")
    resources = estate.vaults("opened", CASES, CASES)
    await site.azure("POST", "estate", estate.states(resources))
    async with site.responder("opened", gather_for="PT2S") as app:
        due = {}
        async with open_ledger({"AzureWebJobsStorage": site.storage}) as ledger:
            for resource in resources:
                await deliver([app.webhook], estate.wanted([resource]))
                due[resource] = await _due(ledger, resource)
                await asyncio.sleep(0.3)
            opened = await eventually(lambda: _opened(site, resources), "every task to be opened", 60)
    late = sorted((opened[each] - due[each]) / instant.TICKS_PER_SECOND for each in resources)
    beside = f"median of {CASES}; worst {late[-1]:.1f} s"
    return [Line("from due to the opened task", statistics.median(late), "s", beside)]


async def _due(ledger: Ledger, resource: str) -> int:
    case = next(case for case in await ledger.cases() if _is_of(case, resource))
    assert case.due is not None
    return instant.of(case.due)


def _is_of(case: Case, resource: str) -> bool:
    return resource.startswith(f"{case.key.place}/")


async def _opened(site: Site, resources: list[str]) -> dict[str, int] | None:
    """When each resource's task was created, once they all are."""
    tasks = await site.azure("GET", "remediations")
    assert isinstance(tasks, list)
    created = {task["scope"].lower(): instant.ticks(task["createdOn"]) for task in tasks}
    found = {each: created[place] for each in resources for place in created if each.startswith(place)}
    return found if len(found) == len(resources) else None
