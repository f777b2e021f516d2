"""Policy states as Azure shows them."""

import pytest

from responder.core import instant
from responder.core.observed_state import ObservedState, observed_state
from tests.core.builders import vault
from tests.core.policies import a_document


def seen(**changes: object) -> ObservedState | None:
    row: dict[str, object] = {
        "resourceId": vault("KV1"),
        "timestamp": "2026-11-20T12:00:00Z",
        "complianceState": "NonCompliant",
        "policyDefinitionAction": "deployIfNotExists",
        "resourceLocation": "WestEurope",
        "resourceTags": '{"Env": "Prod", "cost": 7}',
        "managementGroupIds": "ALZ-Corp, alz",
        "policyDefinitionReferenceId": "DiagKv",
        "policySetDefinitionId": None,
    }
    return observed_state(row | changes)


def test_everything_is_folded_but_what_a_task_must_repeat() -> None:
    state = seen()

    assert state is not None
    assert (state.compliance, state.effect, state.location) == ("noncompliant", "deployifnotexists", "westeurope")
    assert (state.management_groups, state.reference) == (("alz-corp", "alz"), "DiagKv")
    assert state.tags == {"env": "Prod", "cost": "7"}


@pytest.mark.parametrize("told", [None, "", " , ", 7])
def test_management_groups_that_azure_has_not_filled_in_are_not_told(told: object) -> None:
    state = seen(managementGroupIds=told)

    assert state is not None
    assert state.management_groups is None


@pytest.mark.parametrize("told", ["tbd", None, "", "[]", "7", {}])
def test_tags_that_azure_has_not_filled_in_are_not_told(told: object) -> None:
    state = seen(resourceTags=told)

    assert state is not None
    assert state.tags is None


def test_no_tags_at_all_are_told() -> None:
    state = seen(resourceTags="{}")

    assert state is not None
    assert state.tags == {}


@pytest.mark.parametrize(
    ("changes", "compliance"),
    [
        ({"complianceState": "Exempt"}, "exempt"),
        ({"complianceState": None, "isCompliant": True}, "compliant"),
        ({"complianceState": None, "isCompliant": False}, "noncompliant"),
        ({"complianceState": None}, "noncompliant"),
    ],
)
def test_compliance_is_read_from_either_field(changes: dict[str, object], compliance: str) -> None:
    state = seen(**changes)

    assert state is not None
    assert state.compliance == compliance


@pytest.mark.parametrize(
    "changes", [{"resourceId": "x"}, {"resourceId": None}, {"timestamp": "x"}, {"timestamp": None}]
)
def test_a_row_without_resource_or_time_tells_nothing(changes: dict[str, object]) -> None:
    assert seen(**changes) is None


def test_the_rows_of_the_official_example_are_read() -> None:
    document = a_document("policyinsights/2024-10-01/PolicyStates_QueryResourceScope.json")
    rows = document["responses"]["200"]["body"]["value"]  # type: ignore[index]

    states = [observed_state(row) for row in rows]

    assert len(states) == 2
    for state in states:
        assert state is not None
        assert (state.effect, state.location, state.tags) == ("audit", "eastus", None)
        assert state.management_groups == ("mymg", "fff988bf-fff1-ffff-fffb-fffcd011db47")
        assert instant.iso(state.scan) == "2019-10-09T16:04:31.0000000Z"
