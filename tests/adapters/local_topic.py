"""An Event Grid topic on this machine: it takes CloudEvents as the service does, and refuses as it is told to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from azure.core.messaging import CloudEvent

MOST_BYTES = 1024 * 1024


@dataclass
class Refusal:
    """How requests are refused: a status with headers, a connection that breaks, or an answer that never comes.

    `about`: only requests with an event of which this text is a part.
    """

    status: int = 503
    headers: dict[str, str] = field(default_factory=dict)
    breaks: bool = False
    sleeps: bool = False
    about: str = ""
    times: int = 1_000_000


@dataclass
class LocalTopic:
    """What came, and what was refused."""

    url: str = ""
    events: list[CloudEvent[Any]] = field(default_factory=list)
    requests: list[web.Request] = field(default_factory=list)
    wire: list[dict[str, Any]] = field(default_factory=list)  # the same events, as they went over the wire
    refusal: Refusal | None = None

    @property
    def endpoint(self) -> str:
        """As the portal shows it."""
        return f"{self.url}/api/events"

    async def take(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        body = await request.read()
        self.requests.append(request)
        refusal = self.refusal
        if refusal and refusal.times > 0 and refusal.about in body.decode():
            refusal.times -= 1
            return await self._refuse(refusal, request)
        if len(body) > MOST_BYTES:
            return web.json_response({"error": {"code": "PayloadTooLarge", "message": "too large"}}, status=413)
        assert request.query["api-version"] == "2018-01-01"
        if not request.headers["Content-Type"].startswith("application/cloudevents-batch+json"):
            return web.json_response({"error": {"code": "BadRequest", "message": "not the schema"}}, status=400)
        self.wire.extend(json.loads(body))
        self.events.extend(CloudEvent.from_dict(each) for each in json.loads(body))
        return web.Response()

    async def _refuse(self, refusal: Refusal, request: web.Request) -> web.StreamResponse:
        if refusal.breaks and request.transport is not None:
            request.transport.abort()
        if refusal.sleeps:
            await asyncio.sleep(60)
        said = {"error": {"code": "Refused", "message": "as the test says"}}
        return web.json_response(said, status=refusal.status, headers=refusal.headers)


@asynccontextmanager
async def a_topic() -> AsyncIterator[LocalTopic]:
    """A topic on a free port of 127.0.0.1."""
    topic = LocalTopic()
    app = web.Application(client_max_size=16 * MOST_BYTES)
    app.router.add_post("/api/events", topic.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    topic.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield topic
    finally:
        await runner.cleanup()
