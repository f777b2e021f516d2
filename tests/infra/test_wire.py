"""Misspelt properties and words are found in models of both generations of Microsoft's libraries."""

from azure.mgmt.policyinsights.models import Remediation
from azure.mgmt.resource.policy.models import PolicyAssignment

from tests.infra.bicep import Expression, Value
from tests.infra.wire import fields, unknown

A_TASK: dict[str, Value] = {
    "properties": {"policyAssignmentId": "a", "filters": {"locations": ["westeurope"]}, "failureThreshold": {}}
}
AN_ASSIGNMENT: dict[str, Value] = {
    "identity": {"type": "SystemAssigned"},
    "properties": {"enforcementMode": "DoNotEnforce", "overrides": [{"kind": "policyEffect", "value": "audit"}]},
}


def problems(model: object, told: dict[str, Value]) -> list[str]:
    return list(unknown(fields(model), told, "here"))


def test_what_the_models_know_is_no_problem() -> None:
    assert problems(Remediation, A_TASK) == []
    assert problems(PolicyAssignment, AN_ASSIGNMENT) == []


def test_a_misspelt_property_is_named_wherever_it_stands() -> None:
    task: dict[str, Value] = {"properties": {"filters": {"location": ["westeurope"]}}}
    assignment: dict[str, Value] = {"properties": {"overrides": [{"sort": "policyEffect"}]}}

    assert problems(Remediation, task) == ["here.properties.filters: no model has location"]
    assert problems(PolicyAssignment, assignment) == ["here.properties.overrides: no model has sort"]


def test_a_word_that_is_not_in_the_list_is_named() -> None:
    assignment: dict[str, Value] = {"properties": {"enforcementMode": "Off"}}

    assert problems(PolicyAssignment, assignment) == ["here.properties.enforcementMode: no model has the word 'Off'"]


def test_each_part_of_a_choice_is_looked_at() -> None:
    choice = Expression("wide ? {} : {location: []}", ({}, {"location": []}))

    assert problems(Remediation, {"properties": {"filters": choice}}) == [
        "here.properties.filters: no model has location"
    ]
