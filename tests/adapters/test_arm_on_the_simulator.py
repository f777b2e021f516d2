"""The life of a task as the app drives it: our adapters, the real SDKs, the simulated Resource Manager."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from responder.adapters.arm import ArmClients
from responder.adapters.arm_error import ArmError
from responder.adapters.policy_facts import PolicyFacts
from responder.adapters.policy_insights import PolicyInsights
from responder.adapters.settings import Settings
from responder.adapters.storage_settings import Storage
from responder.core.facts import Assignment, Definition, Missing
from responder.core.resource_id import ResourceId, resource_id
from responder.core.task import Task
from responder.local.simulator.server import Simulator

DATA = Path(__file__).parents[1] / "data" / "azure-policy"
SUBSCRIPTION = "/subscriptions/0a1b2c3d-0000-4000-8000-000000000001"
GROUP = resource_id(f"{SUBSCRIPTION}/resourceGroups/rg größe (1)")
ASSIGNMENT = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments/tag it"
DEFINITION = "/providers/Microsoft.Authorization/policyDefinitions/tags"
BODY: Mapping[str, object] = {
    "properties": {"policyAssignmentId": ASSIGNMENT, "resourceDiscoveryMode": "ReEvaluateCompliance"}
}


def a_resource(n: int) -> str:
    return f"{GROUP}/providers/Microsoft.Storage/storageAccounts/s (ü) {n}"


def an_estate(resources: int, **fate: object) -> dict[str, object]:
    definition = json.loads((DATA / "policyDefinitions" / "Tags__AddOrReplaceTag_Modify.json").read_text())
    assignment = {
        "id": ASSIGNMENT,
        "name": "tag it",
        "identity": {"type": "SystemAssigned", "principalId": "p", "tenantId": "t"},
        "properties": {"policyDefinitionId": DEFINITION, "scope": SUBSCRIPTION, "enforcementMode": "Default"},
    }
    ids = [a_resource(n) for n in range(resources)]
    return {
        "assignments": [assignment],
        "definitions": [definition | {"id": DEFINITION, "name": "tags"}],
        "resources": [
            {"id": each, "location": "westeurope", "tags": {"Env": "prod"}, "remediation": {"takes": "PT1S"} | fate}
            for each in ids
        ],
        "states": [
            {
                "resourceId": each,
                "policyAssignmentId": ASSIGNMENT,
                "policyDefinitionId": DEFINITION,
                "complianceState": "NonCompliant",
                "policyDefinitionAction": "modify",
            }
            for each in ids
        ],
    }


class Arm:
    """The simulator and what we talk to it with."""

    def __init__(self, url: str, clients: ArmClients, control: aiohttp.ClientSession) -> None:
        self.url, self.control = url, control
        self.insights = PolicyInsights(clients)
        self.facts = PolicyFacts(clients, lambda: datetime.now(UTC))

    async def tell(self, method: str, path: str, body: object) -> None:
        async with self.control.request(method, f"{self.url}/_simulator/{path}", json=body) as answer:
            assert answer.status < 300, await answer.text()

    async def fail(self, **fault: object) -> None:
        await self.tell("POST", "faults", [{"path": "/remediations/", "times": 1} | fault])

    async def ended(self, scope: ResourceId, name: str) -> Task:
        for _ in range(100):
            await self.tell("POST", "clock", {"advance": "PT1M"})
            task = await self.insights.task(scope, name)
            if task is not None and task.end:
                return task
        raise AssertionError("the task never ended")


@pytest_asyncio.fixture(loop_scope="function")
async def arm() -> AsyncIterator[Arm]:
    simulator = Simulator()
    url = await simulator.start()
    clients = ArmClients(Settings(storage=Storage(), arm_endpoint=url))
    async with aiohttp.ClientSession() as control:
        yield Arm(url, clients, control)
    await clients.close()
    await simulator.stop()


async def test_states_are_read_with_all_that_a_plan_needs(arm: Arm) -> None:
    await arm.tell("PUT", "estate", an_estate(3))

    states = await arm.insights.states(GROUP, resource_id(ASSIGNMENT), resource_id(DEFINITION), "")

    assert {state.resource.text for state in states} == {a_resource(n).lower() for n in range(3)}
    assert {(state.effect, state.location, state.compliance) for state in states} == {
        ("modify", "westeurope", "noncompliant")
    }
    assert states[0].tags == {"env": "prod"}


async def test_states_come_back_whole_however_small_the_pages(arm: Arm) -> None:
    await arm.tell("PUT", "estate", an_estate(25))
    await arm.tell("PUT", "dials", {"pageSize": 4})

    states = await arm.insights.states(GROUP, resource_id(ASSIGNMENT), resource_id(DEFINITION), "")

    assert len({state.resource for state in states}) == 25


async def test_a_task_is_opened_found_under_its_name_and_followed_to_its_end(arm: Arm) -> None:
    await arm.tell("PUT", "estate", an_estate(2))
    before = await arm.insights.task(GROUP, "responder-1")
    made = await arm.insights.create(GROUP, "responder-1", BODY)

    ended = await arm.ended(GROUP, "responder-1")

    assert before is None
    assert (made.end, ended.end) == (None, "Succeeded")
    assert (ended.total, ended.succeeded, ended.failed) == (2, 2, 0)


async def test_a_task_at_a_resource_whose_name_has_spaces_and_umlauts_is_opened_there(arm: Arm) -> None:
    await arm.tell("PUT", "estate", an_estate(2))
    resource = resource_id(a_resource(1))
    await arm.insights.create(resource, "responder-1", BODY)

    await arm.ended(resource, "responder-1")

    rows = await arm.insights.deployments(resource, "responder-1")
    assert [row.resource for row in rows] == [resource.text]


async def test_every_one_of_250_deployments_is_read_with_what_went_wrong(arm: Arm) -> None:
    error = {"code": "Forbidden", "message": "The 'PATCH' request failed with status code: 'Forbidden'."}
    await arm.tell("PUT", "estate", an_estate(250, outcome="fails", error=error))
    body = {"properties": {**BODY["properties"], "resourceCount": 500}}  # type: ignore[dict-item]
    await arm.insights.create(GROUP, "responder-1", body)
    await arm.ended(GROUP, "responder-1")

    rows = await arm.insights.deployments(GROUP, "responder-1")

    assert len({row.resource for row in rows}) == 250
    assert {(row.failed, row.error_code) for row in rows} == {(True, "Forbidden")}


async def test_a_task_can_be_cancelled(arm: Arm) -> None:
    await arm.tell("PUT", "estate", an_estate(1, takes="PT6H"))
    await arm.insights.create(GROUP, "responder-1", BODY)

    told = await arm.insights.cancel(GROUP, "responder-1")

    assert told.state == "Cancelling"
    assert (await arm.ended(GROUP, "responder-1")).end == "Canceled"


async def test_a_second_task_in_the_same_place_is_refused_in_the_services_words(arm: Arm) -> None:
    await arm.tell("PUT", "estate", an_estate(1))
    await arm.insights.create(GROUP, "somebody-elses", BODY)

    with pytest.raises(ArmError, match="already running") as caught:
        await arm.insights.create(GROUP, "responder-1", BODY)

    assert (caught.value.status, caught.value.code) == (400, "InvalidCreateRemediationRequest")


async def test_putting_a_task_that_is_active_says_that_it_is_there(arm: Arm) -> None:
    await arm.tell("PUT", "estate", an_estate(1))
    await arm.insights.create(GROUP, "responder-1", BODY)

    with pytest.raises(ArmError) as caught:
        await arm.insights.create(GROUP, "responder-1", BODY)

    assert caught.value.code == "InvalidUpdateRemediationRequest"


async def test_policies_are_read_where_they_live_and_missing_ones_are_missing(arm: Arm) -> None:
    await arm.tell("PUT", "estate", an_estate(1))
    other = resource_id(f"{SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments/gone")

    there = await arm.facts.about(resource_id(ASSIGNMENT), resource_id(DEFINITION), "")
    gone = await arm.facts.about(other, resource_id(DEFINITION), "")

    assert isinstance(there[0], Assignment)
    assert isinstance(there[1], Definition)
    assert isinstance(gone[0], Missing)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"status": 429, "code": "TooManyRequests", "headers": {"Retry-After": "17"}}, 429),
        ({"status": 401, "code": "ExpiredAuthenticationToken"}, 401),
        ({"status": 403, "code": "AuthorizationFailed"}, 403),
        ({"status": 503, "code": "ServerBusy"}, 503),
        ({"reset": True}, None),
        ({"delay": "PT20S", "status": 200}, None),
    ],
    ids=["throttled", "unauthorised", "forbidden", "busy", "reset", "slow"],
)
async def test_a_put_that_fails_is_one_error_within_its_time(
    arm: Arm, fault: dict[str, object], status: int | None
) -> None:
    await arm.tell("PUT", "estate", an_estate(1))
    await arm.fail(method="PUT", **fault)

    with pytest.raises(ArmError) as caught:
        await within(3, lambda: arm.insights.create(GROUP, "responder-1", BODY, timedelta(seconds=1)))

    assert caught.value.status == status
    assert caught.value.retry_after == (timedelta(seconds=17) if status == 429 else None)


async def test_a_task_whose_answer_was_lost_is_found_under_its_name(arm: Arm) -> None:
    await arm.tell("PUT", "estate", an_estate(1))
    await arm.fail(method="PUT", when="after", reset=True)

    with pytest.raises(ArmError):
        await arm.insights.create(GROUP, "responder-1", BODY)

    assert await arm.insights.task(GROUP, "responder-1") is not None


async def within(seconds: float, call: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(seconds):
        await call()
