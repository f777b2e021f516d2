"""Queries and lists through the real SDK: what goes out, and that every page comes back."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

import pytest
from aiohttp import web

from responder.adapters.arm_error import ArmError
from responder.adapters.policy_insights import PolicyInsights
from responder.core.resource_id import resource_id
from tests.adapters.arm_double import Answer, answering, clients_of, serving

EXAMPLES = Path(__file__).parents[1] / "data" / "policyinsights" / "2024-10-01"
GROUP = resource_id("/subscriptions/fff10b27-fff3-fff5-fff8-fffbe01e86a5/resourceGroups/myResourceGroup")
ASSIGNMENT = resource_id(
    f"/subscriptions/{GROUP.subscription}/providers/Microsoft.Authorization/policyAssignments/test"
)
DEFINITION = resource_id("/providers/Microsoft.Authorization/policyDefinitions/Audit a tag and it's value")


def pages(rows: Sequence[Mapping[str, object]], link: str, size: int = 100) -> Answer:
    """All rows, `size` at a time, with links to the next page as Azure gives them: absolute, with the port."""

    async def answer(request: web.Request) -> web.StreamResponse:
        start = int(request.query.get("$skiptoken", "0"))
        body: dict[str, object] = {"value": rows[start : start + size], link: None}
        if start + size < len(rows):
            body[link] = f"http://{request.host}{request.path}?api-version=2024-10-01&$skiptoken={start + size}"
        return web.json_response(body)

    return answer


def a_state(n: int, reference: str | None = None) -> dict[str, object]:
    return {
        "timestamp": "2026-03-27T18:37:42.4496956Z",
        "resourceId": f"{GROUP}/providers/Microsoft.Storage/storageAccounts/s{n}",
        "complianceState": "NonCompliant",
        "policyDefinitionAction": "modify",
        "policyDefinitionReferenceId": reference,
    }


async def test_the_documented_answer_is_read_with_effect_location_and_management_groups() -> None:
    body = json.loads((EXAMPLES / "PolicyStates_QueryResourceScope.json").read_text())["responses"]["200"]["body"]

    async with serving(answering(200, body)) as (_, url), clients_of(url) as clients:
        states = await PolicyInsights(clients).states(GROUP, ASSIGNMENT, DEFINITION, "")

    assert (states[0].effect, states[0].location, states[0].compliance) == ("audit", "eastus", "noncompliant")
    assert states[0].management_groups == ("mymg", "fff988bf-fff1-ffff-fffb-fffcd011db47")
    assert states[0].tags is None  # "tbd" tells nothing


async def test_the_query_names_assignment_and_definition_with_quotes_doubled() -> None:
    async with serving(answering(200, {"value": []})) as (double, url), clients_of(url) as clients:
        await PolicyInsights(clients).states(GROUP, ASSIGNMENT, DEFINITION, "")

    method, path = double.seen[0]
    asked = unquote(path.replace("+", "%20"))
    assert method == "POST"
    assert asked.startswith(f"{GROUP}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults?")
    assert (
        f"$filter=policyAssignmentId eq '{ASSIGNMENT}' and policyDefinitionId eq "
        "'/providers/microsoft.authorization/policydefinitions/audit a tag and it''s value'"
    ) in asked


async def test_every_page_of_states_is_read_and_asked_for_by_post() -> None:
    rows = [a_state(n) for n in range(2500)]

    async with serving(pages(rows, "@odata.nextLink", 1000)) as (double, url), clients_of(url) as clients:
        states = await PolicyInsights(clients).states(GROUP, ASSIGNMENT, DEFINITION, "")

    assert len({state.resource for state in states}) == 2500
    assert [method for method, _ in double.seen] == ["POST"] * 3


async def test_a_reference_is_found_however_azure_spells_it_and_others_are_left_out() -> None:
    rows: list[Mapping[str, object]] = [
        a_state(1, "Deploy-Tls"),
        a_state(2, "deploy-tls"),
        a_state(3, "other"),
        a_state(4),
    ]

    async with serving(pages(rows, "@odata.nextLink")) as (_, url), clients_of(url) as clients:
        states = await PolicyInsights(clients).states(GROUP, ASSIGNMENT, DEFINITION, "deploy-tls")

    assert [state.resource.name for state in states] == ["s1", "s2"]
    assert states[0].reference == "Deploy-Tls"


@pytest.mark.parametrize("broken", [{"resourceId": None}, {"timestamp": "yesterday"}])
async def test_a_state_that_cannot_be_read_makes_all_of_them_unreadable(broken: dict[str, object]) -> None:
    rows: list[Mapping[str, object]] = [a_state(1, "deploy-tls"), {**a_state(2, "deploy-tls"), **broken}]

    async with serving(pages(rows, "@odata.nextLink")) as (_, url), clients_of(url) as clients:
        with pytest.raises(ArmError, match="UnreadableState") as caught:
            await PolicyInsights(clients).states(GROUP, ASSIGNMENT, DEFINITION, "deploy-tls")

    assert not caught.value.transient
    assert not caught.value.missing


async def test_all_of_250_deployments_come_back() -> None:
    rows = [{"remediatedResourceId": f"{GROUP}/r{n}", "status": "Succeeded"} for n in range(250)]

    async with serving(pages(rows, "nextLink")) as (double, url), clients_of(url) as clients:
        read = await PolicyInsights(clients).deployments(GROUP, "responder-1")

    assert len({row.resource for row in read}) == 250
    assert [method for method, _ in double.seen] == ["POST", "GET", "GET"]


async def test_a_list_without_an_end_is_given_up_with_a_clear_error() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        rows = [{"status": "Succeeded"}] * 20_000
        following = f"http://{request.host}{request.path}?page={request.query.get('page', '')}x"
        return web.json_response({"value": rows, "nextLink": following})

    async with serving(answer) as (_, url), clients_of(url) as clients:
        with pytest.raises(ArmError, match="more than 50000 rows"):
            await PolicyInsights(clients).deployments(GROUP, "responder-1")


async def test_a_task_that_is_not_there_is_none() -> None:
    answer = answering(404, {"error": {"code": "RemediationNotFound", "message": "no"}})

    async with serving(answer) as (_, url), clients_of(url) as clients:
        found = await PolicyInsights(clients).task(GROUP, "responder-1")

    assert found is None


@pytest.mark.parametrize("status", [200, 201])
async def test_the_body_goes_out_word_for_word_and_the_task_comes_back(status: int) -> None:
    body = {"properties": {"policyAssignmentId": ASSIGNMENT.text, "failureThreshold": {"percentage": 0.1}}}
    received: list[object] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        received.append(await request.json())
        told = {"name": "responder-1", "properties": {"provisioningState": "Accepted"}}
        return web.json_response(told, status=status)

    async with serving(answer) as (_, url), clients_of(url) as clients:
        made = await PolicyInsights(clients).create(GROUP, "responder-1", body)

    assert received == [body]
    assert (made.name, made.state, made.end) == ("responder-1", "Accepted", None)


@pytest.mark.parametrize("body", [None, [], "text", 7, {"value": None}, {"value": {"a": 1}}])
async def test_a_success_of_another_shape_counts_as_no_answer(body: object) -> None:
    async with serving(answering(200, body)) as (_, url), clients_of(url) as clients:
        with pytest.raises(ArmError) as caught:
            await PolicyInsights(clients).deployments(GROUP, "responder-1")

    assert (caught.value.status, caught.value.code) == (None, "UnreadableAnswer")
    assert caught.value.transient
