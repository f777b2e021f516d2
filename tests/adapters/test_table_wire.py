"""Rows over the wire: what comes back is what was written, and a service in trouble loses and doubles nothing."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from azure.core.credentials import AccessToken, AzureNamedKeyCredential, AzureSasCredential
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError
from azure.data.tables import EdmType, EntityProperty, ResourceTypes, generate_account_sas

from responder.adapters.conditional_table import ConditionalTable, Conflict
from responder.adapters.storage import StorageClients, open_storage
from responder.adapters.storage_settings import Storage
from responder.adapters.table_rows import from_json, to_json
from responder.adapters.table_signature import signature_of
from responder.adapters.table_wire import TableWire
from responder.local.azurite import ACCOUNT, ACCOUNT_KEY

NAME = "responderwire"
KEY = AzureNamedKeyCredential(ACCOUNT, ACCOUNT_KEY)
Answering = Callable[[web.Request], Awaitable[web.Response]]


@asynccontextmanager
async def a_table(connection: str) -> AsyncIterator[ConditionalTable]:
    clients: StorageClients = open_storage(Storage(connection_string=connection))
    try:
        table = ConditionalTable(clients.tables, NAME)
        await table.create()
        yield table
    finally:
        await clients.close()


@asynccontextmanager
async def a_service(answer: Answering) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@asynccontextmanager
async def a_wire(url: str, credential: Any = KEY) -> AsyncIterator[TableWire]:
    wire = TableWire(url, signature_of(url, credential))
    try:
        yield wire
    finally:
        await wire.close()


class Tokens:
    """An identity: each token it gives is another, and lasts so many seconds."""

    def __init__(self, lasts: float) -> None:
        self.given = 0
        self._lasts = lasts

    async def get_token(self, *scopes: str, **_: object) -> AccessToken:
        self.given += 1
        return AccessToken(f"{scopes[0]}#{self.given}", int(time.time() + self._lasts))


@pytest.mark.parametrize("key", ["0a1b", "it's", "with space", "ümlaut", "a&b=c", "(odd)", "100%"])
async def test_a_row_comes_back_as_it_was_written_whatever_its_key(storage: str, key: str) -> None:
    row = {
        "PartitionKey": key,
        "RowKey": key,
        "text": "it's “quoted” \n \x7f",
        "due": EntityProperty(639_000_000_000_000_000, EdmType.INT64),
        "document": b"\x00\xff\x10",
        "round": 3,
        "news": True,
    }
    async with a_table(storage) as table:
        etag = await table.insert(row)

        found = await table.get(key, key)

    assert found is not None
    assert found[1] == etag
    assert {name: found[0][name] for name in row} == row


@pytest.mark.parametrize("value", [2**31, 1.5, datetime(2026, 11, 20, tzinfo=UTC), None])
def test_a_value_that_would_not_come_back_as_it_is_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="column odd"):
        to_json({"PartitionKey": "a", "RowKey": "b", "odd": value})


def test_what_a_later_version_wrote_into_a_row_is_read_as_far_as_json_tells_it() -> None:
    row = from_json(b'{"odata.etag": "e", "at": "2026-11-20T12:00:00Z", "at@odata.type": "Edm.DateTime", "n": 1}')

    assert row == {"at": "2026-11-20T12:00:00Z", "n": 1}


async def test_who_writes_second_loses(storage: str) -> None:
    row = {"PartitionKey": "second", "RowKey": "r", "n": 1}
    async with a_table(storage) as table:
        first = await table.insert(row)
        await table.replace({**row, "n": 2}, first)

        for write in (table.insert(row), table.replace(row, first), table.delete("second", "r", first)):
            with pytest.raises(Conflict):
                await write


async def test_rows_are_listed_over_all_pages_with_the_etags_that_delete_them(storage: str) -> None:
    async with a_table(storage) as table:
        for number in range(1010):
            await table.insert({"PartitionKey": "it's many", "RowKey": f"{number:04d}"})
        later = datetime.now(UTC) + timedelta(hours=1)
        condition = "PartitionKey eq @partition and Timestamp lt @later"
        found = [each async for each in table.tagged(condition, {"partition": "it's many", "later": later})]

        await table.delete("it's many", "0003", found[3][1])

        assert [row["RowKey"] for row, _ in found] == [f"{number:04d}" for number in range(1010)]
        assert await table.get("it's many", "0003") is None


async def test_a_shared_access_signature_opens_the_rows_too(storage: str) -> None:
    async with a_table(storage) as table:
        await table.insert({"PartitionKey": "sas", "RowKey": "r"})
    told = dict(part.partition("=")[::2] for part in storage.split(";"))
    key = AzureNamedKeyCredential(told["AccountName"], told["AccountKey"])
    until, everything = datetime.now(UTC) + timedelta(hours=1), ResourceTypes(service=True, object=True)
    sas = generate_account_sas(key, everything, "r", until)

    ways = (f"{told['TableEndpoint']}?{sas}", None), (told["TableEndpoint"], AzureSasCredential(sas))
    for url, credential in ways:
        async with a_wire(url, credential) as wire:
            answer = await wire.row("GET", NAME, ("sas", "r"))

            assert answer.status == 200, answer.body


async def test_a_busy_service_is_asked_again_and_then_its_last_word_is_told() -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=503 if len(asked) < 3 else 200, body=b"{}")

    async with a_service(answer) as url, a_wire(url) as wire:
        told = await wire.row("GET", NAME, ("a", "b"))

    assert (told.status, len(asked)) == (200, 3)


async def test_nobody_there_is_an_error_that_says_so() -> None:
    async with a_wire("http://127.0.0.1:9") as wire:
        with pytest.raises(ServiceRequestError):
            await wire.row("GET", NAME, ("a", "b"))


async def test_a_token_is_kept_and_after_a_401_asked_for_anew() -> None:
    seen: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request.headers["Authorization"])
        return web.Response(status=401 if seen[-1].endswith("#1") and len(seen) > 1 else 200, body=b"{}")

    tokens = Tokens(lasts=3600)
    async with a_service(answer) as url, a_wire(url, tokens) as wire:
        for _ in range(3):
            await wire.row("GET", NAME, ("a", "b"))

    assert [each.rsplit("#")[1] for each in seen] == ["1", "1", "2", "2"]


async def test_a_token_near_its_end_is_not_used_any_more() -> None:
    tokens = Tokens(lasts=200)

    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=b"{}")

    async with a_service(answer) as url, a_wire(url, tokens) as wire:
        await wire.row("GET", NAME, ("a", "b"))
        await wire.row("GET", NAME, ("a", "b"))

    assert tokens.given == 2


async def test_a_token_is_not_carried_to_where_a_redirect_points() -> None:
    asked: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(body=b"{}")

    async with a_service(elsewhere) as other:

        async def answer(request: web.Request) -> web.Response:
            return web.Response(status=307, headers={"Location": other})

        async with a_service(answer) as url, a_wire(url, Tokens(lasts=3600)) as wire:
            told = await wire.row("GET", NAME, ("a", "b"))

    assert (told.status, asked) == (307, [])


@pytest.mark.parametrize(("status", "kind"), [(403, ClientAuthenticationError), (400, HttpResponseError)])
async def test_a_refusal_is_told_as_the_sdk_tells_it_and_without_a_secret(
    status: int, kind: type[HttpResponseError]
) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status, text="No.")

    async with a_service(answer) as url:
        connection = f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey={ACCOUNT_KEY};TableEndpoint={url}"
        clients = open_storage(Storage(connection_string=f"{connection};QueueEndpoint={url}"))
        with pytest.raises(kind) as error:
            await ConditionalTable(clients.tables, NAME).get("a", "b")
        await clients.close()

    assert error.value.status_code == status
    assert "No." in str(error.value)
    assert ACCOUNT_KEY not in str(error.value)
