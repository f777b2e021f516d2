"""The simulator answers as Azure's API description shows: every example file of it, one by one.

Same status, same keys, same kinds of values. An example without an entry in `PLAYED` fails, so that nothing is
copied here without being answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from tests.local.estate_builders import Sandbox, a_simulator, a_state, a_task, an_estate, an_estate_for

EXAMPLES = sorted((Path(__file__).parents[1] / "data" / "policyinsights").glob("**/*.json"))
INSIGHTS = "/providers/Microsoft.PolicyInsights"

# What the service adds today to what an older example of its description shows.
ADDED_SINCE = {"systemData", "correlationId", "statusMessage", "filters"}

Player = Callable[[Mapping[str, Any]], Awaitable[None]]


def test_every_example_is_played() -> None:
    assert {path.stem for path in EXAMPLES} == set(PLAYED)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
async def test_an_example_of_the_description_is_answered_alike(path: Path) -> None:
    await PLAYED[path.stem](_json(path))


def _json(path: Path) -> Any:
    return json.loads(path.read_text())


# --- how each example of the description is played


async def _play_put(example: Mapping[str, Any]) -> None:
    parameters = example["parameters"]
    body, version = parameters["parameters"], parameters["api-version"]
    path = f"{_scope(parameters)}{INSIGHTS}/remediations/{parameters['remediationName']}"
    async with a_simulator(an_estate_for(body)) as azure:
        created = await azure.ask("PUT", path, body, version)
        await azure.advance(60)
        replaced = await azure.ask("PUT", path, body, version)

    assert (created.status, replaced.status) == (201, 200)
    _assert_alike(created.body, example["responses"]["201"]["body"])
    _assert_alike(replaced.body, example["responses"]["200"]["body"])


async def _play_get(example: Mapping[str, Any]) -> None:
    recorded = example["responses"]["200"]["body"]
    async with _finished(example, recorded, example["parameters"]["remediationName"]) as (azure, path):
        answer = await azure.ask("GET", path)

    assert answer.status == 200
    _assert_alike(answer.body, recorded)
    assert answer.body["properties"]["provisioningState"] == recorded["properties"]["provisioningState"]
    assert answer.body["properties"]["deploymentStatus"] == recorded["properties"]["deploymentStatus"]


async def _play_list(example: Mapping[str, Any]) -> None:
    parameters = example["parameters"]
    recorded = example["responses"]["200"]["body"]
    query = f"$filter={quote(parameters['$filter'])}&$top={parameters['$top']}"
    async with _finished(example, recorded["value"][0], recorded["value"][0]["name"]) as (azure, path):
        answer = await azure.ask("GET", f"{path.rpartition('/')[0]}?{query}")

    assert answer.status == 200
    assert [task["name"] for task in answer.body["value"]] == [task["name"] for task in recorded["value"]]
    _assert_alike(answer.body, recorded)


async def _play_deployments(example: Mapping[str, Any]) -> None:
    parameters, recorded = example["parameters"], example["responses"]["200"]["body"]
    row = recorded["value"][0]
    location = {"id": row["remediatedResourceId"], "location": row["resourceLocation"]}
    estate = an_estate([row["remediatedResourceId"]], [location])
    path = f"{_scope(parameters)}{INSIGHTS}/remediations/{parameters['remediationName']}"
    async with a_simulator(estate) as azure:
        await azure.ask("PUT", path, a_task())
        await azure.advance(60)
        answer = await azure.ask("POST", f"{path}/listDeployments", None, parameters["api-version"])

    assert answer.status == 200
    _assert_alike(answer.body, recorded)
    told = answer.body["value"][0]
    assert {name: told[name] for name in ("remediatedResourceId", "status", "resourceLocation")} == {
        name: row[name] for name in ("remediatedResourceId", "status", "resourceLocation")
    }


async def _play_cancel(example: Mapping[str, Any]) -> None:
    recorded = example["responses"]["200"]["body"]
    async with _finished(example, recorded, recorded["name"], seconds=0) as (azure, path):
        answer = await azure.ask("POST", f"{path}/cancel")

    assert answer.status == 200
    assert answer.body["properties"]["provisioningState"] == "Cancelling"
    _assert_alike(answer.body, recorded)


async def _play_delete(example: Mapping[str, Any]) -> None:
    recorded = example["responses"]["200"]["body"]
    async with _finished(example, recorded, recorded["name"]) as (azure, path):
        deleted = await azure.ask("DELETE", path)
        again = await azure.ask("DELETE", path)

    assert (deleted.status, again.status, again.body) == (200, 204, None)
    _assert_alike(deleted.body, recorded)


async def _play_states(example: Mapping[str, Any]) -> None:
    parameters, recorded = example["parameters"], example["responses"]["200"]["body"]
    states = [_state_of(row, number) for number, row in enumerate(recorded["value"])]
    estate = {"states": states, "managementGroups": _groups_of(recorded["value"][0])}
    expand = f"?$expand={parameters['$expand']}" if "$expand" in parameters else ""
    path = f"/{parameters['resourceId']}{INSIGHTS}/policyStates/{parameters['policyStatesResource']}/queryResults"
    async with a_simulator(estate) as azure:
        answer = await azure.ask("POST", path + expand)

    assert answer.status == 200
    _assert_alike(answer.body, recorded)
    told = ("timestamp", "complianceState", "isCompliant", "policyDefinitionAction", "resourceType", "resourceGroup")
    assert [[row[name] for name in (*told, "managementGroupIds")] for row in answer.body["value"]] == [
        [row[name] for name in (*told, "managementGroupIds")] for row in recorded["value"]
    ]


async def _play_evaluation(example: Mapping[str, Any]) -> None:
    recorded = example["responses"]["202"]["headers"]
    path = f"{_scope(example['parameters'])}{INSIGHTS}/policyStates/latest/triggerEvaluation"
    async with a_simulator(evaluating="PT1M") as azure:
        accepted = await azure.ask("POST", path)
        place = accepted.headers["Location"].removeprefix(azure.url).partition("?")[0]
        early = await azure.ask("GET", place)
        await azure.advance(60)
        late = await azure.ask("GET", place)

    assert (accepted.status, early.status, late.status) == (202, 202, 200)
    assert accepted.headers["Retry-After"] == recorded["Retry-After"]
    assert _without_ids(place) == _without_ids(urlsplit(recorded["Location"]).path)


PLAYED: Mapping[str, Player] = {
    "PolicyStates_QueryResourceScope": _play_states,
    "PolicyStates_QueryResourceScopeExpandPolicyEvaluationDetails": _play_states,
    "PolicyStates_TriggerResourceGroupEvaluation": _play_evaluation,
    "Remediations_CancelResourceGroupScope": _play_cancel,
    "Remediations_CreateResourceScope": _play_put,
    "Remediations_CreateSubscriptionScope_AllProperties": _play_put,
    "Remediations_CreateSubscriptionScope_ResourceIdsFilter": _play_put,
    "Remediations_DeleteResourceGroupScope": _play_delete,
    "Remediations_GetResourceScope": _play_get,
    "Remediations_ListDeploymentsResourceScope": _play_deployments,
    "Remediations_ListResourceScope_WithQuery": _play_list,
}


# --- what an example needs to stand there before it can be played


@asynccontextmanager
async def _finished(
    example: Mapping[str, Any], shown: Mapping[str, Any], name: str, seconds: float = 60
) -> AsyncIterator[tuple[Sandbox, str]]:
    """The task an example shows, opened with the properties it shows, some seconds ago."""
    scope = _scope(example["parameters"])
    kept = ("policyAssignmentId", "resourceDiscoveryMode", "resourceCount", "parallelDeployments", "failureThreshold")
    body = {"properties": {key: shown["properties"][key] for key in kept}}
    count = shown["properties"]["deploymentStatus"]["totalDeployments"]
    broken = [f"{scope}/providers/Microsoft.Storage/storageAccounts/st{number}" for number in range(count)]
    states = [a_state(each, policyAssignmentId=body["properties"]["policyAssignmentId"]) for each in broken]
    path = f"{scope}{INSIGHTS}/remediations/{name}"
    async with a_simulator({**an_estate_for(body), "states": states}) as azure:
        opened = await azure.ask("PUT", path, body)
        assert opened.status == 201
        await azure.advance(seconds)
        yield azure, path


def _state_of(row: Mapping[str, Any], number: int) -> dict[str, object]:
    same = ("resourceId", "policyAssignmentId", "complianceState", "timestamp", "policyDefinitionAction")
    more = {name: row[name] for name in ("policyDefinitionGroupNames", "policyEvaluationDetails") if name in row}
    # The example shows one state twice; Azure keeps one for each resource and policy.
    return {**{name: row[name] for name in same}, **more, "policyDefinitionId": f"{row['policyDefinitionId']} {number}"}


def _groups_of(row: Mapping[str, Any]) -> list[dict[str, object]]:
    near, root = row["managementGroupIds"].split(",")
    return [{"name": near, "parent": root, "subscriptions": [row["subscriptionId"]]}, {"name": root}]


def _scope(parameters: Mapping[str, str]) -> str:
    if "resourceId" in parameters:
        return "/" + parameters["resourceId"]
    scope = f"/subscriptions/{parameters['subscriptionId']}"
    return f"{scope}/resourceGroups/{parameters['resourceGroupName']}" if "resourceGroupName" in parameters else scope


# --- what alike means


def _assert_alike(told: Any, recorded: Any, where: str = "answer") -> None:
    """Every key of the recorded body is there with the same kind of value; none is there that Azure does not have."""
    if recorded is None:
        return
    assert type(told) is type(recorded), where
    if isinstance(recorded, dict):
        assert set(recorded) <= set(told) <= set(recorded) | ADDED_SINCE, where
        for key in recorded:
            if not _free(key):
                _assert_alike(told[key], recorded[key], f"{where}.{key}")
    elif isinstance(recorded, list):
        assert len(told) == len(recorded), where
        for index, (one, other) in enumerate(zip(told, recorded, strict=True)):
            _assert_alike(one, other, f"{where}[{index}]")


def _free(key: str) -> bool:
    """What the estate puts there is as the estate has it."""
    return key == "policyEvaluationDetails"


def _without_ids(path: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", path)
