"""The app's parts in this process, on a real storage service and a simulated Azure, with a clock that jumps."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.progress import PROGRESS, ProgressRows
from responder.core import instant
from responder.core.case import Case
from responder.core.progress import Progress
from responder.local.simulator.server import Simulator
from responder.sweep import tick
from responder.wiring import Parts, build, read_setup
from tests.core.builders import ASSIGNMENT, DEFINITION, SUBSCRIPTION, vault
from tests.scenarios.estates import an_estate

EVERY_MINUTE = "0 * * * * *"
START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RULES = f"""
version: 1
mode: enforce
within: ["{SUBSCRIPTION}"]
defaults: {{backfill: BACKFILL}}
rules:
  - name: leave the broken glass alone
    match: {{resource: "**/vaults/break-glass*"}}
    action: ignore
  - name: vaults
    match: {{resourceType: Microsoft.KeyVault/vaults}}
    gather: {{by: resourceGroup}}
    action: remediate
"""


@dataclass
class Clock:
    """Time that passes when told."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def passes(self, **much: float) -> None:
        self.now += timedelta(**much)

    def ago(self, **much: float) -> str:
        """A time as Azure writes it."""
        return instant.iso(instant.of(self.now - timedelta(**much)))


@dataclass
class App:
    """The parts, what they talk to, and the clock."""

    parts: Parts
    azure: str
    clock: Clock
    session: aiohttp.ClientSession
    asked: list[str] = field(default_factory=list)

    async def control(self, method: str, name: str, body: object = None) -> object:
        """Ask the simulator's control endpoint."""
        async with self.session.request(method, f"{self.azure}/_simulator/{name}", json=body) as answer:
            told: object = await answer.json()
        assert answer.status < 300, told
        return told

    async def breaks(self, *names: str, scanned: str) -> None:
        """Vaults break the policy, and nobody tells."""
        states = [a_state(name, scanned) for name in names]
        await self.control("POST", "estate", {"resources": [{"id": vault(name)} for name in names], "states": states})

    async def queries(self) -> int:
        """How many pages of states were asked for so far."""
        asked = await self.control("GET", "requests")
        assert isinstance(asked, list)
        return sum("queryresults" in request["path"].lower() for request in asked)

    async def sweeps(self) -> None:
        """One tick, a minute after the last."""
        self.clock.passes(minutes=1)
        await self.ticks()

    async def ticks(self) -> None:
        """One tick now."""
        await tick(self.parts, EVERY_MINUTE, self.clock())

    async def sweeps_to_the_end(self, most: int = 20) -> str:
        """Ticks until a cycle of backfill has ended; its note."""
        for _ in range(most):
            await self.sweeps()
            note = (await self.progress("backfill")).note
            if "Reading" not in note:
                return note
        raise AssertionError(f"the cycle did not end: {note}")

    async def progress(self, job: str) -> Progress:
        """How far a job has come."""
        found = await ProgressRows(self.table(PROGRESS)).of(job)
        assert found is not None
        return found

    def table(self, name: str) -> ConditionalTable:
        """One of the ledger's tables."""
        return ConditionalTable(self.parts.storage.tables, name)

    async def cases(self) -> list[Case]:
        """Every case."""
        return await self.parts.ledger.cases()


def a_state(name: str, scanned: str, assignment: str = ASSIGNMENT) -> dict[str, object]:
    """One state as the simulator is told of it."""
    return {
        "resourceId": vault(name),
        "policyAssignmentId": assignment,
        "policyDefinitionId": DEFINITION,
        "timestamp": scanned,
    }


@asynccontextmanager
async def an_app(
    storage: str,
    folder: Path,
    *,
    backfill: bool = True,
    rules: str = RULES,
    clock: Clock | None = None,
    **settings: str,
) -> AsyncIterator[App]:
    """An app in an estate where nothing is broken yet."""
    (folder / "rules.yaml").write_text(rules.replace("BACKFILL", str(backfill).lower()))
    clock, simulator = clock or Clock(), Simulator()
    async with aiohttp.ClientSession() as session:
        azure = await simulator.start()
        told: Mapping[str, str] = {
            "AzureWebJobsStorage": storage,
            "RESPONDER_RULES": str(folder / "rules.yaml"),
            "RESPONDER_ARM_ENDPOINT": azure,
            **settings,
        }
        parts = await build(read_setup(told), clock)
        try:
            app = App(parts, azure, clock, session)
            await app.control("PUT", "estate", an_estate())
            yield app
        finally:
            await parts.close()
            await simulator.stop()
