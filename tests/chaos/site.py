"""The place where chaos is played: one Azurite, one simulated Azure, and some hosts whose clocks disagree.

Only hosts are ever killed, each by its own process. Whatever happens, `stop` ends all that was started.
"""

import asyncio
import json
import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import aiohttp

from responder.local.azurite import Azurite
from responder.local.laptop import PROJECT, AppHost, LaptopError, Started
from responder.local.simulator.documents import Dials, Estate
from responder.local.simulator.faults import Fault
from responder.local.simulator.server import Simulator
from tests.chaos.places import estate_of, rules_of, vaults_of
from tests.chaos.size import Size

LEASE = 10  # seconds; a PUT has a third of it
_DIALS = {
    "accepted": "PT0.1S",
    "evaluating": "PT0.5S",
    "deployment": "PT0.5S",
    "counterLag": "PT0.3S",
    "rescan": "PT0.5S",
    "notVisibleFor": "PT0.3S",
}
_HEADERS = {"aeg-event-type": "Notification", "Content-Type": "application/json; charset=utf-8"}


@dataclass
class Site(Started):
    """Storage, Azure and hosts. `deaths`: which host was killed, and when by Azure's clock."""

    folder: Path
    size: Size
    storage: str = ""  # a connection string to use instead of an Azurite of its own
    deaths: list[tuple[str, datetime]] = field(default_factory=list)
    hosts: list[AppHost] = field(default_factory=list)
    simulator: Simulator = field(default_factory=Simulator)
    _azurite: Azurite | None = None
    _up: set[int] = field(default_factory=set)
    _spared: dict[int, float] = field(default_factory=dict)

    async def start(self) -> None:
        """Start everything; the hosts at the same time."""
        if not self.storage:
            self._azurite = Azurite()
            await self._azurite.start()
            self.storage = self._azurite.connection_string
        arm = await self.simulator.start()
        self.simulator.load(Estate.model_validate(estate_of(vaults_of(self.size))))
        self.simulator.world.dials = Dials.model_validate(_DIALS)
        self._write_app()
        self.hosts = [self._host(number, arm) for number in range(self.size.hosts)]
        await asyncio.gather(*(self._begin(number) for number in range(self.size.hosts)))

    def now(self) -> datetime:
        """Azure's time."""
        return self.simulator.world.clock.now()

    def spoil(self, faults: Sequence[dict[str, object]]) -> None:
        """Let Azure fail from now on."""
        self.simulator.world.faults.add([Fault.model_validate(fault) for fault in faults])

    async def kill(self, number: int, down: float) -> None:
        """SIGKILL one host, unless it has just started, and start it again on its port."""
        if number not in self._up or time.monotonic() < self._spared[number]:
            return
        self._up.discard(number)
        await self.hosts[number].kill()
        self.deaths.append((self._client(number), self.now()))
        await asyncio.sleep(down)
        await self._begin(number)

    async def deliver(self, session: aiohttp.ClientSession, events: Sequence[object], chance: random.Random) -> bool:
        """Offer events to one of the hosts that are up; whether it acknowledged them."""
        if not self._up:
            return False
        url = self.hosts[chance.choice(sorted(self._up))].url
        hook = f"{url}/runtime/webhooks/EventGrid?functionName=policy_state_change"
        try:
            async with session.post(hook, data=json.dumps(events).encode(), headers=_HEADERS) as answer:
                return answer.status == 202
        except (aiohttp.ClientError, OSError, TimeoutError):
            return False  # it died over them, or is slow: Event Grid delivers them again

    def traces(self) -> list[dict[str, object]]:
        """Every span that any host has written whole."""
        lines = [line for file in self.folder.glob("traces-*.jsonl") for line in file.read_text("utf-8").splitlines()]
        return [json.loads(line) for line in lines]

    async def stop(self) -> None:
        """Stop everything, the hosts first."""
        await asyncio.gather(*(host.stop() for host in self.hosts))
        await self.simulator.stop()
        if self._azurite is not None:
            await self._azurite.stop()

    async def _begin(self, number: int) -> None:
        """Start a host. It is spared for as long as that took: on a busy machine it would else do nothing but start."""
        began = time.monotonic()
        try:
            await self.hosts[number].start()
        except LaptopError:  # a machine that is too busy gets a second chance
            await self.hosts[number].start()
        self._up.add(number)
        self._spared[number] = 2 * time.monotonic() - began

    def _write_app(self) -> None:
        app = self.folder / "app"
        app.mkdir(parents=True)
        shutil.copy(Path(__file__).parent / "shifted_app.py", app / "function_app.py")
        shutil.copy(PROJECT / "host.json", app / "host.json")
        (self.folder / "rules.yaml").write_text(rules_of(self.size), encoding="utf-8")

    def _host(self, number: int, arm: str) -> AppHost:
        name = self._client(number)
        settings = {
            "AzureWebJobsStorage": self.storage,
            "RESPONDER_RULES": str(self.folder / "rules.yaml"),
            "RESPONDER_ARM_ENDPOINT": arm,
            "RESPONDER_TRACE_FILE": str(self.folder / f"traces-{name}.jsonl"),
            "RESPONDER_SWEEP": "*/4 * * * * *",
            "RESPONDER_LEASE": f"PT{LEASE}S",
            "CHAOS_CLOCK_OFFSET": str(self.size.offsets[number % len(self.size.offsets)]),
            "AZURE_HTTP_USER_AGENT": name,  # the SDK adds it to its own, so that Azure's log tells hosts apart
            "AzureFunctionsJobHost__extensions__queues__visibilityTimeout": "00:00:01",
            "AzureFunctionsJobHost__extensions__queues__maxPollingInterval": "00:00:01",
        }
        return AppHost(settings, message_lease=6, app=self.folder / "app", log=self.folder / f"{name}.log")

    @staticmethod
    def _client(number: int) -> str:
        return f"host-{number}"
