"""A gate in front of a service, where a chosen request can be held.

A crash test wants a process dead at one exact point: before a write has reached storage, or after storage has
done it and before the process knows. The gate holds the request there, the test kills the process, and the gate
does what the network would: a request that was never passed on is forgotten, one that was, has happened.

Everything else passes as it came, byte for byte where it is signed: path, query, headers and body.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from types import TracebackType
from typing import Literal
from urllib.parse import unquote

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

When = Literal["before", "after"]

# These concern one connection, and there are two of them here (RFC 9110, 7.6.1). `Expect` is answered here.
_OF_THE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "expect", "upgrade"}
# What aiohttp would add of its own accord.
_NOT_ADDED = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_PATIENCE = 30.0


class Held:
    """A request that will be held, is held, or has been let go."""

    def __init__(self, method: str, path: str, body: str | None, nth: int, when: When) -> None:
        self._method = method
        self._path = re.compile(path)
        self._body = re.compile(body) if body else None
        self._left = nth
        self.when = when
        self._reached = asyncio.Event()
        self._released = asyncio.Event()

    async def reached(self, timeout: float = _PATIENCE) -> None:
        """Wait until the request stands at the gate; `TimeoutError` after so many seconds."""
        await asyncio.wait_for(self._reached.wait(), timeout)

    def release(self) -> None:
        """Let it go on, now or when it comes."""
        self._released.set()

    def takes(self, method: str, path: str, body: bytes) -> bool:
        """Whether this is the one. Each match counts, up to the nth."""
        if self._left == 0 or method != self._method or not self._path.search(path):
            return False
        if self._body and not self._body.search(body.decode(errors="replace")):
            return False
        self._left -= 1
        return self._left == 0

    async def stand(self) -> None:
        """Wait at the gate."""
        self._reached.set()
        await self._released.wait()


class Gate:
    """One gate in front of one service: `async with Gate(azurite.table_url) as gate: … gate.url`."""

    def __init__(self, upstream: str) -> None:
        self._upstream = upstream.rstrip("/")
        self._holds: list[Held] = []
        self._runner: web.AppRunner | None = None
        self._client: aiohttp.ClientSession | None = None
        self._passing: set[asyncio.Task[web.Response]] = set()
        self.url = ""

    async def start(self) -> str:
        """Open on a free port of 127.0.0.1 and give the address."""
        self._client = aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=_NOT_ADDED)
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._handle)
        # A client that dies cancels its request: what is held is then forgotten.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=1, auto_decompress=False
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self.url

    async def stop(self) -> None:
        """Close; what is still held is forgotten."""
        if self._runner:
            await self._runner.cleanup()
        if self._client:
            await self._client.close()

    def hold(
        self,
        method: str,
        path_regex: str,
        body_regex: str | None = None,
        nth: int = 1,
        when: When = "before",
    ) -> Held:
        """Hold the nth request from now that matches.

        The path is matched with its query and without percent-encoding; both patterns are searched for anywhere.
        `before`: it is not passed on yet. `after`: it has been answered, and the answer is kept back.
        """
        held = Held(method, path_regex, body_regex, nth, when)
        self._holds.append(held)
        return held

    async def __aenter__(self) -> Gate:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        path = unquote(request.raw_path)
        # All of them are asked, because each counts for itself.
        taken = [held for held in self._holds if held.takes(request.method, path, body)]
        for held in taken:
            if held.when == "before":
                await held.stand()
        answer = await self._pass(request, body)
        for held in taken:
            if held.when == "after":
                await held.stand()
        return answer

    async def _pass(self, request: web.Request, body: bytes) -> web.Response:
        """Pass a request on. Once begun it is finished, even if nobody waits for the answer any more."""
        task = asyncio.create_task(self._forward(request, body))
        self._passing.add(task)
        task.add_done_callback(self._passing.discard)
        return await asyncio.shield(task)

    async def _forward(self, request: web.Request, body: bytes) -> web.Response:
        assert self._client is not None
        url = URL(self._upstream + request.raw_path, encoded=True)
        try:
            async with self._client.request(
                request.method,
                url,
                headers=_end_to_end(request.headers),
                data=body or None,
                allow_redirects=False,
            ) as answer:
                content = await answer.read()
        except aiohttp.ClientConnectionError as error:
            return web.Response(status=502, text=f"{self._upstream} does not answer: {error}")
        return web.Response(status=answer.status, headers=_end_to_end(answer.headers), body=content)


def _end_to_end(headers: Mapping[str, str]) -> CIMultiDict[str]:
    kept = ((name, value) for name, value in headers.items() if name.lower() not in _OF_THE_CONNECTION)
    return CIMultiDict(kept)
