"""The rights of an assignment's identity: where they are needed, whether they are held, what would mend it."""

from dataclasses import replace

import pytest

from responder.core.decision import Answer, Decision, judge
from responder.core.facts import Facts, Missing, Unread, definition
from responder.core.landing import landing_scope
from responder.core.permission import Permission
from responder.core.preflight import missing_roles
from responder.core.resource_id import resource_id
from responder.core.rights import MissingRole, Rights
from responder.core.role import Role, RoleAssignment
from responder.core.subject import Subject
from tests.core.builders import GROUP, SUBSCRIPTION, a_change, vault
from tests.core.policies import (
    ALZ,
    a_definition,
    a_document,
    all_facts,
    an_assignment,
    rules_of,
    surroundings,
)

_WRITER = "/providers/microsoft.authorization/roledefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c"
_GUID = _WRITER.rpartition("/")[2]
_CUSTOM = "11111111-2222-3333-4444-555555555555"
_ALL = Role(_CUSTOM, "all", (Permission(("*",)),))
_READS = Role(_CUSTOM, "reads", (Permission(("*/read",)),))
_WRITES = Role(_GUID, "writer", (Permission(("microsoft.insights/*",)),))
_WARN = rules_of()
_REQUIRE = rules_of("- {name: all, action: remediate, requireRoles: true}")


def facts_with(*held: RoleAssignment, roles: tuple[Role, ...] = (), scope: str = SUBSCRIPTION) -> Facts:
    return all_facts(
        assignment=an_assignment(principal_ids=("p-1",), scope=scope.lower()),
        definition=a_definition(role_ids=(_WRITER,)),
        around=surroundings(rights=Rights(held, {each.guid: each for each in roles})),
    )


def required(facts: Facts, resource: str = vault("kv1")) -> Decision:
    return judge(a_change(resource=resource_id(resource)), facts, _REQUIRE)


def told(decision: Decision) -> tuple[bool | None, str]:
    return next((check.holds, check.because) for check in decision.checks if check.check == "identity-lacks-role")


@pytest.mark.parametrize("scope", ["/", ALZ.lower(), SUBSCRIPTION, GROUP])
def test_the_same_role_at_the_place_or_above_is_enough(scope: str) -> None:
    facts = facts_with(RoleAssignment(scope, _GUID))

    assert required(facts).answer is Answer.REMEDIATE
    assert missing_roles(Subject(a_change(), facts)) == ()


@pytest.mark.parametrize("scope", [vault("kv1"), f"{GROUP}b", "/subscriptions/other"])
def test_a_role_below_or_beside_the_place_is_none(scope: str) -> None:
    assert required(facts_with(RoleAssignment(scope, _GUID))).reason == "identity-lacks-role"


def test_a_missing_role_warns_and_blocks_only_where_the_rule_says_so() -> None:
    warned = judge(a_change(), facts_with(), _WARN)

    assert (warned.answer, told(warned)[0]) == (Answer.REMEDIATE, True)
    assert told(warned)[1].startswith("warning: ")
    assert (required(facts_with()).answer, required(facts_with()).reason) == (Answer.BLOCKED, "identity-lacks-role")


def test_a_missing_role_comes_with_the_role_assignment_that_mends_it() -> None:
    because = required(facts_with()).because

    assert (
        "az role assignment create --assignee-object-id p-1 --assignee-principal-type ServicePrincipal "
        f"--role {_GUID} --scope {SUBSCRIPTION}"
    ) in because


@pytest.mark.parametrize("scope", [SUBSCRIPTION, ALZ])
def test_what_mends_it_is_one_role_assignment_for_all_resources(scope: str) -> None:
    facts = facts_with(scope=scope)

    found = {each for name in ("kv1", "kv2") for each in missing_roles(Subject(a_change(name), facts))}

    assert found == {MissingRole(scope.lower(), "p-1", _WRITER)}


def test_outside_the_assignments_scope_it_is_granted_where_the_deployment_lands() -> None:
    facts = facts_with(scope=GROUP)
    elsewhere = replace(facts, definition=a_definition(role_ids=(_WRITER,), landing_group="NetworkWatcherRG"))

    found = missing_roles(Subject(a_change(), elsewhere))

    assert found == (MissingRole(f"{SUBSCRIPTION}/resourcegroups/networkwatcherrg", "p-1", _WRITER),)


@pytest.mark.parametrize(
    ("roles", "holds"),
    [((_WRITES, _ALL), True), ((_WRITES, _READS), False), ((_WRITES,), None), ((_ALL,), None)],
    ids=["allows all", "allows less", "the held one is not known", "the needed one is not known"],
)
def test_another_role_counts_where_it_allows_the_same(roles: tuple[Role, ...], holds: bool | None) -> None:
    assert told(required(facts_with(RoleAssignment(GROUP, _CUSTOM), roles=roles)))[0] is holds


def test_a_role_with_a_condition_is_not_known_to_be_held() -> None:
    assert told(required(facts_with(RoleAssignment(GROUP, _GUID, conditional=True))))[0] is None


def test_a_condition_does_not_matter_where_another_role_allows_the_same() -> None:
    held = (RoleAssignment(GROUP, _GUID, conditional=True), RoleAssignment(GROUP, _CUSTOM))

    assert told(required(facts_with(*held, roles=(_WRITES, _ALL))))[0] is True
    assert told(required(facts_with(*held, roles=(_WRITES, _READS))))[0] is None


def test_of_several_roles_each_must_be_held() -> None:
    other = f"{_WRITER[:-1]}d"
    facts = facts_with(RoleAssignment(GROUP, _GUID), roles=(_WRITES, Role(other[-36:], "other", (Permission(("x",)),))))
    both = replace(facts, definition=a_definition(role_ids=(_WRITER, other)))

    assert [each.role for each in missing_roles(Subject(a_change(), both))] == [other]


@pytest.mark.parametrize(
    "facts",
    [
        replace(facts_with(), around=surroundings(rights=Unread("HTTP 403"))),
        replace(facts_with(), definition=a_definition(role_ids=(_WRITER,), landing_group="[concat('a')]")),
        replace(facts_with(), assignment=an_assignment()),
    ],
    ids=["unread", "lands nobody knows where", "no principal"],
)
def test_rights_that_are_not_known_warn_or_hold_where_they_are_required(facts: Facts) -> None:
    warned = judge(a_change(), facts, _WARN)

    assert (warned.answer, told(warned)[1][:9]) == (Answer.REMEDIATE, "warning: ")
    assert (required(facts).answer, required(facts).reason) == (Answer.UNKNOWN, "facts-unreadable")
    assert missing_roles(Subject(a_change(), facts)) == ()


def test_without_an_assignment_nothing_is_missing() -> None:
    assert missing_roles(Subject(a_change(), all_facts(assignment=Missing("it is gone")))) == ()


@pytest.mark.parametrize(
    ("details", "effect", "where"),
    [
        ({}, "deployifnotexists", GROUP),
        ({}, "modify", vault("kv1")),
        ({"deployment_scope": "Subscription"}, "deployifnotexists", SUBSCRIPTION),
        ({"deployment_scope": "resourceGroup"}, "deployifnotexists", GROUP),
        ({"deployment_scope": "[parameters('where')]"}, "deployifnotexists", SUBSCRIPTION),
        ({"deployment_scope": "[if(true(), 'a', 'b')]"}, "deployifnotexists", None),
        ({"deployment_scope": "managementGroup"}, "deployifnotexists", None),
        ({"landing_group": "NetworkWatcherRG"}, "deployifnotexists", f"{SUBSCRIPTION}/resourcegroups/networkwatcherrg"),
        ({"landing_group": "[parameters('group')]"}, "deployifnotexists", f"{SUBSCRIPTION}/resourcegroups/rg-log"),
        ({"landing_group": "[concat('rg-', field('location'))]"}, "deployifnotexists", None),
        ({"landing_group": "[parameters('nothing')]"}, "deployifnotexists", None),
    ],
)
def test_a_remediation_lands_where_the_definition_says(
    details: dict[str, object], effect: str, where: str | None
) -> None:
    defined = a_definition(parameters={"where": "subscription", "group": "rg-log"}, **details)

    landing = landing_scope(resource_id(vault("kv1")), effect, all_facts(definition=defined), "")

    assert landing == resource_id(where) if where else isinstance(landing, Unread)


def test_for_a_subscription_it_lands_there() -> None:
    assert landing_scope(resource_id(SUBSCRIPTION), "deployifnotexists", all_facts(), "") == resource_id(SUBSCRIPTION)


@pytest.mark.parametrize(
    ("file", "roles", "where"),
    [
        ("Network__NetworkWatcher_DINE", ["4d97b98b-1d4f-4787-a291-c67834d212e7"], "networkwatcherrg"),
        ("SQL__SqlServerAdvancedDataSecurity_DINE", ["056cd41c-7e88-42e1-933e-88ba6a50c9c3"], "rg-a"),
        ("Tags__AddTag_Subscription_Modify", ["4a9ae827-6dc8-4573-8ac7-8239d42aa03f"], "kv1"),
        ("Tags__RequireTag_Deny", [], "rg-a"),
    ],
)
def test_real_definitions_name_their_roles_and_their_place(file: str, roles: list[str], where: str) -> None:
    read = definition(a_document(f"azure-policy/policyDefinitions/{file}.json"))
    effect = "modify" if "Modify" in file else "deployifnotexists"

    landing = landing_scope(resource_id(vault("kv1")), effect, all_facts(definition=read), "")

    assert [each[-36:] for each in read.role_ids][: len(roles) or 1] == roles
    assert isinstance(landing, Unread) is False
    assert str(landing).rpartition("/")[2] == where
