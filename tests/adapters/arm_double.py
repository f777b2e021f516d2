"""A few lines of HTTP that answer as a test says: for what no simulator should do, such as foreign links.

Behaviour of Azure belongs into the simulator; this is for broken answers and for looking at the wire.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from responder.adapters.arm import ArmClients
from responder.adapters.settings import Settings
from responder.adapters.storage_settings import Storage
from responder.adapters.throttles import Throttles

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Double:
    """The server: `answer` decides, `seen` remembers method and raw path of each request."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.seen: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []

    async def receive(self, request: web.Request) -> web.StreamResponse:
        self.seen.append((request.method, request.raw_path))
        self.headers.append(dict(request.headers))
        return await self._answer(request)


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[tuple[Double, str]]:
    """Serve on a free port of this machine; gives the double and its URL."""
    double = Double(answer)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", double.receive)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield double, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def clients_of(endpoint: str, throttles: Throttles | None = None) -> AsyncIterator[ArmClients]:
    """The real clients, pointed at an endpoint on this machine."""
    clients = ArmClients(Settings(storage=Storage(), arm_endpoint=endpoint), throttles=throttles)
    try:
        yield clients
    finally:
        await clients.close()


def answering(status: int, body: object, headers: dict[str, str] | None = None) -> Answer:
    """The same answer to everything."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status, headers=headers)

    return answer
