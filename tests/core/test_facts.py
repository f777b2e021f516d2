"""Facts and the documents they are read from."""

import json

import pytest

from responder.core.exemption import Exemption
from responder.core.facts import (
    BadDocument,
    Facts,
    Unread,
    assignment,
    definition,
    from_document,
    initiative,
)
from responder.core.observed_state import ObservedState
from responder.core.permission import Permission
from responder.core.resource_id import resource_id
from responder.core.rights import Rights
from responder.core.role import Role, RoleAssignment
from tests.core.builders import ASSIGNMENT, GROUP, vault
from tests.core.policies import DATA, a_document, an_assignment

_ASSIGNMENTS = sorted((DATA / "alz-library/policy_assignments").glob("*.json"))
_DEFINITIONS = sorted((DATA / "azure-policy/policyDefinitions").glob("*.json"))
_INITIATIVES = sorted((DATA / "azure-policy/policySetDefinitions").glob("*.json"))


@pytest.mark.parametrize("file", _ASSIGNMENTS, ids=lambda file: file.name.split(".")[0])
def test_every_real_assignment_can_be_read(file: object) -> None:
    read = assignment(a_document(f"alz-library/policy_assignments/{getattr(file, 'name', '')}"))

    assert read.definition_id == read.definition_id.lower()
    assert read.enforcement_mode in ("Default", "DoNotEnforce")
    assert read.scope == "/providers/microsoft.management/managementgroups/placeholder"


@pytest.mark.parametrize("file", _DEFINITIONS, ids=lambda file: file.stem)
def test_every_real_definition_can_be_read(file: object) -> None:
    read = definition(a_document(f"azure-policy/policyDefinitions/{getattr(file, 'name', '')}"))

    assert read.effect
    assert read.types is None or all(each == each.lower() for each in read.types)


@pytest.mark.parametrize("file", _INITIATIVES, ids=lambda file: file.stem)
def test_every_real_initiative_can_be_read(file: object) -> None:
    read = initiative(a_document(f"azure-policy/policySetDefinitions/{getattr(file, 'name', '')}"))

    assert all(read.reference(entry.reference_id.upper()) == entry for entry in read.references)


def test_the_documented_override_keeps_its_selector() -> None:
    read = assignment(a_document("azure-docs-assignments/overrides.json"))

    assert read.overrides[0].value == "disabled"
    assert read.overrides[0].selectors[0].values == ("corpvmsizepolicy",)
    assert read.identity == "none"


def test_the_documented_resource_selector_is_kept() -> None:
    read = assignment(a_document("azure-docs-assignments/resourceSelectors.json"))

    assert read.resource_selectors[0].name == "SDPRegions"
    assert read.resource_selectors[0].selectors[0].values == ("eastus", "westus")


@pytest.mark.parametrize(
    ("name", "types"),
    [
        ("Tags__AddOrReplaceTag_ResourceGroup_Modify", {"microsoft.resources/subscriptions/resourcegroups"}),
        ("Tags__AddTag_Subscription_Modify", {"microsoft.resources/subscriptions"}),
        ("Tags__AddOrReplaceTag_Modify", None),
        ("Backup__EnableRecoveryServiceVaultDiagnosticSetting_DINE", {"microsoft.recoveryservices/vaults"}),
        (
            "Kubernetes__Deploy-GitOps-to-Kubernetes-cluster-no-secrets_DINE",
            {"microsoft.kubernetes/connectedclusters", "microsoft.containerservice/managedclusters"},
        ),
    ],
)
def test_what_a_definition_can_match_is_read_from_its_condition(name: str, types: set[str] | None) -> None:
    read = definition(a_document(f"azure-policy/policyDefinitions/{name}.json"))

    assert read.types == types


@pytest.mark.parametrize(
    ("name", "delay"),
    [
        ("SQL__TdOnManagedInstances_DINE", "AfterProvisioning"),
        ("Security_Center__DeployAtpOnMySqlFlexibleServers_DINE", "AfterProvisioningSuccess"),
        ("SQL__TdOnSqlServers_DINE", None),
    ],
)
def test_the_evaluation_delay_is_read(name: str, delay: str | None) -> None:
    assert definition(a_document(f"azure-policy/policyDefinitions/{name}.json")).evaluation_delay == delay


def test_every_principal_of_an_identity_is_read() -> None:
    identity = {
        "type": "UserAssigned",
        "userAssignedIdentities": {"/subscriptions/s/…/a": {"principalId": "P1"}, "/subscriptions/s/…/b": {}},
    }
    document = {
        "id": an_assignment().id.text,
        "identity": identity,
        "properties": {"policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/x"},
    }

    read = assignment(document)

    assert (read.identity, read.principal_ids) == ("userassigned", ("p1",))


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"properties": []},
        {"id": "/subscriptions/s", "properties": {"policyDefinitionId": "/x"}},
        {"id": an_assignment().id.text, "properties": {}},
        {"id": an_assignment().id.text, "properties": {"policyDefinitionId": "/x", "notScopes": [1]}},
        {"id": an_assignment().id.text, "properties": {"policyDefinitionId": "/x", "overrides": {}}},
        {"id": an_assignment().id.text, "identity": {"type": "Odd"}, "properties": {"policyDefinitionId": "/x"}},
    ],
    ids=json.dumps,
)
def test_what_is_no_assignment_is_refused_with_a_sentence(document: dict[str, object]) -> None:
    with pytest.raises(BadDocument, match=r"\w+ \w+"):
        assignment(document)


def test_what_a_state_does_not_tell_is_unread() -> None:
    state = ObservedState(resource_id(vault("kv1")), "noncompliant", 1, "modify", None, None, ("alz",))

    facts = Facts.from_state(state, an_assignment(), Unread("no"), None)

    assert (facts.effect, facts.management_groups) == ("modify", ("alz",))
    assert isinstance(facts.location, Unread)
    assert isinstance(facts.tags, Unread)


def test_a_facts_file_may_give_any_of_the_facts() -> None:
    facts = from_document({"effect": "Modify", "location": "West Europe", "tags": {"Env": "Prod"}})

    assert (facts.effect, facts.location, facts.tags) == ("modify", "westeurope", {"env": "Prod"})
    assert isinstance(facts.management_groups, Unread)
    assert isinstance(facts.initiative, Unread)


def test_a_facts_file_that_names_no_exemptions_says_that_there_are_none() -> None:
    around = from_document({"effect": "Modify"}).around

    assert (around.exemptions, around.as_of) == ((), None)
    assert isinstance(around.rights, Unread)


def test_a_facts_file_gives_exemptions_and_roles_as_resource_manager_returns_them() -> None:
    provider = "/providers/Microsoft.Authorization"
    held = {"scope": "/", "roleDefinitionId": f"{provider}/roleDefinitions/R1", "condition": "@Resource[…]"}
    listed = {"id": f"{GROUP}{provider}/roleAssignments/a", "properties": {"roleDefinitionId": "x/R2"}}
    granted = {"name": "R1", "properties": {"roleName": "one", "permissions": [{"actions": ["*/Read"]}]}}
    waiver = {"id": f"{GROUP}{provider}/policyExemptions/w", "properties": {"policyAssignmentId": ASSIGNMENT}}

    around = from_document(
        {"exemptions": [waiver], "roleAssignments": [{"properties": held}, listed], "roleDefinitions": [granted]}
    ).around

    assert around.exemptions == (Exemption(resource_id(waiver["id"]), GROUP, ASSIGNMENT),)
    assert around.rights == Rights(
        (RoleAssignment("/", "r1", conditional=True), RoleAssignment(GROUP, "r2")),
        {"r1": Role("r1", "one", (Permission(("*/read",)),))},
    )


def test_an_assignment_of_a_single_policy_says_that_there_is_no_initiative() -> None:
    whole = a_document("alz-library/policy_assignments/Enable-DDoS-VNET.alz_policy_assignment.json")

    assert from_document({"assignment": whole}).initiative is None


def test_an_assignment_of_an_initiative_leaves_the_initiative_unread() -> None:
    whole = a_document("alz-library/policy_assignments/Enforce-GR-Storage0.alz_policy_assignment.json")

    assert isinstance(from_document({"assignment": whole}).initiative, Unread)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ([], "not a list"),
        ({"colour": 1, "shade": "x"}, "unknown facts: colour, shade"),
        ({"effect": 1}, "effect is 1"),
        ({"tags": {"a": 1}}, "tags are an object of texts"),
        ({"managementGroups": "alz"}, "managementGroups is a list"),
        ({"assignment": "x"}, "assignment is a str"),
        ({"exemptions": {}}, "exemptions is a dict"),
        ({"exemptions": [{}]}, "exemption's id"),
        ({"roleAssignments": [{"name": "a", "properties": {"scope": "/"}}]}, "roleDefinitionId"),
        ({"roleAssignments": [{"id": "x", "properties": {"roleDefinitionId": "r"}}]}, "neither a scope nor the id"),
        ({"roleAssignments": [], "roleDefinitions": ["x"]}, "roleDefinitions holds a str"),
    ],
    ids=str,
)
def test_a_wrong_facts_file_is_refused_with_what_is_wrong(document: object, told: str) -> None:
    with pytest.raises(BadDocument, match=told):
        from_document(document)
