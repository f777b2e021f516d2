"""What a month is made of: storage transactions, steps and telemetry of a quiet tick, of an event and of a round.

`docs/cost.md` multiplies these by prices; run it again with `python -m tests.bench.month`. The app talks to storage
through gates that count, and tells its telemetry to an endpoint on this machine that keeps it.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import aiohttp
from aiohttp import web

from responder.commands.open_ledger import open_ledger
from responder.core.case import State
from tests.bench import estate
from tests.bench.load import deliver
from tests.bench.site import Site, a_site
from tests.scenarios.gate import Gate
from tests.scenarios.patience import eventually
from tests.wire.ingestion import Ingestion, receiving

PASS = 8  # ticks that the hourly pass of forgetting takes; the other 52 of an hour are quiet
TICKS = 10
EVENTS = 100
ROUNDS = 10


class Meter(Gate):
    """Counts every transaction; the host's own looking into its queues apart, as `polls`."""

    def __init__(self, upstream: str) -> None:
        super().__init__(upstream)
        self.passed: Counter[str] = Counter()

    async def __aenter__(self) -> Meter:
        await self.start()
        return self

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        self.passed["polls" if "numofmessages" in request.query else "transactions"] += 1
        return await super()._handle(request)


async def _main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with a_site(Path(folder), print) as site, receiving() as ingestion:
            meters = {
                "table": Meter(site.azurite.table_url),
                "queue": Meter(site.azurite.queue_url),
                "blob": Meter(site.azurite.blob_url),
            }
            async with meters["table"], meters["queue"], meters["blob"]:
                await _stories(site, meters, ingestion)


async def _stories(site: Site, meters: Mapping[str, Meter], ingestion: Ingestion) -> None:
    storage = site.storage
    for service, meter in meters.items():
        storage = storage.replace(getattr(site.azurite, f"{service}_url"), meter.url)
    settings = {"APPLICATIONINSIGHTS_CONNECTION_STRING": ingestion.connection_string}
    app = site.responder("month", storage=storage, gather_for="PT1S", **settings)
    async with app:
        await deliver([app.webhook], estate.ignored("warm", 1))
        await _tick(app.url, PASS)
        _told("a tick with a piece of the hourly pass that forgets", PASS, meters, ingestion)
        await _tick(app.url, TICKS)
        _told("a quiet tick of the sweep", TICKS, meters, ingestion)
        await deliver([app.webhook], estate.ignored("quiet", EVENTS), batch=1)
        await asyncio.sleep(6)
        _told("an ignored event", EVENTS, meters, ingestion)
        await _rounds(site, app.webhook)
        await asyncio.sleep(6)
        _told("a round of one resource, its event included", ROUNDS, meters, ingestion)
        await asyncio.sleep(60)
        _told("a minute with nothing but polls", 1, meters, ingestion)
        await _tick(app.url, 1)
    _told("numbers of the whole run and of one more tick, told at the end", 1, meters, ingestion)


async def _tick(url: str, times: int) -> None:
    async with aiohttp.ClientSession() as session:
        for _ in range(times):
            async with session.post(f"{url}/admin/functions/sweep_tick", json={"input": ""}) as answer:
                assert answer.status == 202
            await asyncio.sleep(2)


async def _rounds(site: Site, webhook: str) -> None:
    resources = estate.vaults("month", ROUNDS, ROUNDS)
    await site.azure("POST", "estate", estate.states(resources))
    await deliver([webhook], estate.wanted(resources), batch=1)

    async with open_ledger({"AzureWebJobsStorage": site.storage}) as ledger:

        async def over() -> bool | None:
            return all(case.state is State.CLOSED for case in await ledger.cases()) or None

        await eventually(over, "every round to be over", 90)


def _told(what: str, each: int, meters: Mapping[str, Meter], ingestion: Ingestion) -> None:
    print(f"\n{what}")
    for service, meter in meters.items():
        counts = ", ".join(f"{count / each:.3g} {kind}" for kind, count in sorted(meter.passed.items()))
        print(f"  {service:6} {counts or 'nothing'}")
        meter.passed.clear()
    sizes: dict[str, list[int]] = {}
    for envelope in ingestion.envelopes:
        sizes.setdefault(_kind(envelope), []).append(len(json.dumps(envelope)))
    for kind, bytes_of in sorted(sizes.items()):
        print(f"  {kind:50} {len(bytes_of) / each:6.3g} rows, {sum(bytes_of) / len(bytes_of):6.0f} bytes each")
    ingestion.envelopes.clear()


def _kind(envelope: Mapping[str, object]) -> str:
    data = envelope["data"]
    assert isinstance(data, dict)
    base = data["baseData"]
    name = base.get("name") or (base["metrics"][0]["name"] if "metrics" in base else "")
    return f"{data['baseType']} {name}"


if __name__ == "__main__":
    asyncio.run(_main())
