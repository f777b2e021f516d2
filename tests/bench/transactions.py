"""What one event costs of storage and of Resource Manager, counted on the wire: cold, warm, doubled and ignored.

The app talks to storage through gates that count. The host's own polling of its queues is no event's and is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from aiohttp import web

from tests.bench import estate
from tests.bench.app_process import AppProcess
from tests.bench.line import Line
from tests.bench.load import deliver
from tests.bench.site import Site
from tests.scenarios.gate import Gate

MANY = 100


class CountingGate(Gate):
    """Counts what passes, by kind of operation."""

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream)
        self.passed: Counter[str] = Counter()

    async def __aenter__(self) -> CountingGate:
        await self.start()
        return self

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        kind = _kind(request)
        if kind:
            self.passed[kind] += 1
        return await super()._handle(request)


def _kind(request: web.Request) -> str:
    """The operation in the words of the protocol; "" for the host's own polling of its queues."""
    path, method = request.path, request.method
    if "messages" in path:
        return "message" if method == "POST" and not request.query.get("popreceipt") else ""
    if "/responder-" in path:
        return "set-up" if method == "PUT" else ""
    if "Tables" in path:
        return "set-up"
    if "(PartitionKey" in path:
        return {"GET": "point read", "PUT": "replace", "DELETE": "delete"}.get(method, "other")
    return "insert" if method == "POST" else "list"


async def measure(site: Site) -> list[Line]:
    """One line for each kind of event."""
    site.say("storage transactions and ARM calls of an event")
    async with CountingGate(site.azurite.table_url) as table, CountingGate(site.azurite.queue_url) as queue:
        storage = site.storage.replace(site.azurite.table_url, table.url)
        storage = storage.replace(site.azurite.queue_url, queue.url)
        async with site.responder("transactions", storage=storage) as app:
            return await _counted(site, app, {"table": table, "queue": queue})


async def _counted(site: Site, app: AppProcess, gates: Mapping[str, CountingGate]) -> list[Line]:
    first = estate.vaults("counted", MANY + 1, 1)
    stories = {
        "the first event of a process": estate.wanted(first[:1]),
        "an event in steady state": estate.wanted(first[1:]),
        "an event that was delivered before": estate.wanted(first[1:]),
        "the first event of a case": estate.wanted(estate.vaults("cases", MANY, MANY)),
        "an ignored event": estate.ignored("counted", MANY),
    }
    return [await _story(site, app, gates, what, events) for what, events in stories.items()]


async def _story(
    site: Site, app: AppProcess, gates: Mapping[str, CountingGate], what: str, events: list[dict[str, object]]
) -> Line:
    for gate in gates.values():
        gate.passed.clear()
    asked = len(await site.asked())
    await deliver([app.webhook], events, batch=10)
    passed = sum((gate.passed for gate in gates.values()), Counter[str]())
    calls = (len(await site.asked()) - asked) / len(events)
    told = ", ".join(f"{count / len(events):.3g} {kind}" for kind, count in sorted(passed.items())) or "none"
    steady = what == "an event in steady state"
    met = dict(passed) == {"insert": len(events), "point read": len(events)} and not calls if steady else not calls
    aim = "1 insert, 1 point read, 0 ARM" if steady else "0 ARM"
    return Line(
        f"transactions of {what}", passed.total() / len(events), "", f"{told}; {calls:.3g} ARM calls", None, aim, met
    )
