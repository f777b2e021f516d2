"""The version of a definition that is assigned, and the one that was read."""

import pytest

from responder.core.decision import judge
from responder.core.facts import Facts, InitiativeReference, assignment, definition, initiative
from responder.core.preflight import examine
from responder.core.resource_id import resource_id
from responder.core.rule_settings import Settings
from responder.core.version import another_version, pinned_version
from tests.core.builders import DEFINITION, GROUP, a_change
from tests.core.policies import SET, a_definition, a_document, all_facts, an_assignment, an_initiative, rules_of


def pinned(version: str, read: str) -> Facts:
    return all_facts(assignment=an_assignment(definition_version=version), definition=a_definition(version=read))


@pytest.mark.parametrize(
    ("version", "read", "same"),
    [
        ("", "3.0.0", True),
        ("2.*.*", "", True),
        ("2.*.*", "2.1.0", True),
        ("2.*.*", "3.0.0", False),
        ("2.*.*", "20.0.0", False),
        ("1.1.*", "1.2.0", False),
        ("1.1.*", "1.1.9", True),
        ("1.0.0", "1.0.0", True),
        ("3.*.*-preview", "3.0.0-preview", True),
        ("1.0.0-preview", "1.0.0-PREVIEW", True),
        ("*", "9.9.9", True),
    ],
)
def test_a_pinned_version_is_compared_up_to_its_first_star(version: str, read: str, same: bool) -> None:
    assert bool(another_version(pinned(version, read), "")) is not same


def test_an_initiative_pins_each_of_its_policies() -> None:
    group = an_initiative(InitiativeReference("DiagKv", DEFINITION, definition_version="1.*.*"))
    facts = all_facts(
        assignment=an_assignment(definition_id=SET, definition_version="7.*.*"),
        definition=a_definition(version="2.0.0"),
        initiative=group,
    )

    assert pinned_version(facts, "diagkv") == "1.*.*"
    assert "1.*.*" in another_version(facts, "diagkv")
    assert another_version(facts, "unknown") == ""


def test_another_version_is_told_and_holds_nothing_back() -> None:
    found = examine(a_change(), pinned("1.*.*", "2.0.0"), Settings(), rules_of())[0]

    assert (found.check, found.holds) == ("assignment-not-found", True)
    assert "1.*.*" in found.because
    assert judge(a_change(), pinned("1.*.*", "2.0.0"), rules_of()).reason == "rule"


@pytest.mark.parametrize(("version", "reason"), [("1.*.*", "rule"), ("2.*.*", "too-wide")])
def test_the_text_of_another_version_opens_no_whole_group(version: str, reason: str) -> None:
    real = definition(a_document("azure-policy/policyDefinitions/Tags__AddOrReplaceTag_ResourceGroup_Modify.json"))
    facts = all_facts(definition=real, assignment=an_assignment(definition_version=version))

    assert judge(a_change(resource=resource_id(GROUP)), facts, rules_of()).reason == reason


def test_versions_are_read_from_real_documents() -> None:
    assigned = assignment(a_document("alz-library/policy_assignments/Deploy-GuestAttest.alz_policy_assignment.json"))
    group = initiative(a_document("azure-policy/policySetDefinitions/VirtualEnclaves__KeyVaultInitiative.json"))
    mine = definition(
        {
            "id": DEFINITION,
            "properties": {"metadata": {"version": "4.0.0"}, "policyRule": {"then": {"effect": "audit"}}},
        }
    )

    assert assigned.definition_version == "3.*.*-preview"
    assert [each.definition_version for each in group.references] == ["1.*.*", "3.*.*"]
    assert mine.version == "4.0.0"
