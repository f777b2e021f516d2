"""Everything the app needs, on one machine: storage, a simulated Resource Manager, and the app in its own host.

The demo and the scenario tests stand on this. The host is a process of its own, so that it can be killed.
"""

import asyncio
import json
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from responder.local.azurite import Azurite, die_with_parent
from responder.local.simulator.server import Simulator

PROJECT = Path(__file__).parents[2]
_START_WITHIN = 30.0
_STOP_WITHIN = 15.0
_KEPT = ("PATH", "HOME", "LANG", "TERM", "VIRTUAL_ENV")


class LaptopError(Exception):
    """A part did not start; the message says which and why."""


@dataclass
class AppHost:
    """The app in a host process: `start`, `stop` with SIGTERM, or `kill` with SIGKILL."""

    settings: Mapping[str, str]
    port: int = 0
    message_lease: float = 600.0
    app: Path = PROJECT
    log: Path | None = None
    url: str = ""
    lines: list[str] = field(default_factory=list)
    _process: asyncio.subprocess.Process | None = None
    _reading: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Start the process and wait until it is ready; the address. Raises `LaptopError` with what it said."""
        options = ("--port", str(self.port), "--app", str(self.app), "--message-lease", str(self.message_lease))
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "responder", "host", *options),
            cwd=PROJECT,
            env={**kept, **self.settings},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )
        ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read(self._process, ready))
        try:
            self.url = await asyncio.wait_for(ready, _START_WITHIN)
        except TimeoutError as error:
            await self.kill()
            raise LaptopError(f"The host was not ready after {_START_WITHIN:.0f} s: {self._said()}") from error
        self.port = int(self.url.rsplit(":", 1)[1])
        return self.url

    async def stop(self) -> int:
        """End it as a service manager does; its exit code."""
        if self._process is None:
            return 0
        if self._process.returncode is None:
            self._process.terminate()
        try:
            code = await asyncio.wait_for(self._process.wait(), _STOP_WITHIN)
        except TimeoutError:
            return await self.kill()
        await self._read_out()
        return code

    async def kill(self) -> int:
        """End it as a power cut does."""
        if self._process is None:
            return 0
        if self._process.returncode is None:
            self._process.kill()
        code = await self._process.wait()
        await self._read_out()
        return code

    async def _read_out(self) -> None:
        if self._reading is not None:
            await self._reading
        self._process = self._reading = None

    async def _read(self, process: asyncio.subprocess.Process, ready: "asyncio.Future[str]") -> None:
        assert process.stdout is not None
        while line := await process.stdout.readline():
            self.lines.append(line.decode(errors="replace").rstrip())
            if self.log is not None:
                with self.log.open("a", encoding="utf-8") as log:
                    log.write(self.lines[-1] + "\n")
            if not ready.done() and self.lines[-1].startswith("Host ready on "):
                ready.set_result(self.lines[-1].removeprefix("Host ready on "))
        if not ready.done():
            ready.set_exception(LaptopError(f"The host ended before it was ready: {self._said()}"))

    def _said(self) -> str:
        return " / ".join(self.lines[-5:]) or "it said nothing"


class Started(ABC):
    """What is started and stopped as a whole: `async with` stops also what a start had begun that failed."""

    @abstractmethod
    async def start(self) -> None:
        """Start every part."""

    @abstractmethod
    async def stop(self) -> None:
        """Stop every part that was started."""

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


@dataclass
class Laptop(Started):
    """A simulated Azure, storage and the app. `folder` takes the traces and the host's log."""

    folder: Path
    rules: Path
    estate: Mapping[str, object]
    settings: Mapping[str, str] = field(default_factory=dict)
    azurite: Azurite = field(default_factory=Azurite)
    simulator: Simulator = field(default_factory=Simulator)
    storage: str = ""  # a connection string to use instead of starting Azurite
    arm: str = ""  # the endpoint the app is told, where that is not the simulator itself
    simulated: str = ""
    message_lease: float = 600.0
    host: AppHost = field(init=False)
    _own_storage: bool = False

    @property
    def traces(self) -> Path:
        """Where the app writes its spans."""
        return self.folder / "traces.jsonl"

    @property
    def webhook(self) -> str:
        """Where Event Grid delivers."""
        return f"{self.host.url}/runtime/webhooks/EventGrid?functionName=policy_state_change"

    async def start(self) -> None:
        """Start everything, storage first."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.storage:
            await self.azurite.start()
            self.storage, self._own_storage = self.azurite.connection_string, True
        self.simulated = await self.simulator.start()
        self.arm = self.arm or self.simulated
        await self.control("PUT", "estate", self.estate)
        self.host = AppHost(self._told(), message_lease=self.message_lease, log=self.folder / "host.log")
        await self.host.start()

    async def control(self, method: str, name: str, body: object = None) -> object:
        """Ask one of the simulator's control endpoints (`/_simulator/NAME`)."""
        url = f"{self.simulated}/_simulator/{name}"
        async with aiohttp.ClientSession() as session, session.request(method, url, json=body) as answer:
            told: object = await answer.json()
        if answer.status >= 400:
            raise LaptopError(f"The simulator refused {method} {name}: {told}")
        return told

    async def deliver(self, event: object) -> int:
        """Deliver one event as Event Grid does; the status of the answer. A CloudEvent comes alone, not in an array."""
        alone = isinstance(event, Mapping) and "specversion" in event
        kind = "application/cloudevents+json" if alone else "application/json"
        headers = {"aeg-event-type": "Notification", "Content-Type": f"{kind}; charset=utf-8"}
        body = json.dumps(event if alone else [event]).encode()
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.webhook, data=body, headers=headers) as answer,
        ):
            return answer.status

    def spans(self) -> list[dict[str, object]]:
        """Every span that the app has written so far."""
        if not self.traces.exists():
            return []
        return [json.loads(line) for line in self.traces.read_text(encoding="utf-8").splitlines()]

    def _told(self) -> dict[str, str]:
        return {
            "AzureWebJobsStorage": self.storage,
            "RESPONDER_RULES": str(self.rules),
            "RESPONDER_ARM_ENDPOINT": self.arm,
            "RESPONDER_TRACE_FILE": str(self.traces),
            "RESPONDER_SWEEP": "*/2 * * * * *",
            "RESPONDER_LEASE": "PT10S",
            **self.settings,
        }

    async def stop(self) -> None:
        """Stop everything, the app first."""
        if hasattr(self, "host"):
            await self.host.stop()
        await self.simulator.stop()
        if self._own_storage:
            await self.azurite.stop()
