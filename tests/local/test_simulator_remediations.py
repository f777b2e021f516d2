"""The life of a remediation task as the real SDK sees it."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.policyinsights.aio import PolicyInsightsClient

from tests.local.estate_builders import (
    ASSIGNMENT,
    GROUP,
    INITIATIVE,
    SUBSCRIPTION,
    a_resource,
    a_simulator,
    a_state,
    a_task,
    a_vault,
    an_assignment,
    an_estate,
    insights,
    vaults,
)

REEVALUATE = {"resourceDiscoveryMode": "ReEvaluateCompliance"}


async def test_a_task_goes_from_accepted_over_evaluating_and_running_to_succeeded() -> None:
    dials = {"accepted": "PT5S", "evaluating": "PT10S", "deployment": "PT20S"}
    async with a_simulator(an_estate(vaults(2)), **dials) as azure, insights(azure.url) as client:
        task = await _open(client, **REEVALUATE)
        seen = [_state(task)]
        for seconds in (5, 10, 20):
            await azure.advance(seconds)
            seen.append(_state(await _get(client)))
        ended = await _get(client)

    assert seen == ["Accepted", "Evaluating", "Running", "Succeeded"]
    assert _summary(ended) == (2, 2, 0)
    assert len(ended["properties"]["lastUpdatedOn"].rpartition(".")[2]) == len("1234567Z")


async def test_a_row_has_no_deployment_id_until_its_deployment_exists() -> None:
    async with a_simulator(an_estate([a_vault("kv1")])) as azure, insights(azure.url) as client:
        await _open(client)
        early = await _rows(client)
        await azure.advance(1)
        late = await _rows(client)

    assert [(row.status, row.deployment_id) for row in early] == [("Evaluating", None)]
    assert late[0].status == "Succeeded"
    assert "/resourcegroups/rg-app/providers/microsoft.resources/deployments/Policy" in str(late[0].deployment_id)


async def test_a_task_that_finds_nothing_succeeds_with_nothing_counted() -> None:
    async with a_simulator(an_estate()) as azure, insights(azure.url) as client:
        await _open(client)
        ended = await _get(client)

        assert _state(ended) == "Succeeded"
        assert _summary(ended) == (0, 0, 0)
        assert await _rows(client) == []


@pytest.mark.parametrize(("threshold", "state"), [(0.3, "Failed"), (0.5, "Succeeded"), (None, "Succeeded")])
async def test_a_task_fails_when_more_failed_than_its_threshold_bears(threshold: float | None, state: str) -> None:
    good, bad = vaults(2)
    failing = a_resource(bad, outcome="fails", error={"code": "Forbidden", "message": "no right to deploy"})
    asked: Any = {} if threshold is None else {"failureThreshold": {"percentage": threshold}}
    async with a_simulator(an_estate([good, bad], [failing])) as azure, insights(azure.url) as client:
        await _open(client, **asked)
        await azure.advance(1)
        ended, rows = await _get(client), await _rows(client)

    assert _state(ended) == state
    assert _summary(ended) == (2, 1, 1)
    assert [row.error.code for row in rows if row.error] == ["Forbidden"]


async def test_the_counters_come_later_than_the_state() -> None:
    async with (
        a_simulator(an_estate(vaults(2)), counterLag="PT30S") as azure,
        insights(azure.url) as client,
    ):
        await _open(client)
        await azure.advance(1)
        early = await _get(client)
        await azure.advance(30)
        late = await _get(client)

    assert (_state(early), _summary(early)) == ("Succeeded", (2, 0, 0))
    assert _summary(late) == (2, 2, 0)


async def test_deployments_run_side_by_side_up_to_the_number_asked_for() -> None:
    async with a_simulator(an_estate(vaults(5))) as azure, insights(azure.url) as client:
        await _open(client, parallelDeployments=2)
        first = await _rows(client)
        await azure.advance(1)
        second = await _rows(client)
        await azure.advance(60)
        ended = await _get(client)

    assert (len(first), len(second)) == (2, 4)
    assert _summary(ended) == (5, 5, 0)


async def test_rows_are_paged_by_a_hundred_and_the_next_page_is_a_get() -> None:
    async with a_simulator(an_estate(vaults(250)), deployment="PT0S") as azure, insights(azure.url) as client:
        await _open(client, parallelDeployments=30)
        rows = await _rows(client)
        some = [row async for row in client.remediations.list_deployments_at_resource(GROUP, "task", top=101)]
        asked = [each["method"] for each in await azure.control("GET", "requests") if "list" in each["path"]]

    assert len({row.remediated_resource_id for row in rows}) == 250
    assert len(some) == 101
    assert asked == ["POST", "GET", "GET", "POST", "GET"]


async def test_only_what_lies_in_scope_and_passes_the_filters_is_remediated() -> None:
    near, far, other = a_vault("near"), a_vault("far"), a_vault("other", f"{SUBSCRIPTION}/resourceGroups/rg-b")
    resources: list[dict[str, object]] = [{"id": near, "location": "West Europe"}, {"id": far, "location": "eastus"}]
    estate = an_estate([near, far, other], resources)
    async with a_simulator(estate) as azure, insights(azure.url) as client:
        await _open(client, filters={"locations": ["westeurope"]})
        rows = await _rows(client)

    assert [str(row.remediated_resource_id).rpartition("/")[2] for row in rows] == ["near"]


async def test_no_more_resources_are_remediated_than_the_count_allows() -> None:
    async with a_simulator(an_estate(vaults(5))) as azure, insights(azure.url) as client:
        await _open(client, resourceCount=3)
        await azure.advance(1)

        assert _summary(await _get(client)) == (3, 3, 0)


async def test_an_untouched_resource_gets_no_deployment() -> None:
    one, two = vaults(2)
    async with (
        a_simulator(an_estate([one, two], [a_resource(one, outcome="untouched")])) as azure,
        insights(azure.url) as client,
    ):
        await _open(client)
        await azure.advance(1)

        assert _summary(await _get(client)) == (1, 1, 0)


async def test_a_reference_of_an_initiative_is_remediated_alone() -> None:
    vault = a_vault("kv1")
    names = {"policyDefinitionReferenceId": "a"}, {"policyDefinitionReferenceId": "b"}
    states = [a_state(vault, **name) for name in names]
    estate = an_estate(assignments=[an_assignment(definition=INITIATIVE)], states=states)
    async with a_simulator(estate) as azure, insights(azure.url) as client:
        await _open(client, policyDefinitionReferenceId="A")
        await azure.advance(10)
        left = [row async for row in client.policy_states.list_query_results_for_resource("latest", vault)]

    assert {row.policy_definition_reference_id: row.is_compliant for row in left} == {"a": True, "b": False}


@pytest.mark.parametrize("scope", [GROUP, SUBSCRIPTION, a_vault("kv1")])
async def test_a_second_task_for_the_same_policy_is_refused_at_above_and_below_a_running_one(scope: str) -> None:
    async with a_simulator(an_estate([a_vault("kv1")])) as azure, insights(azure.url) as client:
        await _open(client)

        with pytest.raises(HttpResponseError, match="'task' are already running") as refused:
            await _open(client, scope, "second")

    assert refused.value.status_code == 400


async def test_a_task_beside_a_running_one_is_accepted() -> None:
    beside = f"{SUBSCRIPTION}/resourceGroups/rg-app-2"
    async with a_simulator(an_estate([a_vault("kv1")])) as azure, insights(azure.url) as client:
        await _open(client)

        assert _state(await _open(client, beside, "second")) == "Accepted"


async def test_more_than_a_hundred_running_tasks_of_one_definition_are_refused() -> None:
    broken = vaults(101)
    async with a_simulator(an_estate(broken)) as azure, insights(azure.url) as client:
        for number, vault in enumerate(broken[:100]):
            await _open(client, vault, f"task{number}")

        with pytest.raises(HttpResponseError, match="already 100 remediations"):
            await _open(client, broken[100], "one-too-many")


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({**REEVALUATE, "filters": {"resourceIds": [a_vault("kv1")]}}, "Resource IDs"),
        ({"resourceCount": 0}, "resource count"),
        ({"parallelDeployments": 31}, "Parallel deployments"),
        ({"failureThreshold": {"percentage": 10}}, "between 0.0 and 1.0"),
        ({"resourceDiscoveryMode": "Guess"}, "resourceDiscoveryMode"),
    ],
)
async def test_a_task_that_makes_no_sense_is_refused(properties: dict[str, Any], words: str) -> None:
    async with a_simulator() as azure, insights(azure.url) as client:
        with pytest.raises(HttpResponseError, match=words) as refused:
            await _open(client, **properties)

    assert refused.value.status_code == 400


async def test_a_task_for_an_assignment_that_is_not_there_is_not_found() -> None:
    async with a_simulator() as azure, insights(azure.url) as client:
        with pytest.raises(ResourceNotFoundError, match="PolicyAssignmentNotFound"):
            await _open(client, policyAssignmentId=f"{ASSIGNMENT}-gone")


async def test_a_canceled_task_ends_later_and_what_was_in_flight_counts_for_nothing() -> None:
    dials = {"deployment": "PT1H", "cancelling": "PT1M"}
    async with a_simulator(an_estate(vaults(2)), **dials) as azure, insights(azure.url) as client:
        await _open(client)
        told = await client.remediations.cancel_at_resource(GROUP, "task")
        await azure.advance(60)
        ended = await _get(client)
        await azure.advance(3600)

        assert (_state(told), _state(ended)) == ("Cancelling", "Canceled")
        assert _summary(await _get(client)) == (2, 0, 0)


async def test_a_put_on_an_ended_name_replaces_the_task_and_both_are_remembered() -> None:
    async with a_simulator() as azure, insights(azure.url) as client:
        first = await _open(client)
        await azure.advance(1)
        second = await _open(client)
        remembered = await azure.control("GET", "remediations")

    assert first["properties"]["createdOn"] != second["properties"]["createdOn"]
    assert [(task["name"], task["removed"]) for task in remembered] == [("task", "replaced"), ("task", None)]
    assert remembered[0]["body"]["properties"]["policyAssignmentId"] == ASSIGNMENT


async def test_a_new_task_is_not_found_before_it_is_visible() -> None:
    async with a_simulator(notVisibleFor="PT1M") as azure, insights(azure.url) as client:
        await _open(client)

        with pytest.raises(ResourceNotFoundError, match="RemediationNotFound"):
            await _get(client)
        await azure.advance(60)
        assert _state(await _get(client)) == "Succeeded"


async def test_a_deleted_task_is_gone_and_still_remembered() -> None:
    async with a_simulator() as azure, insights(azure.url) as client:
        await _open(client)
        await _get(client)
        await client.remediations.delete_at_resource(GROUP, "task")
        remembered = await azure.control("GET", "remediations")

        with pytest.raises(ResourceNotFoundError):
            await _get(client)
        assert [task["removed"] for task in remembered] == ["deleted"]


async def test_a_jump_of_the_clock_leaves_the_stamps_of_a_clock_that_ticked() -> None:
    async with a_simulator(an_estate(vaults(3))) as azure, insights(azure.url) as client:
        await _open(client, parallelDeployments=1)
        await azure.advance(600)
        [task] = await azure.control("GET", "remediations")

    rows = task["deployments"]
    assert [row["createdOn"] for row in rows[1:]] == [row["lastUpdatedOn"] for row in rows[:2]]
    assert task["lastUpdatedOn"] == rows[2]["lastUpdatedOn"]


async def test_names_with_spaces_parentheses_and_umlauts_are_understood() -> None:
    group = f"{SUBSCRIPTION}/resourceGroups/rg (büro) 1"
    nested = f"{group}/providers/Microsoft.Sql/servers/srv/databases/Kunden Öst"
    encoded = nested.replace(" ", "%20").replace("ü", "%C3%BC").replace("Ö", "%C3%96")
    async with a_simulator(an_estate([nested])) as azure, insights(azure.url) as client:
        await _open(client, encoded)
        rows = [row async for row in client.remediations.list_deployments_at_resource(encoded, "task")]

    assert [str(row.remediated_resource_id).rpartition("/")[2] for row in rows] == ["Kunden Öst"]


async def _open(client: PolicyInsightsClient, scope: str = GROUP, name: str = "task", **properties: Any) -> Any:
    return await client.remediations.create_or_update_at_resource(scope, name, a_task(**properties))


async def _get(client: PolicyInsightsClient) -> Any:
    return await client.remediations.get_at_resource(GROUP, "task")


async def _rows(client: PolicyInsightsClient) -> list[Any]:
    return [row async for row in client.remediations.list_deployments_at_resource(GROUP, "task")]


def _state(task: Any) -> str:
    return str(task["properties"]["provisioningState"])


def _summary(task: Any) -> tuple[int, int, int]:
    counted = task["properties"]["deploymentStatus"]
    return counted["totalDeployments"], counted["successfulDeployments"], counted["failedDeployments"]
