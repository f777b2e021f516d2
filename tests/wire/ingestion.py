"""An ingestion endpoint of Application Insights on this machine: what the real exporter sends arrives here.

`async with receiving() as ingestion:` listens on a free port; `ingestion.connection_string` goes into
`APPLICATIONINSIGHTS_CONNECTION_STRING` of the app. `ingestion.rows()` yields what was accepted so far as Application
Insights would show it: a dictionary from table (`requests`, `dependencies`, `traces`, `customMetrics`, `exceptions`;
all five are always there) to its rows in order of arrival, each a dictionary of these columns:

- every table: `timestamp` (aware UTC `datetime`), `operation_Id`, `operation_ParentId`, `operation_Name`,
  `cloud_RoleName`, `cloud_RoleInstance`, `application_Version`, `itemCount` (int), `customDimensions` (dict of str)
- `requests`, `dependencies`: `id`, `name`, `success` ("True" or "False"), `resultCode`, `duration` (ms), and of
  dependencies `type`, `target`, `data`
- `traces`: `message`, `severityLevel` (0 verbose, 1 information, 2 warning, 3 error, 4 critical)
- `customMetrics`: `name`, `value`, `valueSum`, `valueMin`, `valueMax` (float), `valueCount` (int)
- `exceptions`: `type`, `outerMessage`, `severityLevel`, `details`

Counters are told as the difference since the last time (delta), gauges as they are. `ingestion.answer` says how the
next requests are answered: refusals, slowness, partial success. What is refused is in `requests`, and in no row.
"""

import asyncio
import gzip
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.wire.tables import Tables, tables_of

KEY = "00000000-0000-4000-8000-0000000000aa"


@dataclass(frozen=True, slots=True)
class Answer:
    """How a request is answered: after how many seconds, with which status, and with which items refused (206)."""

    status: int = 200
    after: float = 0.0
    refuses_every: int = 0  # with 206: each n-th item of a request, beginning with the first
    refuses_with: int = 400  # the status of such an item


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: str
    status: int


@dataclass
class Ingestion:
    """The endpoint: what it was sent, what it took, and how it answers."""

    url: str = ""
    answer: Answer = field(default_factory=Answer)
    requests: list[Received] = field(default_factory=list)
    envelopes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def connection_string(self) -> str:
        """For `APPLICATIONINSIGHTS_CONNECTION_STRING`."""
        return f"InstrumentationKey={KEY};IngestionEndpoint={self.url}/"

    def rows(self) -> Tables:
        """What was accepted so far, as tables."""
        return tables_of(self.envelopes)

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Take one request: a JSON array, or one object a line, and perhaps gzipped."""
        answer = self.answer
        text = _text(await request.read())
        self.requests.append(Received(request.path, dict(request.headers), text, answer.status))
        if answer.after:
            await asyncio.sleep(answer.after)
        items = _items(text)
        if answer.status not in (200, 206):
            return web.json_response({"errors": []}, status=answer.status)
        refused = range(0, len(items), answer.refuses_every) if answer.refuses_every else range(0)
        self.envelopes += [item for index, item in enumerate(items) if index not in refused]
        errors = [{"index": index, "statusCode": answer.refuses_with, "message": "no"} for index in refused]
        told = {"itemsReceived": len(items), "itemsAccepted": len(items) - len(errors), "errors": errors}
        return web.json_response(told, status=206 if errors else 200)


@asynccontextmanager
async def receiving(port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[Ingestion]:
    """Listen on this machine, on a free port unless one is given, until the block ends."""
    ingestion = Ingestion()
    app = web.Application(client_max_size=64 * 2**20, handler_args={"auto_decompress": False})
    app.router.add_post("/{path:/?v2.1/track}", ingestion.take)  # an endpoint that ends with a slash makes two
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls).start()
    here = "https://localhost" if tls else "http://127.0.0.1"
    ingestion.url = f"{here}:{runner.addresses[0][1]}"
    try:
        yield ingestion
    finally:
        await runner.cleanup()


def _text(body: bytes) -> str:
    return (gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body).decode()


def _items(text: str) -> list[dict[str, Any]]:
    if text.lstrip().startswith("["):
        items: list[dict[str, Any]] = json.loads(text)
        return items
    return [json.loads(line) for line in text.splitlines() if line.strip()]
