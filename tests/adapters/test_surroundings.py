"""Exemptions and roles, read through the real pipeline from the simulator; broken answers from a double."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from responder.adapters.policy_facts import PolicyFacts
from responder.core.decision import Answer, judge
from responder.core.facts import Assignment, Definition, Surroundings, Unread, assignment, definition
from responder.core.permission import Permission
from responder.core.policy_state import PolicyStateChange
from responder.core.preflight import missing_roles
from responder.core.resource_id import ResourceId, resource_id
from responder.core.rights import MissingRole, Rights
from responder.core.role import RoleAssignment
from responder.core.subject import Subject
from responder.local.simulator.server import Simulator
from tests.adapters.arm_double import answering, clients_of, serving
from tests.core.builders import a_change
from tests.core.policies import REMEDIATE_ALL, a_document, all_facts, observing

SUBSCRIPTION = "/subscriptions/0a1b2c3d-0000-4000-8000-000000000001"
OTHER = "/subscriptions/0a1b2c3d-0000-4000-8000-000000000002"
GROUPS = "/providers/Microsoft.Management/managementGroups"
ASSIGNMENT = f"{GROUPS}/alz/providers/Microsoft.Authorization/policyAssignments/Tag It"
PLACE = resource_id(f"{SUBSCRIPTION}/resourceGroups/rg größe/providers/Microsoft.KeyVault/vaults/kv1")
CONTRIBUTOR = "b24988ac-6180-42a0-ab88-20f7382dd24c"
CUSTOM = "11111111-2222-3333-4444-555555555555"
PRINCIPAL = "99999999-8888-7777-6666-555555555555"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RULES = observing("mode: observe\nrules:\n  " + REMEDIATE_ALL)


def tag_it() -> Definition:
    return definition(a_document("azure-policy/policyDefinitions/Tags__AddOrReplaceTag_Modify.json"))


def assigned(principal: str = PRINCIPAL) -> Assignment:
    return assignment(
        {
            "id": ASSIGNMENT,
            "identity": {"type": "SystemAssigned", "principalId": principal},
            "properties": {"policyDefinitionId": tag_it().id.text, "scope": f"{GROUPS}/alz"},
        }
    )


def an_exemption(scope: str, **properties: object) -> dict[str, object]:
    named = f"{scope}/providers/Microsoft.Authorization/policyExemptions/waive it"
    return {"id": named, "properties": {"policyAssignmentId": ASSIGNMENT, "exemptionCategory": "Waiver", **properties}}


def a_role_assignment(scope: str, role: str, principal: str = PRINCIPAL) -> dict[str, object]:
    roles = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions"
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{role[:8]}-{principal[:8]}",
        "properties": {"principalId": principal, "roleDefinitionId": f"{roles}/{role}", "scope": scope},
    }


def a_role(guid: str, *actions: str) -> dict[str, object]:
    properties = {"roleName": "a role", "permissions": [{"actions": list(actions), "notActions": []}]}
    return {"id": f"/providers/Microsoft.Authorization/roleDefinitions/{guid}", "name": guid, "properties": properties}


class Azure:
    """The simulator, and our facts of it."""

    def __init__(self, url: str, facts: PolicyFacts, control: aiohttp.ClientSession) -> None:
        self.url, self.facts, self.control = url, facts, control

    async def holds(self, **documents: object) -> None:
        groups = [{"name": "alz", "subscriptions": [SUBSCRIPTION.rpartition("/")[2]]}]
        async with self.control.put(
            f"{self.url}/_simulator/estate", json={"managementGroups": groups} | documents
        ) as put:
            assert put.status < 300, await put.text()

    async def around(self, place: ResourceId = PLACE) -> Surroundings:
        return await self.facts.around(assigned(), tag_it(), place)

    async def answer(self) -> str:
        facts = all_facts(assignment=assigned(), definition=tag_it(), around=await self.around())
        return judge(_news(), facts, RULES).reason


def _news() -> PolicyStateChange:
    return a_change(resource=PLACE, assignment=resource_id(ASSIGNMENT))


@pytest_asyncio.fixture(loop_scope="function")
async def azure() -> AsyncIterator[Azure]:
    simulator = Simulator()
    url = await simulator.start()
    async with clients_of(url) as clients, aiohttp.ClientSession() as control:
        yield Azure(url, PolicyFacts(clients, lambda: NOW), control)
    await simulator.stop()


@pytest.mark.parametrize(
    "scope", [f"{GROUPS}/alz", SUBSCRIPTION, f"{SUBSCRIPTION}/resourceGroups/RG Größe", PLACE.text]
)
async def test_an_exemption_is_found_at_every_scope_above(azure: Azure, scope: str) -> None:
    await azure.holds(exemptions=[an_exemption(scope)])

    assert await azure.answer() == "exempt"


@pytest.mark.parametrize(
    "exemption",
    [
        an_exemption(OTHER),
        an_exemption(f"{SUBSCRIPTION}/resourceGroups/rg-b"),
        an_exemption(SUBSCRIPTION, expiresOn="2026-11-20T11:59:59.9999999Z"),
        an_exemption(SUBSCRIPTION, policyAssignmentId=f"{ASSIGNMENT} too"),
    ],
    ids=["another subscription", "another group", "expired", "another assignment"],
)
async def test_an_exemption_from_something_else_changes_nothing(azure: Azure, exemption: dict[str, object]) -> None:
    await azure.holds(exemptions=[exemption])

    assert await azure.answer() == "mode-observe"


async def test_more_exemptions_than_fit_a_page_are_all_read(azure: Azure) -> None:
    many = [an_exemption(f"{SUBSCRIPTION}/resourceGroups/rg-{n}") for n in range(250)]
    await azure.holds(exemptions=many)

    found = (await azure.around()).exemptions

    assert isinstance(found, tuple)
    assert len(found) == 250


@pytest.mark.parametrize("scope", [f"{GROUPS}/alz", SUBSCRIPTION])
async def test_the_role_itself_is_found_and_no_role_is_read(azure: Azure, scope: str) -> None:
    await azure.holds(
        roleAssignments=[
            a_role_assignment(scope, CONTRIBUTOR),
            a_role_assignment(SUBSCRIPTION, CUSTOM, "77777777-0000-0000-0000-000000000000"),
            a_role_assignment(OTHER, CUSTOM),
        ]
    )

    assert (await azure.around()).rights == Rights((RoleAssignment(scope.lower(), CONTRIBUTOR),))


@pytest.mark.parametrize(("actions", "lacking"), [("*", 0), ("*/read", 1)])
async def test_another_role_is_read_and_compared(azure: Azure, actions: str, lacking: int) -> None:
    await azure.holds(
        roleAssignments=[a_role_assignment(SUBSCRIPTION, CUSTOM)],
        roleDefinitions=[a_role(CUSTOM, actions), a_role(CONTRIBUTOR, "Microsoft.Resources/*")],
    )

    facts = all_facts(effect="modify", assignment=assigned(), definition=tag_it(), around=await azure.around())

    missing = missing_roles(Subject(_news(), facts))
    contributor = f"/providers/microsoft.authorization/roledefinitions/{CONTRIBUTOR}"
    assert missing == (MissingRole(f"{GROUPS}/alz".lower(), PRINCIPAL, contributor),) * lacking


async def test_a_custom_role_that_cannot_be_read_is_not_known(azure: Azure) -> None:
    await azure.holds(
        roleAssignments=[a_role_assignment(SUBSCRIPTION, CUSTOM)],
        roleDefinitions=[a_role(CONTRIBUTOR, "Microsoft.Resources/*")],
    )

    rights = (await azure.around()).rights

    assert isinstance(rights, Rights)
    assert getattr(rights.roles[CONTRIBUTOR], "permissions", None) == (Permission(("microsoft.resources/*",)),)
    assert "does not exist" in str(rights.roles[CUSTOM])


async def test_without_an_assignment_nothing_is_asked() -> None:
    async with serving(answering(500, {})) as (double, url), clients_of(url) as clients:
        facts = PolicyFacts(clients, lambda: NOW)
        around = await facts.around(Unread("403"), tag_it(), PLACE)

    assert around == Surroundings(as_of=NOW)
    assert double.seen == []


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, {"error": {"code": "AuthorizationFailed", "message": "no"}}),
        (404, {"error": {"code": "SubscriptionNotFound", "message": "no"}}),
        (429, {"error": {"code": "TooManyRequests", "message": "slow down"}}),
        (500, {}),
        (200, []),
        (200, {}),
        (307, {}),
        (200, {"value": [{"properties": {}}]}),
        (200, {"value": [], "nextLink": "https://elsewhere.example/next"}),
    ],
    ids=[
        "forbidden",
        "no subscription",
        "throttled",
        "broken",
        "a list",
        "no list",
        "a redirect",
        "odd entries",
        "a foreign link",
    ],
)
async def test_what_cannot_be_read_is_unread_and_holds(status: int, body: object) -> None:
    async with serving(answering(status, body)) as (_, url), clients_of(url) as clients:
        around = await PolicyFacts(clients, lambda: NOW).around(assigned(), tag_it(), PLACE)

    facts = all_facts(assignment=assigned(), definition=tag_it(), around=around)
    assert isinstance(around.exemptions, Unread)
    assert isinstance(around.rights, Unread)
    assert judge(_news(), facts, RULES).answer is Answer.UNKNOWN


async def test_a_subscription_is_listed_once_for_all_who_ask_and_again_when_it_is_old() -> None:
    now = NOW

    async def empty(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.01)
        return web.json_response({"value": []})

    async with serving(empty) as (double, url), clients_of(url) as clients:
        facts = PolicyFacts(clients, lambda: now)
        places = [resource_id(f"{PLACE}{n}") for n in range(50)]
        await asyncio.gather(*(facts.around(assigned(), tag_it(), place) for place in places))
        once = [path.rpartition("/")[2].partition("?")[0] for _, path in double.seen]
        now += timedelta(minutes=11)
        await facts.around(assigned(), tag_it(), PLACE)

    assert sorted(once) == ["policyExemptions", "roleAssignments"]
    assert len(double.seen) == 4
    assert any(
        f"assignedTo%28%27{PRINCIPAL}%27%29" in path or f"assignedTo('{PRINCIPAL}')" in path for _, path in double.seen
    )
