"""Policy states, assignments, definitions and roles, as the real SDKs and plain HTTP read them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from tests.local.estate_builders import (
    ASSIGNMENT,
    DEFINITION,
    GROUP,
    INITIATIVE,
    MANAGEMENT_GROUP,
    SUBSCRIPTION,
    a_simulator,
    a_state,
    a_vault,
    an_assignment,
    an_estate,
    insights,
    policies,
    vaults,
)

OTHER_GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-other"
AUTHORIZATION = "/providers/Microsoft.Authorization"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "abc"),
        ("isCompliant eq false", "ac"),
        ("IsCompliant eq false and resourceGroup eq 'RG-APP'", "a"),
        (f"policyAssignmentId eq '{ASSIGNMENT.upper()}'", "abc"),
        ("complianceState ne 'noncompliant'", "b"),
        ("isCompliant eq true or (resourceGroup eq 'rg-other' and isCompliant eq false)", "bc"),
        ("policyDefinitionReferenceId eq null", "abc"),
        (f"resourceId eq '{a_vault('a').lower()}'", "a"),
        ("policyDefinitionId eq 'it''s not there'", ""),
    ],
)
async def test_a_filter_finds_what_it_says(text: str, found: str) -> None:
    states = [
        a_state(a_vault("a")),
        a_state(a_vault("b"), complianceState="Compliant"),
        a_state(a_vault("c", OTHER_GROUP)),
    ]
    async with a_simulator(an_estate(states=states)) as azure, insights(azure.url) as client:
        rows = client.policy_states.list_query_results_for_resource("latest", SUBSCRIPTION, filter=text or None)
        names = "".join([str(row.resource_id)[-1] async for row in rows])

    assert names == found


@pytest.mark.parametrize(
    "text", ["nonsense eq 'a'", "resourceId gt 'a'", "resourceId eq", "(isCompliant eq true", "resourceId eq a", "§"]
)
async def test_a_filter_that_cannot_be_understood_is_refused(text: str) -> None:
    async with a_simulator() as azure, insights(azure.url) as client:
        rows = client.policy_states.list_query_results_for_resource("latest", GROUP, filter=text)

        with pytest.raises(HttpResponseError, match=r"The filter .* is invalid") as refused:
            _ = [row async for row in rows]

    assert refused.value.status_code == 400


async def test_states_come_in_pages_of_the_size_of_the_dial() -> None:
    async with a_simulator(an_estate(vaults(25)), pageSize=10) as azure, insights(azure.url) as client:
        wanted = f"policyAssignmentId eq '{ASSIGNMENT}'"
        rows = client.policy_states.list_query_results_for_resource("latest", GROUP, filter=wanted)
        names = {row.resource_id async for row in rows}
        queries = [each["status"] for each in await azure.control("GET", "requests")]

    assert len(names) == 25
    assert queries == [200, 200, 200]


async def test_top_counts_over_all_pages() -> None:
    async with a_simulator(an_estate(vaults(25)), pageSize=10) as azure, insights(azure.url) as client:
        rows = client.policy_states.list_query_results_for_resource("latest", GROUP, top=12)

        assert len([row async for row in rows]) == 12


async def test_a_state_says_what_the_resource_and_its_place_are() -> None:
    resource: dict[str, object] = {"id": a_vault("kv1"), "location": "eastus", "tags": {"team": "blau"}}
    estate = an_estate([a_vault("kv1")], [resource])
    async with a_simulator(estate) as azure, insights(azure.url) as client:
        [row] = [row async for row in client.policy_states.list_query_results_for_resource("latest", a_vault("KV1"))]

    assert (row.resource_location, row.resource_tags, row.management_group_ids) == ("eastus", '{"team": "blau"}', "alz")
    assert (row.policy_definition_action, row.is_compliant) == ("deployifnotexists", False)
    assert row.resource_id == a_vault("kv1").replace("resourceG", "resourceg").replace(
        "Microsoft.KeyV", "microsoft.keyv"
    )


async def test_a_management_group_has_the_states_of_its_subscriptions() -> None:
    async with a_simulator(an_estate(vaults(3))) as azure, insights(azure.url) as client:
        rows = client.policy_states.list_query_results_for_management_group("latest", "ALZ")

        assert len([row async for row in rows]) == 3


async def test_an_assignment_is_read_by_its_id_in_any_case() -> None:
    async with a_simulator() as azure, policies(azure.url) as client:
        found = await client.policy_assignments.get_by_id(ASSIGNMENT.lower())

    assert (found.name, found.type) == ("Deploy-Diag", "Microsoft.Authorization/policyAssignments")
    assert found.identity is not None
    assert found.identity.principal_id == "11111111-0000-4000-8000-000000000001"


async def test_definitions_are_read_where_they_lie() -> None:
    built_in, of_group = (
        f"{AUTHORIZATION}/policyDefinitions/b",
        f"{MANAGEMENT_GROUP}{AUTHORIZATION}/policyDefinitions/m",
    )
    rule: Any = {"properties": {"policyRule": {"then": {"effect": "modify"}}}}
    definitions = [{"id": each, **rule} for each in (built_in, of_group, DEFINITION)]
    estate = an_estate(definitions=definitions, initiatives=[{"id": INITIATIVE, "properties": {}}])
    async with a_simulator(estate) as azure, policies(azure.url) as client:
        found = [
            await client.policy_definitions.get_built_in("B"),
            await client.policy_definitions.get_at_management_group("alz", "m"),
            await client.policy_definitions.get("diag"),
            await client.policy_set_definitions.get("diag-all"),
        ]

    assert [each.id for each in found] == [built_in, of_group, DEFINITION, INITIATIVE]


async def test_what_is_not_there_is_not_found_under_its_own_code() -> None:
    async with a_simulator() as azure, policies(azure.url) as client:
        with pytest.raises(ResourceNotFoundError, match="PolicyAssignmentNotFound"):
            await client.policy_assignments.get_by_id(f"{ASSIGNMENT}-gone")
        with pytest.raises(ResourceNotFoundError, match="PolicyDefinitionNotFound"):
            await client.policy_definitions.get_built_in("gone")
        with pytest.raises(ResourceNotFoundError, match="PolicySetDefinitionNotFound"):
            await client.policy_set_definitions.get_built_in("gone")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["above", "below"]),
        ("assignedTo('PRINCIPAL-1')", ["below"]),
        ("principalId eq 'principal-2'", ["above"]),
        ("atScope()", ["above"]),
    ],
)
async def test_role_assignments_are_listed_for_a_scope(text: str, found: list[str]) -> None:
    roles = [
        {"id": f"{scope}{AUTHORIZATION}/roleAssignments/{name}", "properties": {"principalId": principal}}
        for scope, name, principal in (
            (MANAGEMENT_GROUP, "above", "principal-2"),
            (GROUP, "below", "principal-1"),
            ("/subscriptions/of-others", "elsewhere", "principal-1"),
        )
    ]
    async with a_simulator(an_estate(roleAssignments=roles)) as azure:
        query = f"?$filter={quote(text)}" if text else ""
        answer = await azure.ask("GET", f"{SUBSCRIPTION}{AUTHORIZATION}/roleAssignments{query}")

    assert sorted(each["name"] for each in answer.body["value"]) == found


async def test_exemptions_and_role_definitions_are_read() -> None:
    exemption = {"id": f"{GROUP}{AUTHORIZATION}/policyExemptions/e", "properties": {"policyAssignmentId": ASSIGNMENT}}
    role = {"id": f"{AUTHORIZATION}/roleDefinitions/r", "properties": {"roleName": "Contributor"}}
    async with a_simulator(an_estate(exemptions=[exemption], roleDefinitions=[role])) as azure:
        listed = await azure.ask("GET", f"{SUBSCRIPTION}{AUTHORIZATION}/policyExemptions")
        read = await azure.ask("GET", f"{SUBSCRIPTION}{AUTHORIZATION}/roleDefinitions/R")

    assert [each["id"] for each in listed.body["value"]] == [exemption["id"]]
    assert read.body["properties"]["roleName"] == "Contributor"


async def test_a_call_without_api_version_or_to_nowhere_is_refused_as_by_resource_manager() -> None:
    async with a_simulator() as azure:
        async with azure.http.get(f"{azure.url}{ASSIGNMENT}") as answer:
            missing = await answer.json()
        nowhere = await azure.ask("GET", f"{SUBSCRIPTION}/providers/Microsoft.Compute/virtualMachines")

    assert (answer.status, missing["error"]["code"]) == (400, "MissingApiVersionParameter")
    assert nowhere.status == 404


async def test_an_assignment_can_be_queried_like_a_scope() -> None:
    other = an_assignment(f"{ASSIGNMENT}-2")
    states = [a_state(a_vault("a")), a_state(a_vault("b"), policyAssignmentId=other["id"])]
    async with a_simulator(an_estate(assignments=[an_assignment(), other], states=states)) as azure:
        path = f"{ASSIGNMENT}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults"
        answer = await azure.ask("POST", path)

    assert [row["resourceId"][-1] for row in answer.body["value"]] == ["a"]
