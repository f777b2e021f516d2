"""Reading policies through the real pipeline: what is shared, remembered and forgotten."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from responder.adapters.arm import ArmClients
from responder.adapters.policy_facts import API_VERSION, PolicyFacts
from responder.adapters.settings import Settings
from responder.adapters.storage_settings import Storage
from responder.core.facts import Assignment, Definition, Initiative, Missing, Unread
from responder.core.resource_id import ResourceId, resource_id
from tests.adapters.arm_double import Answer, answering, clients_of, serving

DATA = Path(__file__).parents[1] / "data" / "azure-policy"
GROUP = "/providers/Microsoft.Management/managementGroups/alz (prod)"
ASSIGNMENT = resource_id(f"{GROUP}/providers/Microsoft.Authorization/policyAssignments/Enforce tls")
BUILT_IN = "/providers/Microsoft.Authorization/policyDefinitions/tags"
INITIATIVE = f"{GROUP}/providers/Microsoft.Authorization/policySetDefinitions/mdc"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 27, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def a_document(path: str, named: str) -> dict[str, object]:
    document = json.loads((DATA / path).read_text())
    assert isinstance(document, dict)
    return document | {"id": named, "name": named.rpartition("/")[2]}


def an_assignment_of(policy: str) -> dict[str, object]:
    return {
        "id": ASSIGNMENT.text,
        "name": ASSIGNMENT.name,
        "identity": {"type": "SystemAssigned", "principalId": "p", "tenantId": "t"},
        "properties": {"policyDefinitionId": policy, "scope": GROUP, "enforcementMode": "Default"},
    }


def an_estate(policy: str = BUILT_IN) -> Answer:
    documents = {
        ASSIGNMENT.text: an_assignment_of(policy),
        BUILT_IN.lower(): a_document("policyDefinitions/Tags__AddOrReplaceTag_Modify.json", BUILT_IN),
        INITIATIVE.lower(): a_document("policySetDefinitions/Cosmos_DB__Cosmos_Throughput.json", INITIATIVE),
    }

    async def answer(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.02)
        document = documents.get(request.path.lower())
        if document is None:
            return web.json_response({"error": {"code": "NotFound", "message": "no such policy"}}, status=404)
        return web.json_response(document)

    return answer


async def test_an_assignment_its_definition_and_its_initiative_are_read_wherever_they_live() -> None:
    async with serving(an_estate(INITIATIVE)) as (_, url), clients_of(url) as clients:
        facts = PolicyFacts(clients, Clock())

        assigned, defined, grouped = await facts.about(ASSIGNMENT, resource_id(BUILT_IN), "ref")

    assert isinstance(assigned, Assignment)
    assert isinstance(defined, Definition)
    assert isinstance(grouped, Initiative)


async def test_a_single_policy_has_no_initiative() -> None:
    async with serving(an_estate()) as (_, url), clients_of(url) as clients:
        assigned, _, grouped = await PolicyFacts(clients, Clock()).about(ASSIGNMENT, resource_id(BUILT_IN), "")

    assert isinstance(assigned, Assignment)
    assert grouped is None


async def test_those_who_ask_at_the_same_time_share_one_read() -> None:
    async with serving(an_estate()) as (double, url), clients_of(url) as clients:
        facts = PolicyFacts(clients, Clock())

        await asyncio.gather(*(facts.about(ASSIGNMENT, resource_id(BUILT_IN), "") for _ in range(50)))

    assert len(double.seen) == 2  # the assignment and the definition


async def test_an_asker_who_gives_up_does_not_take_the_read_from_the_others() -> None:
    async with serving(an_estate()) as (_, url), clients_of(url) as clients:
        facts = PolicyFacts(clients, Clock())
        first = asyncio.create_task(facts.about(ASSIGNMENT, resource_id(BUILT_IN), ""))
        second = asyncio.create_task(facts.about(ASSIGNMENT, resource_id(BUILT_IN), ""))
        await asyncio.sleep(0.005)

        first.cancel()

        assert isinstance((await second)[0], Assignment)


async def test_the_door_knows_only_what_was_read_and_never_asks() -> None:
    async with serving(an_estate()) as (double, url), clients_of(url) as clients:
        facts = PolicyFacts(clients, Clock())
        before = facts.known(ASSIGNMENT, resource_id(BUILT_IN), "")
        asked_before = len(double.seen)
        await facts.about(ASSIGNMENT, resource_id(BUILT_IN), "")

        after = facts.known(ASSIGNMENT, resource_id(BUILT_IN), "")

    assert all(isinstance(fact, Unread) for fact in before)
    assert asked_before == 0
    assert isinstance(after[0], Assignment)


@pytest.mark.parametrize(
    ("answer", "kind", "kept"),
    [
        (an_estate(), Assignment, timedelta(minutes=10)),
        (answering(404, {"error": {"code": "PolicyAssignmentNotFound", "message": ""}}), Missing, timedelta(minutes=1)),
        (answering(403, {"error": {"code": "AuthorizationFailed", "message": ""}}), Unread, timedelta(seconds=30)),
        (answering(404, {"error": {"code": "SubscriptionNotFound", "message": ""}}), Unread, timedelta(seconds=30)),
        (answering(429, {"error": {"code": "TooManyRequests", "message": ""}}), Unread, timedelta(seconds=30)),
        (answering(503, {}), Unread, timedelta(seconds=30)),
        (answering(200, []), Unread, timedelta(seconds=30)),
        (answering(200, {"properties": {}}), Unread, timedelta(seconds=30)),
    ],
    ids=["read", "missing", "forbidden", "no-subscription", "throttled", "broken", "a-list", "empty"],
)
async def test_what_was_read_is_kept_long_and_what_was_not_is_asked_again_soon(
    answer: Answer, kind: type, kept: timedelta
) -> None:
    clock = Clock()
    async with serving(answer) as (_, url), clients_of(url) as clients:
        facts = PolicyFacts(clients, clock)
        read = (await facts.about(ASSIGNMENT, resource_id(BUILT_IN), ""))[0]
        clock.now += kept - timedelta(seconds=1)
        remembered = facts.known(ASSIGNMENT, resource_id(BUILT_IN), "")[0]
        clock.now += timedelta(seconds=1)
        forgotten = facts.known(ASSIGNMENT, resource_id(BUILT_IN), "")[0]

    assert isinstance(read, kind)
    assert remembered is read
    assert isinstance(forgotten, Unread)


async def test_an_unreadable_fact_says_why_in_words() -> None:
    answer = answering(403, {"error": {"code": "AuthorizationFailed", "message": "The client may not read."}})

    async with serving(answer) as (_, url), clients_of(url) as clients:
        assigned, _, grouped = await PolicyFacts(clients, Clock()).about(ASSIGNMENT, resource_id(BUILT_IN), "")

    assert isinstance(assigned, Unread)
    assert "The client may not read." in assigned.why
    assert isinstance(grouped, Unread)


async def test_the_memory_is_bounded_and_the_oldest_goes_first() -> None:
    ids = [ResourceId(f"{ASSIGNMENT.text}-{n}") for n in range(3)]
    answer = answering(404, {"error": {"code": "NotFound", "message": ""}})

    async with serving(answer) as (_, url), clients_of(url) as clients:
        facts = PolicyFacts(clients, Clock(), most=2)
        for each in ids:
            await facts.about(each, resource_id(BUILT_IN), "")
        known = [facts.known(each, resource_id(BUILT_IN), "")[0] for each in ids]

    assert [type(fact) for fact in known] == [Unread, Missing, Missing]


async def test_policies_are_asked_for_in_the_version_that_the_sdk_speaks() -> None:
    clients = ArmClients(Settings(storage=Storage(), arm_endpoint="http://127.0.0.1:9"))

    spoken = clients.policy._config.api_version

    await clients.close()
    assert spoken == API_VERSION
