"""The preflight."""

from dataclasses import replace

import pytest

from responder.core.facts import Facts, InitiativeReference, Missing, Unread, definition
from responder.core.preflight import examine
from responder.core.resource_id import resource_id
from responder.core.rule_settings import Settings
from tests.core.builders import DEFINITION, GROUP, SUBSCRIPTION, a_change, vault
from tests.core.policies import SET, a_definition, a_document, all_facts, an_assignment, an_initiative, rules_of

_UNREAD = Unread("it has not been read yet")
_INITIATIVE = an_initiative(InitiativeReference("DiagKv", DEFINITION))
_OF_SET = an_assignment(definition_id=SET)


def checks(facts: Facts, settings: Settings | None = None, **change: object) -> dict[str, bool | None]:
    found = examine(a_change(**change), facts, settings or Settings(), rules_of())  # type: ignore[arg-type]
    assert all(check.because for check in found)
    return {check.check: check.holds for check in found}


def test_everything_holds_where_nothing_stands_in_the_way() -> None:
    assert checks(all_facts()) == dict.fromkeys(
        [
            "assignment-not-found",
            "effect-not-remediable",
            "assignment-has-no-identity",
            "reference-id-missing",
            "reference-id-unknown",
            "excluded-scope",
            "outside-resource-selectors",
            "exempt",
            "enforcement-off",
            "identity-lacks-role",
            "own-resource",
            "outside-boundary",
            "too-wide",
        ],
        True,
    )


def test_nothing_is_taken_for_granted_where_nothing_is_known() -> None:
    found = checks(Facts.unknown())

    assert {name for name, holds in found.items() if holds} == {"own-resource", "outside-boundary", "too-wide"}
    assert False not in found.values()


def test_an_assignment_that_is_gone_fails_one_check_and_leaves_the_rest_open() -> None:
    found = checks(all_facts(assignment=Missing("the assignment is gone")))

    assert [name for name, holds in found.items() if holds is False] == ["assignment-not-found"]
    assert found["assignment-has-no-identity"] is None


@pytest.mark.parametrize("effect", ["audit", "auditifnotexists", "deny", "append", "disabled", "mutate", "newest"])
def test_only_two_effects_can_be_remediated(effect: str) -> None:
    assert checks(all_facts(effect=effect))["effect-not-remediable"] is False


def test_an_assignment_without_identity_can_deploy_nothing() -> None:
    assert checks(all_facts(assignment=an_assignment(identity="none")))["assignment-has-no-identity"] is False


@pytest.mark.parametrize(
    ("facts", "reference", "missing", "unknown"),
    [
        (all_facts(assignment=_OF_SET, initiative=_INITIATIVE), "diagkv", True, True),
        (all_facts(assignment=_OF_SET, initiative=_INITIATIVE), "", False, True),
        (all_facts(assignment=_OF_SET, initiative=_INITIATIVE), "other", True, False),
        (all_facts(assignment=_OF_SET, initiative=_UNREAD), "diagkv", True, None),
        (all_facts(assignment=_OF_SET, initiative=Missing("404")), "diagkv", True, None),
        (all_facts(), "diagkv", True, False),
    ],
)
def test_an_initiatives_policy_is_named_and_known(
    facts: Facts, reference: str, missing: bool, unknown: bool | None
) -> None:
    found = checks(facts, reference=reference)

    assert (found["reference-id-missing"], found["reference-id-unknown"]) == (missing, unknown)


@pytest.mark.parametrize(
    ("excluded", "holds"),
    [
        (GROUP, False),
        (vault("kv1"), False),
        (f"{GROUP}b", True),
        ("/providers/microsoft.management/managementgroups/alz", False),
        ("/providers/microsoft.management/managementgroups/other", True),
        ("something new", None),
    ],
)
def test_what_the_assignment_excludes_is_left_alone(excluded: str, holds: bool | None) -> None:
    assert checks(all_facts(assignment=an_assignment(not_scopes=(excluded,))))["excluded-scope"] is holds


def test_an_excluded_management_group_is_not_known_until_the_groups_are() -> None:
    excluding = an_assignment(not_scopes=("/providers/microsoft.management/managementgroups/alz",))

    assert checks(all_facts(assignment=excluding, management_groups=_UNREAD))["excluded-scope"] is None


@pytest.mark.parametrize(
    ("mode", "modes", "holds"),
    [
        ("Default", ("Default",), True),
        ("DoNotEnforce", ("Default",), False),
        ("DoNotEnforce", ("Default", "doNotEnforce"), True),
        ("Enroll", ("Default",), False),
        ("Enroll", ("Enroll",), True),
    ],
)
def test_an_enforcement_mode_counts_as_off_unless_the_rule_lists_it(
    mode: str, modes: tuple[str, ...], holds: bool
) -> None:
    facts = all_facts(assignment=an_assignment(enforcement_mode=mode))

    assert checks(facts, Settings(enforcement_modes=modes))["enforcement-off"] is holds


@pytest.mark.parametrize("resource", [GROUP, SUBSCRIPTION])
def test_a_group_or_subscription_is_too_wide_unless_the_rule_allows_it(resource: str) -> None:
    subject = resource_id(resource)

    assert checks(all_facts(), resource=subject)["too-wide"] is False
    assert checks(all_facts(), Settings(allow_wide=True), resource=subject)["too-wide"] is True
    assert checks(all_facts(definition=_UNREAD), resource=subject)["too-wide"] is None


@pytest.mark.parametrize(
    ("name", "resource", "holds"),
    [
        ("Tags__AddOrReplaceTag_ResourceGroup_Modify", GROUP, True),
        ("Tags__AddTag_Subscription_Modify", SUBSCRIPTION, True),
        ("Tags__AddOrReplaceTag_ResourceGroup_Modify", SUBSCRIPTION, False),
        ("Tags__AddTag_Subscription_Modify", GROUP, False),
        ("Tags__AddOrReplaceTag_Modify", GROUP, False),
    ],
)
def test_a_policy_that_matches_only_the_groups_own_type_is_not_too_wide(name: str, resource: str, holds: bool) -> None:
    real = definition(a_document(f"azure-policy/policyDefinitions/{name}.json"))

    assert checks(all_facts(definition=real), resource=resource_id(resource))["too-wide"] is holds


def test_a_definition_that_matches_nothing_is_no_reason_to_go_wide() -> None:
    nothing = a_definition(types=frozenset())

    assert checks(all_facts(definition=nothing), resource=resource_id(GROUP))["too-wide"] is False


def test_the_boundary_and_the_apps_own_scopes_are_listed_too() -> None:
    rules = rules_of().adapted(None, (GROUP,))
    outside = a_change(resource=resource_id("/subscriptions/s2/resourceGroups/g/providers/a/b/c"))

    own = {check.check: check.holds for check in examine(a_change(), all_facts(), Settings(), rules)}
    far = {check.check: check.holds for check in examine(outside, all_facts(), Settings(), rules)}

    assert own["own-resource"] is False
    assert (far["own-resource"], far["outside-boundary"]) == (True, False)


def test_why_an_assignment_is_not_known_is_told_once() -> None:
    why = Unread("Azure was away")

    found = examine(a_change(), replace(Facts.unknown(), assignment=why), Settings(), rules_of())

    assert [check.check for check in found if why.why in check.because] == ["assignment-not-found"]
