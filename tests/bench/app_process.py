"""An app in a host process of its own, told by its folder: the responder, or the one that does nothing.

What it prints goes to a file, as logs do: nobody has to read along, and both apps pay the same for it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from responder.local.azurite import die_with_parent

PROJECT = Path(__file__).parents[2]
NOOP = Path(__file__).parent / "noop_app"
_START_WITHIN = 60.0
_KEPT = ("PATH", "HOME", "LANG", "VIRTUAL_ENV")
_TICKS = os.sysconf("SC_CLK_TCK")


class AppProcess:
    """One host with one app: `async with AppProcess(folder, settings, log) as app: … app.webhook`."""

    def __init__(self, folder: Path, settings: Mapping[str, str], log: Path) -> None:
        self._folder, self._settings, self._log = folder, settings, log
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""

    @property
    def webhook(self) -> str:
        """Where Event Grid delivers."""
        return f"{self.url}/runtime/webhooks/EventGrid?functionName=policy_state_change"

    @property
    def processor_seconds(self) -> float:
        """The processor time that the process has used (Linux; elsewhere 0)."""
        try:
            fields = Path(f"/proc/{self._running.pid}/stat").read_text().rpartition(") ")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None, "it has not been started"
        return self._process

    async def __aenter__(self) -> AppProcess:
        with self._log.open("wb") as out:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "responder", "host", "--port", "0", "--app", str(self._folder)),
                cwd=PROJECT,
                env={**{name: os.environ[name] for name in _KEPT if name in os.environ}, **self._settings},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent(),
            )
        try:
            self.url = await asyncio.wait_for(self._ready(), _START_WITHIN)
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def _ready(self) -> str:
        while True:
            for line in self._log.read_text(encoding="utf-8", errors="replace").splitlines():
                if line.startswith("Host ready on "):
                    return line.removeprefix("Host ready on ")
            if self._running.returncode is not None:
                raise RuntimeError(f"The host ended: {self._log.read_text(errors='replace')[-500:]}")
            await asyncio.sleep(0.05)

    async def _end(self) -> None:
        if self._running.returncode is None:
            self._running.terminate()
        try:
            await asyncio.wait_for(self._running.wait(), 15)
        except TimeoutError:
            self._running.kill()
            await self._running.wait()
