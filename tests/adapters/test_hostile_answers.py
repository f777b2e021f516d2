"""Whatever answers at the endpoint: every call ends, soon, as an answer or as one error that says what it was."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web

from responder.adapters import arm_document, remediation
from responder.adapters.arm import ArmClients
from responder.adapters.arm_document import read_document, read_list
from responder.adapters.arm_error import ArmError, retry_after
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.policy_insights import MOST_PAGES, PolicyInsights
from responder.commands.open_ledger import NoLedger, open_storage_of
from responder.core.facts import Unread, definition
from responder.core.observed_state import observed_state
from responder.core.resource_id import resource_id
from tests.adapters.arm_double import Answer, clients_of, serving
from tests.core.builders import ASSIGNMENT, DEFINITION, GROUP, START, vault

_JSON = "application/json"
_SCOPE = resource_id(GROUP)
_DEEP = b"[" * 100_000 + b"]" * 100_000
Call = Callable[[ArmClients], Awaitable[object]]

CALLS: dict[str, Call] = {
    "states": lambda c: PolicyInsights(c).states(_SCOPE, resource_id(ASSIGNMENT), resource_id(DEFINITION), ""),
    "task": lambda c: PolicyInsights(c).task(_SCOPE, "n"),
    "deployments": lambda c: PolicyInsights(c).deployments(_SCOPE, "n"),
    "create": lambda c: PolicyInsights(c).create(_SCOPE, "n", {}),
    "document": lambda c: read_document(c, "it", _SCOPE, "1"),
    "list": lambda c: read_list(c, "them", _SCOPE, "Microsoft.Authorization/x", {"api-version": "1"}),
}


def raw(status: int, body: bytes, kind: str = _JSON, **headers: str) -> Answer:
    async def answer(_request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(status=status, body=body, headers={"Content-Type": kind, **named})

    return answer


def pages(link: Callable[[web.Request, int], object]) -> Answer:
    """Empty pages, each with a link to the next."""
    told = 0

    async def answer(request: web.Request) -> web.StreamResponse:
        nonlocal told
        told += 1
        following = link(request, told)
        return web.json_response({"value": [], "@odata.nextLink": following, "nextLink": following})

    return answer


UNREADABLE = {
    "nested deep": raw(200, b'{"value":' + _DEEP + b"}"),
    "refused, nested deep": raw(400, b'{"error":' + _DEEP + b"}"),
    "no gzip after all": raw(200, b"no gzip", Content_Encoding="gzip"),
    "refused, no gzip after all": raw(400, b"no gzip", Content_Encoding="gzip"),
    "a number of 5,000 digits": raw(200, b'{"value":[' + b"9" * 5000 + b"]}"),
    "xml": raw(200, b"<a/>", "application/xml"),
    "a link that is an object": pages(lambda _request, _number: {"a": 1}),
    "a link that is a number": pages(lambda _request, _number: 5),
    "a link to itself": pages(lambda request, _number: str(request.url)),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", UNREADABLE)
async def test_an_answer_that_cannot_be_read_is_an_error_of_ours_that_may_pass(kind: str, call: str) -> None:
    async with serving(UNREADABLE[kind]) as (double, url), clients_of(url) as clients:
        with pytest.raises(ArmError) as error:
            await CALLS[call](clients)

    assert error.value.transient
    assert error.value.what.isprintable()
    assert len(double.seen) <= 2


ODD = {
    "an unknown charset": raw(200, b'{"value":[]}', f"{_JSON}; charset=klingon"),
    "broken utf-8": raw(200, b'{"value":["\xff"]}'),
    "no number and infinity": raw(200, b'{"value":[NaN, 1e999]}'),
    "keys that come twice": raw(200, b'{"value": 1, "value": []}'),
    "half a surrogate pair": raw(200, b'{"value":[], "id": "\\ud800", "properties": {"statusMessage": "\\ud800"}}'),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("kind", ODD)
async def test_an_answer_that_is_only_odd_is_read(kind: str, call: str) -> None:
    async with serving(ODD[kind]) as (_double, url), clients_of(url) as clients:
        await CALLS[call](clients)


@pytest.mark.parametrize(("call", "most"), [("states", MOST_PAGES), ("list", arm_document.MOST_PAGES)])
async def test_pages_without_rows_do_not_go_on_for_ever(call: str, most: int) -> None:
    endless = pages(lambda request, number: f"{request.url.with_query({'$skiptoken': str(number)})}")

    async with serving(endless) as (double, url), clients_of(url) as clients:
        with pytest.raises(ArmError, match="TooManyRows"):
            await CALLS[call](clients)

    assert len(double.seen) == most + 1


@pytest.mark.parametrize(
    "address",
    [
        *("https://evil.example/x", "http://evil.example@{here}/x", "//evil.example/x", "http://{here}@evil.example/x"),
        *("http://user:secret@{here}/x", "http://{here}.evil.example/x", "http:\\\\evil.example", "file:///etc/passwd"),
        *("http://{here}:1/x", "http://\ud800/x", "javascript:alert(1)"),
    ],
)
async def test_a_link_that_leads_anywhere_else_is_not_followed(address: str) -> None:
    link = pages(lambda request, _number: address.replace("{here}", request.host))

    async with serving(link) as (double, url), clients_of(url) as clients:
        with pytest.raises(ArmError):
            await CALLS["list"](clients)

    # What is no address becomes a path of the endpoint itself, and leads in circles there until that is cut.
    assert {headers["Host"] for headers in double.headers} == {url.removeprefix("http://")}


@pytest.mark.parametrize(
    "told",
    [
        *("9" * 400, "9" * 5000, "1e999", "nan", "inf", "-5", ".", "..", " ", "\u0663", "\u00b2", "0x10", "5; 6"),
        *("Wed, 21 Oct 99999 07:28:00 GMT", "Fri, 31 Feb 2026 07:28:00 GMT", "Wed, 21 Oct 2026 07:28:00 +99999999999"),
        *("Wed, 21 Oct 2099 07:28:00 GMT", "a b c d e f g", ",,,,,", "()"),
    ],
)
@pytest.mark.parametrize("header", ["retry-after", "retry-after-ms", "x-ms-retry-after-ms"])
def test_no_header_makes_us_wait_longer_than_a_day(header: str, told: str) -> None:
    wait = retry_after({header: told}, START)

    assert wait is None or 0 <= wait.total_seconds() <= 86_400


@pytest.mark.timeout(10)
def test_a_failure_with_very_many_details_is_cut_short() -> None:
    details = [{"code": "x", "message": f"reason {number}"} for number in range(200_000)]

    code, message = remediation.failure({"code": "DeploymentFailed", "message": "it failed", "details": details})

    assert code == "x"
    assert len(message) <= 1000


_ESCAPES = "\x1b[31m\u202e\x9b\x00\ud800"


def test_nothing_that_a_deployment_says_can_move_a_cursor() -> None:
    row = dict.fromkeys(("remediatedResourceId", "status", "deploymentId", "resourceLocation"), f"a{_ESCAPES}")
    read = remediation.deployment({**row, "error": {"code": _ESCAPES, "message": _ESCAPES}})

    told = (read.resource, read.status, read.deployment_id, read.location, read.error_code, read.error_message)
    assert [text for text in told if not text.isprintable()] == []


def test_nothing_that_a_task_says_can_move_a_cursor() -> None:
    properties = {"provisioningState": _ESCAPES, "statusMessage": _ESCAPES, "correlationId": _ESCAPES}
    read = remediation.task({"id": _ESCAPES, "name": _ESCAPES, "properties": properties})

    told = (read.id, read.name, read.state, read.status_message, read.correlation_id)
    assert [text for text in told if not text.isprintable()] == []


def test_tags_that_no_encoding_can_write_are_made_whole() -> None:
    row = {
        "resourceId": vault("kv1"),
        "timestamp": "2026-11-20T08:00:00Z",
        "resourceLocation": "west\ud800",
        "resourceTags": '{"a\\ud800": "b\\ud800", "c": {"d": [1]}}',
    }
    state = observed_state(row)

    assert state is not None
    assert state.tags == {"a?": "b?", "c": "(dict)"}
    assert state.location == "west?"


def test_a_definition_of_a_thousand_nested_conditions_is_read() -> None:
    condition: object = {"field": "type", "equals": "Microsoft.KeyVault/vaults"}
    for _ in range(900):
        condition = {"allOf": [condition]}
    document = {"id": DEFINITION, "properties": {"policyRule": {"if": condition, "then": {"effect": "Modify"}}}}

    assert not isinstance(definition(document), Unread)


@pytest.mark.parametrize(
    "said",
    [
        "{'Authorization': 'Bearer SECRET'}",
        "authorization: bearer SECRET\r\n",
        "Authorization: SharedKeyLite account:SECRET=",
        "https://a.table.core.windows.net/t?sv=2020&sig=SECRET&se=1",
        "AccountName=a;AccountKey=SECRET==;",
        "X-IDENTITY-HEADER': 'SECRET'",
    ],
)
def test_a_secret_that_an_answer_quotes_is_left_out(said: str) -> None:
    told = ArmError("reading", "it", 400, "Bad", f"you sent {said}").what

    assert "SECRET" not in told
    assert "(left out)" in told


async def test_storage_that_speaks_no_http_does_not_get_a_signature_into_words() -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 abc\r\nno header\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/account"
    signed = f"TableEndpoint={url};QueueEndpoint={url};SharedAccessSignature=sv=2020-01-01&sig=SECRET"
    with pytest.raises(NoLedger) as error:
        async with open_storage_of({"AzureWebJobsStorage": signed}) as clients:
            await ConditionalTable(clients.tables, "respondercases").get("a", "b")
    server.close()

    assert "sig=(left out)" in str(error.value)
    assert str(error.value).isprintable()
