"""The custom role allows what the app asks Azure, and nothing else: derived from what a whole life of it asked."""

import re
from pathlib import Path
from typing import Any

import pytest

from responder.core.doctor_rights import NEEDED, ROLE
from tests.infra.bicep import Expression, Value
from tests.infra.life import lived
from tests.infra.meaning import deploy_facts, made

_POLICY = "Microsoft.PolicyInsights"
_AUTHORIZATION = "Microsoft.Authorization"
_QUERY = {f"{_POLICY}/policyStates/queryResults/read", f"{_POLICY}/policyStates/queryResults/action"}
# Which right Azure checks for a request: the operations of both providers (role-based-access-control/permissions).
# Sources disagree which of the two the query of states needs. Where a next link is followed, a POST goes on as a GET.
_RIGHTS: tuple[tuple[str, str, set[str]], ...] = (
    ("PUT", "microsoft.policyinsights/remediations/[^/]+", {f"{_POLICY}/remediations/write"}),
    ("GET", "microsoft.policyinsights/remediations(/[^/]+)?", {f"{_POLICY}/remediations/read"}),
    (
        "POST|GET",
        "microsoft.policyinsights/remediations/[^/]+/listdeployments",
        {f"{_POLICY}/remediations/listDeployments/read"},
    ),
    ("POST", "microsoft.policyinsights/remediations/[^/]+/cancel", {f"{_POLICY}/remediations/cancel/action"}),
    ("POST|GET", "microsoft.policyinsights/policystates/latest/queryresults", _QUERY),
    *(
        ("GET", f"microsoft.authorization/{kind.lower()}(/[^/]+)?", {f"{_AUTHORIZATION}/{kind}/read"})
        for kind in (
            "policyAssignments",
            "policyDefinitions",
            "policySetDefinitions",
            "policyExemptions",
            "roleAssignments",
            "roleDefinitions",
        )
    ),
)


def rights_for(request: dict[str, Any]) -> set[str]:
    """The rights that one request needs; one that the table does not know fails the test."""
    method, path = request["method"], request["path"].lower()
    for methods, shape, rights in _RIGHTS:
        if re.fullmatch(methods, method) and re.fullmatch(f".*/providers/{shape}/?", path):
            return rights
    raise AssertionError(f"nobody wrote down which right {method} {path} needs")


@pytest.mark.timeout(120)
async def test_the_role_has_exactly_the_rights_that_the_app_uses(storage: str, tmp_path: Path) -> None:
    life = await lived(storage, tmp_path)

    used = {right for request in life.requests for right in rights_for(request)}
    assert used == set(_granted())
    assert life.tables <= {table["name"] for table in _facts("storage")["tables"]}
    assert life.queues <= {queue["name"] for queue in _facts("storage")["queues"]}


def test_the_doctor_looks_for_the_rights_of_the_role_by_its_name() -> None:
    names = [each.template.parameters["roleName"].default for each in made(f"{_AUTHORIZATION}/roleDefinitions")]

    assert sorted(NEEDED) == sorted(_granted())
    assert _facts("customRole")["name"] == ROLE
    assert [name for name in names if not isinstance(name, Expression) or not name.text.startswith(f"'{ROLE} (")] == []


def test_both_templates_define_the_same_role() -> None:
    roles = made(f"{_AUTHORIZATION}/roleDefinitions")

    permissions = [role.properties["permissions"] for role in roles]
    only = {"actions": _granted(), "notActions": [], "dataActions": [], "notDataActions": []}
    assert sorted(role.template.place for role in roles) == ["scope/main.bicep", "scope/subscription.bicep"]
    assert permissions == [[only], [only]]


def test_the_role_can_be_assigned_no_higher_than_where_it_is_defined() -> None:
    roles = made(f"{_AUTHORIZATION}/roleDefinitions")

    scopes = {role.template.place: _texts(role.properties["assignableScopes"]) for role in roles}
    assert scopes == {
        "scope/main.bicep": ["managementGroup().id"],
        "scope/subscription.bicep": ["subscription().id"],
    }


def _texts(told: Value) -> list[str]:
    assert isinstance(told, list)
    return [each.text if isinstance(each, Expression) else str(each) for each in told]


def _granted() -> list[str]:
    return [action["name"] for action in _facts("customRole")["actions"]]


def _facts(part: str) -> Any:
    return deploy_facts()[part]
