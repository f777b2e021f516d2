"""Where the bench plays: one Azurite, one simulated Resource Manager, and apps that are started beside each other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from responder.local.azurite import Azurite
from responder.local.simulator.server import Simulator
from tests.bench import estate
from tests.bench.app_process import NOOP, PROJECT, AppProcess
from tests.scenarios.estates import QUICK


@dataclass(frozen=True, slots=True)
class Site:
    """What every measurement uses. `say` tells the person who waits what is going on."""

    folder: Path
    azurite: Azurite
    simulator: Simulator
    arm: str
    say: Callable[[str], None]

    @property
    def storage(self) -> str:
        """The connection string of the storage that all apps share."""
        return self.azurite.connection_string

    def responder(self, name: str, *, gather_for: str = "PT30M", storage: str = "", **settings: str) -> AppProcess:
        """The app, not started yet; `name` is that of its files."""
        rules = self.folder / f"{name}.yaml"
        rules.write_text(estate.rules(gather_for), encoding="utf-8")
        told = {
            "AzureWebJobsStorage": storage or self.storage,
            "RESPONDER_RULES": str(rules),
            "RESPONDER_ARM_ENDPOINT": self.arm,
            "RESPONDER_SWEEP": "0 0 0 * * *",
            **settings,
        }
        return AppProcess(PROJECT, told, self.folder / f"{name}.log")

    def noop(self, name: str) -> AppProcess:
        """The app that does nothing, on the same storage."""
        return AppProcess(NOOP, {"AzureWebJobsStorage": self.storage}, self.folder / f"{name}-noop.log")

    async def azure(self, method: str, name: str, body: object = None) -> object:
        """One of the simulator's control endpoints."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, f"{self.arm}/_simulator/{name}", json=body) as answer,
        ):
            told: object = await answer.json()
            assert answer.status < 300, told
            return told

    async def asked(self) -> list[dict[str, str]]:
        """Every request that Resource Manager was sent."""
        found = await self.azure("GET", "requests")
        assert isinstance(found, list)
        return found


@asynccontextmanager
async def a_site(folder: Path, say: Callable[[str], None]) -> AsyncIterator[Site]:
    """Everything but the apps, in a fresh storage and an estate where nothing is broken."""
    simulator = Simulator()
    async with Azurite() as azurite:
        try:
            site = Site(folder, azurite, simulator, await simulator.start(), say)
            await site.azure("PUT", "estate", estate.empty())
            await site.azure("PUT", "dials", {**QUICK, "notVisibleFor": "PT0S"})
            yield site
        finally:
            await simulator.stop()
