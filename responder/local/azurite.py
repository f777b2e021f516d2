"""Azurite, the storage of a laptop: started on free ports, stopped again, never left behind.

The app knows one storage (tables and queues), so the demo, the tests and a person at home run against the
same engine. Each start has ports of its own, so several may run side by side.

Flags: https://learn.microsoft.com/azure/storage/common/storage-install-azurite
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

PROJECT = Path(__file__).resolve().parents[2]

ACCOUNT = "devstoreaccount1"
# The well-known key of the storage emulator. It is public and opens nothing else:
# https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

_START_TIMEOUT = 20.0
_STOP_TIMEOUT = 10.0
_PR_SET_PDEATHSIG = 1


class AzuriteError(Exception):
    """Azurite cannot run here; the message says what to do."""


def connection_string(*, blob: str, queue: str, table: str) -> str:
    """Name the three endpoints of an emulator, each `http://host:port`, as one connection string."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY};"
        f"BlobEndpoint={blob}/{ACCOUNT};QueueEndpoint={queue}/{ACCOUNT};TableEndpoint={table}/{ACCOUNT};"
    )


# What `UseDevelopmentStorage=true` is short for. The SDKs for Python do not know the short form.
DEVELOPMENT_STORAGE = connection_string(
    blob="http://127.0.0.1:10000", queue="http://127.0.0.1:10001", table="http://127.0.0.1:10002"
)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Azurite:
    """One running Azurite: `async with Azurite() as azurite: … azurite.connection_string`.

    Without a `location` everything is kept in memory and forgotten at the end. `AzuriteError` when Node or
    Azurite is missing, or when it does not answer.
    """

    def __init__(self, location: Path | None = None, accounts: Mapping[str, str] | None = None) -> None:
        """`accounts`: names and keys to offer instead of the one that everybody knows."""
        self._location = location
        self._accounts = accounts
        self._process: asyncio.subprocess.Process | None = None
        self._ports: tuple[int, int, int] | None = None

    @property
    def blob_url(self) -> str:
        """Where blobs live, without the account."""
        return self._url(0)

    @property
    def queue_url(self) -> str:
        """Where queues live, without the account."""
        return self._url(1)

    @property
    def table_url(self) -> str:
        """Where tables live, without the account."""
        return self._url(2)

    @property
    def connection_string(self) -> str:
        """What `AzureWebJobsStorage` must be to use this storage."""
        return connection_string(blob=self.blob_url, queue=self.queue_url, table=self.table_url)

    async def start(self) -> None:
        """Start the process and wait until blobs, queues and tables answer."""
        command = _binary()
        self._ports = (free_port(), free_port(), free_port())
        self._process = await asyncio.create_subprocess_exec(
            *command,
            *self._flags(self._ports),
            env=self._environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            # Ctrl-C reaches the whole terminal group; storage must outlive the app that still writes to it.
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )
        try:
            await asyncio.wait_for(self._answering(self._ports), _START_TIMEOUT)
        except TimeoutError:
            await self.stop()
            raise AzuriteError(
                f"Azurite did not answer within {_START_TIMEOUT:.0f} seconds; run `make setup` again."
            ) from None
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the process with SIGTERM, which writes everything down; does nothing when it has ended."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_TIMEOUT)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def __aenter__(self) -> Azurite:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _url(self, which: int) -> str:
        if self._ports is None:
            raise RuntimeError("Azurite has not been started.")
        return f"http://127.0.0.1:{self._ports[which]}"

    def _environment(self) -> dict[str, str]:
        known = {name: value for name, value in os.environ.items() if name != "AZURITE_ACCOUNTS"}
        if not self._accounts:
            return known
        return {**known, "AZURITE_ACCOUNTS": ";".join(f"{name}:{key}" for name, key in self._accounts.items())}

    def _flags(self, ports: tuple[int, int, int]) -> list[str]:
        blob, queue, table = map(str, ports)
        hosts = [flag for part in ("blob", "queue", "table") for flag in (f"--{part}Host", "127.0.0.1")]
        where = ["--location", str(self._location)] if self._location else ["--inMemoryPersistence"]
        return [
            *("--silent", "--skipApiVersionCheck", "--loose", "--disableTelemetry"),
            *hosts,
            *("--blobPort", blob, "--queuePort", queue, "--tablePort", table),
            *where,
        ]

    async def _answering(self, ports: tuple[int, int, int]) -> None:
        for port in ports:
            while not await _listening(port):
                if self._process is None or self._process.returncode is not None:
                    raise AzuriteError("Azurite ended while starting; run `make setup` again.")
                await asyncio.sleep(0.05)


def _binary() -> list[str]:
    """Name Node and Azurite, from the project first and from PATH second."""
    here = PROJECT / ".azurite" / "node_modules" / ".bin" / "azurite"
    script = str(here) if here.exists() else shutil.which("azurite")
    if script is None:
        raise AzuriteError("Azurite, the local storage, is not installed: run `make setup`.")
    node = shutil.which("node")
    if node is None:
        raise AzuriteError("Node.js 20, which Azurite needs, is not on PATH: install it and run `make setup`.")
    # Through node itself: the launcher script would be one more process between us and it.
    return [node, os.path.realpath(script)]


async def _listening(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


def die_with_parent() -> Callable[[], None] | None:
    """Make the kernel end the child when this process ends, however it ends. Only Linux offers it."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # resolved before the fork: the child must not load anything

    def ask_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)

    return ask_kernel
