"""Table storage's own requests, sent without the SDK's layers: one row, one request.

The SDK spends 2.5 ms of the processor on a request for one row (a pipeline of thirteen policies and a generic
serialiser) where 0.4 ms do, and an event is two such requests. Only what touches rows is here; tables are made by the
SDK, and so are credentials (`docs/decisions/0010-rows-without-the-sdk.md`).

Trying again is safe: every write is conditional. A write whose answer was lost finds itself in the way, which reads
as a conflict, and whoever gets a conflict reads again.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import NamedTuple
from urllib.parse import quote, urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)
from multidict import CIMultiDictProxy
from yarl import URL

from responder.adapters.arm_error import printable
from responder.adapters.table_signature import Signature

MOST_TRIES = 4
_FIRST_WAIT = 0.2  # seconds, doubled each time
_LONGEST_WAIT = 5.0
_TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=10)
_CONNECTIONS = 128  # so that no event of a batch waits for another's connection
_BUSY = frozenset({408, 429, 500, 502, 503, 504})
# The first version that takes an identity's token.
_ALWAYS = {
    "x-ms-version": "2020-12-06",
    "DataServiceVersion": "3.0",
    "Accept": "application/json;odata=minimalmetadata",
}
_WITH_BODY = {**_ALWAYS, "Content-Type": "application/json", "Prefer": "return-no-content"}
_KINDS: dict[int, type[HttpResponseError]] = {
    401: ClientAuthenticationError,
    403: ClientAuthenticationError,
    404: ResourceNotFoundError,
    409: ResourceExistsError,
    412: ResourceModifiedError,
}
_CONTINUED = {name: f"x-ms-continuation-{name}" for name in ("NextPartitionKey", "NextRowKey")}


class Answer(NamedTuple):
    """One answer, read to its end."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes


class TableWire:
    """One account's tables. The connections are made when they are first needed, in the loop that needs them."""

    def __init__(self, url: str, signature: Signature) -> None:
        parts = urlsplit(url)
        self._origin, self._root = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
        self._signature = signature
        self._proxy = None if proxy_bypass(parts.netloc) else getproxies().get(parts.scheme)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def row(self, method: str, table: str, key: tuple[str, str], body: bytes = b"", etag: str = "") -> Answer:
        """Ask for, or write, the row of this partition and row key, only if it still has this ETag where one is given.

        Raises `AzureError` where no answer came; every answer is returned, whatever it says.
        """
        partition, row = (quote(part.replace("'", "''"), safe="") for part in key)
        path = f"/{table}(PartitionKey='{partition}',RowKey='{row}')"
        return await self._asked(method, path, body=body, more={"If-Match": etag} if etag else {})

    async def insert(self, table: str, body: bytes) -> Answer:
        """Write a row that is not there yet."""
        return await self._asked("POST", f"/{table}", body=body)

    async def pages(self, table: str, condition: str) -> AsyncIterator[Answer]:
        """Every page of the rows that meet a condition (OData); the last one may be an error."""
        query = f"$filter={quote(condition, safe='')}"
        following = ""
        while True:
            answer = await self._asked("GET", f"/{table}()", query=query + following)
            yield answer
            told = {name: answer.headers.get(header) for name, header in _CONTINUED.items()}
            if answer.status != 200 or not told["NextPartitionKey"]:
                return
            following = "".join(f"&{name}={quote(value, safe='')}" for name, value in told.items() if value)

    async def _asked(
        self, method: str, path: str, *, query: str = "", body: bytes = b"", more: dict[str, str] | None = None
    ) -> Answer:
        """Send it, and again while the service is busy or does not answer."""
        for attempt in range(1, MOST_TRIES + 1):
            last = attempt == MOST_TRIES
            try:
                answer = await self._sent(method, self._root + path, query, body, more or {})
            except (aiohttp.ClientError, TimeoutError) as error:
                if last:
                    raise _no_answer(error) from None  # aiohttp's own words quote the address, its signature included
                await asyncio.sleep(_wait(attempt, None))
                continue
            if answer.status == 401 and attempt == 1:
                self._signature.refused()
            elif last or answer.status not in _BUSY:
                return answer
            else:
                await asyncio.sleep(_wait(attempt, answer.headers.get("Retry-After")))
        raise AssertionError("the last try returns or raises")

    async def _sent(self, method: str, path: str, query: str, body: bytes, more: dict[str, str]) -> Answer:
        signed = "&".join(part for part in (query, self._signature.query) if part)
        url = URL(f"{self._origin}{path}{'?' if signed else ''}{signed}", encoded=True)
        headers = {**(_WITH_BODY if body else _ALWAYS), **await self._signature.headers(path), **more}
        async with self._connected().request(
            method, url, data=body or None, headers=headers, proxy=self._proxy, allow_redirects=False
        ) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
            self._session = aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT)
        return self._session


def code_of(answer: Answer) -> str:
    """The service's word for an error."""
    try:
        return str(json.loads(answer.body)["odata.error"]["code"])
    except (ValueError, KeyError, TypeError):
        return ""


def refusal(answer: Answer, doing: str) -> HttpResponseError:
    """An answer that is no success, as the SDK would raise it; it tells the service's own words, at most 300."""
    words = printable(answer.body[:1200].decode("utf-8", "replace"), 300)
    told = f"{doing} was answered with HTTP {answer.status}: {words}"
    error = _KINDS.get(answer.status, HttpResponseError)(told)
    error.status_code = answer.status
    return error


def _no_answer(error: Exception) -> AzureError:
    told = printable(str(error), 300) or type(error).__name__
    return ServiceRequestError(told) if isinstance(error, aiohttp.ClientConnectorError) else ServiceResponseError(told)


def _wait(attempt: int, told: str | None) -> float:
    own = _FIRST_WAIT * (1 << (attempt - 1))
    asked = float(told) if told and told.isdecimal() else 0.0
    return min(max(own, asked), _LONGEST_WAIT)
