"""The real SDKs against answers that are not what they should be."""

import asyncio
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import pytest
from aiohttp import web

from responder.adapters.arm import ArmClients
from responder.adapters.arm_error import ArmError, retry_after
from responder.adapters.policy_insights import PolicyInsights
from responder.adapters.settings import Settings
from responder.adapters.storage_settings import Storage
from responder.core.resource_id import ResourceId, resource_id
from tests.adapters.arm_double import Answer, answering, clients_of, serving

GROUP = resource_id("/subscriptions/0a1b2c3d-0000-4000-8000-000000000001/resourceGroups/rg-a")
ASSIGNMENT = resource_id(f"{GROUP}/providers/Microsoft.Authorization/policyAssignments/tls")
DEFINITION = resource_id("/providers/Microsoft.Authorization/policyDefinitions/audit a tag and it's value")
BODY = {"properties": {"policyAssignmentId": ASSIGNMENT.text}}


def an_error(code: str, message: str) -> dict[str, object]:
    return {"error": {"code": code, "message": message}}


async def refusal_of_a_put(answer: Answer) -> ArmError:
    async with serving(answer) as (_, url), clients_of(url) as clients:
        with pytest.raises(ArmError) as caught:
            await PolicyInsights(clients).create(GROUP, "t-1", BODY, timedelta(seconds=1))
    return caught.value


@pytest.mark.parametrize(
    ("status", "trait", "transient"),
    [
        (400, None, False),
        (401, "unauthorised", False),
        (403, "forbidden", False),
        (404, "missing", False),
        (408, None, True),
        (409, None, False),
        (429, "throttled", True),
        (500, None, True),
        (503, None, True),
    ],
)
async def test_every_refusal_becomes_one_error_that_says_what_kind_it_is(
    status: int, trait: str | None, transient: bool
) -> None:
    error = await refusal_of_a_put(answering(status, an_error("SomeCode", "The service's own words.")))

    assert (error.status, error.code, error.transient) == (status, "SomeCode", transient)
    assert [t for t in ("unauthorised", "forbidden", "missing", "throttled") if getattr(error, t)] == [trait] * bool(
        trait
    )
    assert "The service's own words." in error.what
    assert GROUP.text in error.what


@pytest.mark.parametrize(
    "headers", [{"Retry-After": "17"}, {"retry-after-ms": "17000"}, {"x-ms-retry-after-ms": "17000"}]
)
async def test_a_throttled_call_tells_how_long_to_wait_and_does_not_wait_itself(headers: dict[str, str]) -> None:
    began = asyncio.get_running_loop().time()

    error = await refusal_of_a_put(answering(429, an_error("TooManyRequests", "Slow down."), headers))

    assert error.retry_after == timedelta(seconds=17)
    assert asyncio.get_running_loop().time() - began < 1


NOON = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ("5", timedelta(seconds=5)),
        ("1.5", timedelta(seconds=1.5)),
        ("Fri, 27 Mar 2026 12:00:30 GMT", timedelta(seconds=30)),
        ("Fri, 27 Mar 2026 11:00:00 GMT", timedelta()),
        ("999999999", timedelta(days=1)),
        ("soon", None),
        ("-4", None),
        ("", None),
        ("9" * 400, None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_never_more_than_a_day(told: str, wait: timedelta | None) -> None:
    assert retry_after({"retry-after": told}, NOON) == wait


async def test_a_put_goes_out_once_whatever_is_answered() -> None:
    answer = answering(503, an_error("Busy", "Later."), {"Retry-After": "0"})

    async with serving(answer) as (double, url), clients_of(url) as clients:
        with pytest.raises(ArmError):
            await PolicyInsights(clients).create(GROUP, "t-1", BODY)

    assert [method for method, _ in double.seen] == ["PUT"]


async def test_a_put_goes_out_once_when_the_connection_breaks() -> None:
    async with serving(_drops) as (double, url), clients_of(url) as clients:
        with pytest.raises(ArmError) as caught:
            await PolicyInsights(clients).create(GROUP, "t-1", BODY)

    assert [method for method, _ in double.seen] == ["PUT"]
    assert caught.value.status is None


async def test_a_provider_that_is_not_registered_is_reported_and_not_registered_behind_our_back() -> None:
    answer = answering(409, an_error("MissingSubscriptionRegistration", "…namespace 'Microsoft.PolicyInsights'…"))

    async with serving(answer) as (double, url), clients_of(url) as clients:
        with pytest.raises(ArmError):
            await PolicyInsights(clients).create(GROUP, "t-1", BODY)

    assert [method for method, _ in double.seen] == ["PUT"]


async def _hangs(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def _drops(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _no_json(_request: web.Request) -> web.StreamResponse:
    return web.Response(text="{half", content_type="application/json")


@pytest.mark.parametrize("answer", [_hangs, _drops, _no_json], ids=["hangs", "drops", "no-json"])
async def test_without_a_readable_answer_the_status_is_none_and_the_call_may_be_repeated(answer: Answer) -> None:
    began = asyncio.get_running_loop().time()

    error = await refusal_of_a_put(answer)

    assert error.status is None
    assert error.transient
    assert asyncio.get_running_loop().time() - began < 3


async def test_a_host_that_nobody_answers_at_is_a_broken_connection() -> None:
    async with serving(answering(200, {})) as (_, url):
        pass  # the port was free a moment ago and nobody listens there now

    async with clients_of(url) as clients:
        with pytest.raises(ArmError) as caught:
            await PolicyInsights(clients).task(GROUP, "t-1")

    assert caught.value.status is None
    assert "RESPONDER_ARM_ENDPOINT" in caught.value.what


@pytest.mark.parametrize("status", [502, 403])
async def test_an_error_page_that_is_no_json_is_quoted_on_one_line(status: int) -> None:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text="<html>\nBad\x07 gateway " + "x" * 5000, content_type="text/html")

    error = await refusal_of_a_put(answer)

    assert error.status == status
    assert "Bad" in error.message
    assert error.message.isprintable()
    assert len(error.what) < 1500


async def test_a_message_is_made_printable_and_cut() -> None:
    error = await refusal_of_a_put(answering(400, an_error("Bad\x1b[31m", "line\nline \u202e" + "y" * 5000)))

    assert error.code.isprintable()
    assert error.message.isprintable()
    assert len(error.message) == 1000


@pytest.mark.parametrize("body", [None, [], "text", {"error": "text"}, {"error": None}, {"code": "C", "message": "m"}])
async def test_an_error_of_another_shape_is_an_error_all_the_same(body: object) -> None:
    error = await refusal_of_a_put(answering(400, body))

    assert error.status == 400
    assert error.what


async def test_a_list_without_entries_is_not_taken_for_an_empty_one() -> None:
    async with serving(answering(200, {})) as (_, url), clients_of(url) as clients:
        with pytest.raises(ArmError, match="UnreadableAnswer"):
            await PolicyInsights(clients).states(GROUP, ASSIGNMENT, DEFINITION, "")
        with pytest.raises(ArmError, match="UnreadableAnswer"):
            await PolicyInsights(clients).deployments(GROUP, "t-1")


async def test_a_redirect_is_not_followed() -> None:
    answer = answering(307, {}, {"Location": "http://127.0.0.1:9/elsewhere"})

    async with serving(answer) as (double, url), clients_of(url) as clients:
        with pytest.raises(ArmError) as caught:
            await PolicyInsights(clients).task(GROUP, "t-1")

    assert caught.value.status == 307
    assert len(double.seen) == 1


async def test_a_link_to_a_next_page_on_another_host_is_refused_before_anything_is_sent() -> None:
    async with serving(answering(200, {"value": []})) as (elsewhere, other):
        page = {"value": [], "nextLink": f"{other}/x?y", "@odata.nextLink": f"{other}/x/queryResults?y"}
        async with serving(answering(200, page)) as (_, url), clients_of(url) as clients:
            with pytest.raises(ArmError, match="not the configured endpoint"):
                await PolicyInsights(clients).deployments(GROUP, "t-1")
            with pytest.raises(ArmError, match="not the configured endpoint"):
                await PolicyInsights(clients).states(GROUP, ASSIGNMENT, DEFINITION, "")

    assert elsewhere.seen == []


@pytest.mark.parametrize("link", ["http://127.0.0.1:99999/x", "ftp://127.0.0.1/x"])
async def test_a_link_to_a_next_page_that_is_no_address_is_refused(link: str) -> None:
    async with serving(answering(200, {"value": [], "nextLink": link})) as (_, url), clients_of(url) as clients:
        with pytest.raises(ArmError) as caught:
            await PolicyInsights(clients).deployments(GROUP, "t-1")

    assert caught.value.code == "ForeignHost"


@pytest.mark.parametrize("name", ["it's (a) name", "größe&mehr=1", "a{b}c+d", "a;b,c@d"])
async def test_names_are_encoded_once_on_the_wire(name: str) -> None:
    scope = resource_id(f"{GROUP}/providers/Microsoft.Storage/storageAccounts/{name}")

    async with serving(answering(200, {"value": []})) as (double, url), clients_of(url) as clients:
        insights = PolicyInsights(clients)
        await insights.states(scope, ASSIGNMENT, DEFINITION, "")
        await insights.deployments(scope, "t-1")

    names = [path.partition("?")[0].split("/")[8] for _, path in double.seen]
    assert [unquote(each) for each in names] == [name, name]
    assert all(each.isascii() and " " not in each for each in names)


async def test_the_simulator_on_this_machine_gets_no_credential_and_knows_who_asks() -> None:
    async with serving(answering(404, an_error("NotFound", "no"))) as (double, url), clients_of(url) as clients:
        await PolicyInsights(clients).task(GROUP, "t-1")

    assert "Authorization" not in double.headers[0]
    assert double.headers[0]["User-Agent"].startswith("azure-policy-responder/")


async def test_a_missing_subscription_is_not_taken_for_a_missing_task() -> None:
    answer = answering(404, an_error("SubscriptionNotFound", "The subscription could not be found."))

    async with serving(answer) as (_, url), clients_of(url) as clients:
        with pytest.raises(ArmError, match="SubscriptionNotFound"):
            await PolicyInsights(clients).task(GROUP, "t-1")


async def test_calls_are_counted_by_name_and_status() -> None:
    counted: list[tuple[str, int | None]] = []
    async with serving(answering(404, an_error("NotFound", "no"))) as (_, url):
        clients = ArmClients(Settings(Storage(), arm_endpoint=url), lambda call, status: counted.append((call, status)))
        try:
            await PolicyInsights(clients).task(GROUP, "t-1")
            with pytest.raises(ArmError):
                await PolicyInsights(clients).states(GROUP, ASSIGNMENT, DEFINITION, "")
        finally:
            await clients.close()

    assert counted == [("GET remediations", 404), ("POST queryresults", 404)]


async def test_without_any_credential_the_sentence_says_how_to_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET", "IDENTITY_ENDPOINT", "PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential")
    clients = ArmClients(Settings(storage=Storage()))

    try:
        with pytest.raises(ArmError) as caught:
            await PolicyInsights(clients).task(ResourceId(GROUP.text), "t-1")
    finally:
        await clients.close()

    assert caught.value.unauthorised
    assert "az login" in caught.value.what
