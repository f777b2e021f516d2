"""The app with a gate on each of its ways out, so that it can be killed at one exact request.

A `Point` names the request: at which service, which operation, and whether the process dies before the service has
heard of it or after it has taken effect. While the app waits to die its sweep is asleep, so that nobody but the
story itself writes; the process that comes after it sweeps every second.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import aiohttp

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.ledger import Ledger
from responder.adapters.restraint import RESTRAINT
from responder.adapters.slots import SlotStore
from responder.commands.open_ledger import open_ledger, open_storage_of
from responder.core.case import Case, State
from responder.core.rule_settings import Bounds
from responder.core.slots import Holder
from responder.local.azurite import Azurite
from responder.local.laptop import Laptop
from responder.local.simulator.server import Simulator
from tests.scenarios.estates import QUICK, RULES
from tests.scenarios.gate import Gate, Held, When
from tests.scenarios.patience import eventually

Service = Literal["table", "queue", "arm", "topic"]
ASLEEP = "0 0 0 * * *"
AWAKE = "* * * * * *"
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Point:
    """One request of the app. `since`: the point that must have been passed before this one counts."""

    at: Service
    method: str
    path: str
    body: str | None = None
    when: When = "before"
    since: "Point | None" = None


class GatedSimulator(Simulator):
    """A simulator whose only address is that of a gate in front of it."""

    gate: Gate

    async def start(self, port: int = 0) -> str:
        """Start the simulator, then the gate; the gate's address."""
        self.gate = Gate(await super().start(port))
        return await self.gate.start()

    async def stop(self) -> None:
        """Close the gate, then stop the simulator."""
        if hasattr(self, "gate"):
            await self.gate.stop()
        await super().stop()


@dataclass(frozen=True, slots=True)
class Site:
    """Where a story plays: the laptop with the app, and the gates in front of what the app talks to."""

    laptop: Laptop
    gates: dict[Service, Gate]
    storage: str  # the account itself, past the gates

    async def stands_at(self, point: Point) -> Held:
        """Wait until the app stands at this point, and give what holds it there."""
        before = await self.stands_at(point.since) if point.since else None
        held = self._hold(point)
        if before is not None:
            before.release()
        await held.reached(PATIENCE)
        return held

    def _hold(self, point: Point) -> Held:
        return self.gates[point.at].hold(point.method, point.path, point.body, when=point.when)

    async def die(self) -> None:
        """SIGKILL."""
        assert await self.laptop.host.kill() != 0

    async def live_again(self, sweep: str = AWAKE) -> None:
        """A new process on the same address."""
        self.laptop.host.settings = {**self.laptop.host.settings, "RESPONDER_SWEEP": sweep}
        await self.laptop.host.start()

    async def die_at(self, point: Point, events: Sequence[object]) -> list[object]:
        """Deliver events and kill the app at this point; the events that it had not acknowledged."""
        standing = asyncio.ensure_future(self.stands_at(point))
        await asyncio.sleep(0)  # the gate must know before the first event goes out
        deliveries = [asyncio.ensure_future(self._deliver(event)) for event in events]
        await standing
        await self.die()
        acknowledged = await asyncio.gather(*deliveries)
        return [event for event, taken in zip(events, acknowledged, strict=True) if not taken]

    async def _deliver(self, event: object) -> bool:
        try:
            return await self.laptop.deliver(event) == 202
        except aiohttp.ClientError:
            return False  # the app died over it: Event Grid will deliver it again

    async def deliver_again(self, events: Iterable[object]) -> None:
        """What Event Grid does with events that were not acknowledged."""
        for event in events:
            assert await self.laptop.deliver(event) == 202

    async def all_over(self) -> list[Case]:
        """Every case, once none of them has anything left to do."""
        async with open_ledger({"AzureWebJobsStorage": self.storage}) as ledger:
            return await eventually(lambda: _over(ledger), "every case to be over", PATIENCE)

    async def tasks(self) -> list[dict[str, Any]]:
        """Every task that was ever opened; one that another has replaced is among them."""
        found = await self.laptop.control("GET", "remediations")
        assert isinstance(found, list)
        return found

    async def slots_held(self) -> int:
        """How many slots are taken."""
        async with open_storage_of({"AzureWebJobsStorage": self.storage}) as clients:
            store = SlotStore(ConditionalTable(clients.tables, RESTRAINT), Bounds(), _nobody)
            return len((await store.look()).holders)

    def roots(self) -> set[tuple[object, object]]:
        """The ids of the rounds that were told, repeats once."""
        return {(span["traceId"], span["spanId"]) for span in self.laptop.spans() if span["name"] == "remediation"}

    def broken(self, *but: str) -> list[str]:
        """Resources that Azure Policy calls non-compliant, but for those whose name is given."""
        states = self.laptop.simulator.world.tenant.states.values()
        bad = [state.resource_id.lower() for state in states if state.compliance_state == "NonCompliant"]
        return [resource for resource in bad if not resource.endswith(but)]


@asynccontextmanager
async def a_site(
    azurite: Azurite,
    storage: str,
    folder: Path,
    estate: dict[str, object],
    topic: Gate | None = None,
    settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Site]:
    """The app with all its gates, nothing held yet, and no events but those that a test delivers.

    `topic`: the gate in front of the topic that outcome events go to, where there is one.
    """
    (folder / "rules.yaml").write_text(RULES)
    async with Gate(azurite.table_url) as table, Gate(azurite.queue_url) as queue:
        through = storage.replace(azurite.table_url, table.url).replace(azurite.queue_url, queue.url)
        simulator = GatedSimulator()
        laptop = Laptop(
            folder,
            folder / "rules.yaml",
            estate,
            settings={"RESPONDER_SWEEP": ASLEEP, "RESPONDER_LEASE": "PT5S", **_told(topic), **(settings or {})},
            simulator=simulator,
            storage=through,
            message_lease=2,
        )
        async with laptop:
            await laptop.control("PUT", "dials", QUICK)
            gates: dict[Service, Gate] = {"table": table, "queue": queue, "arm": simulator.gate}
            yield Site(laptop, gates | ({"topic": topic} if topic else {}), storage)


def _told(topic: Gate | None) -> dict[str, str]:
    return {"RESPONDER_OUTCOME_TOPIC": f"{topic.url}/api/events"} if topic else {}


async def _nobody() -> tuple[Holder, ...]:
    return ()


async def _over(ledger: Ledger) -> list[Case] | None:
    cases = await ledger.cases()
    return cases if cases and all(case.state in (State.CLOSED, State.STOPPED) for case in cases) else None


# The requests that the stories have in common ---------------------------------------------------------------------

CASES, RESOURCES = r"/respondercases\(", r"/responderresources\("
STATES_ASKED = Point("arm", "POST", r"/policyStates/latest/queryResults")


def case_written(column: str, value: str, since: Point | None = None) -> Point:
    """A case's row has been replaced with one that has this in a column, and the app does not know yet."""
    return Point("table", "PUT", CASES, _column(column, value), "after", since)


def case_to_be_written(column: str, value: str, since: Point | None = None) -> Point:
    """The same, but storage has not heard of it."""
    return Point("table", "PUT", CASES, _column(column, value), "before", since)


def _column(name: str, value: str) -> str:
    return f'"{name}": ?"{re.escape(value)}"'
