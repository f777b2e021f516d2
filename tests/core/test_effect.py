"""The effective effect."""

import pytest

from responder.core.effect import REMEDIABLE, effective_effect
from responder.core.facts import InitiativeReference, Missing, Override, Selector, Unread, assignment, definition
from tests.core.builders import DEFINITION
from tests.core.policies import SET, a_definition, a_document, all_facts, an_assignment, an_initiative, an_override

_ASK = Unread("not asked")


def computed(reference: str = "", location: str | Unread = "westeurope", **facts: object) -> str | Unread:
    return effective_effect(all_facts(effect=_ASK, **facts), reference, location)


def test_what_azure_reports_wins() -> None:
    facts = all_facts(effect="modify", definition=a_definition(effect="audit"))

    assert effective_effect(facts, "", "westeurope") == "modify"


@pytest.mark.parametrize("written", ["deployIfNotExists", "DeployIfNotExists"])
def test_a_literal_is_folded(written: str) -> None:
    assert computed(definition=a_definition(effect=written)) == "deployifnotexists"


def test_a_parameter_without_a_value_takes_the_default() -> None:
    assert computed() == "deployifnotexists"


def test_the_assignments_value_goes_before_the_default() -> None:
    assert computed(assignment=an_assignment(parameters={"effect": "AuditIfNotExists"})) == "auditifnotexists"


def test_a_real_assignment_gives_a_real_definition_its_effect() -> None:
    assigned = assignment(a_document("alz-library/policy_assignments/Enable-DDoS-VNET.alz_policy_assignment.json"))

    assert computed(assignment=assigned) == "modify"


@pytest.mark.parametrize("name", ["Network__NetworkWatcher_DINE", "Tags__AddOrReplaceTag_Modify"])
def test_real_literals_are_remediable(name: str) -> None:
    read = definition(a_document(f"azure-policy/policyDefinitions/{name}.json"))

    assert computed(definition=read) in REMEDIABLE


@pytest.mark.parametrize(
    ("given", "outer", "values", "effect"),
    [
        ("Modify", {}, {}, "modify"),
        ("[parameters('diagEffect')]", {"diageffect": "Disabled"}, {}, "disabled"),
        ("[Parameters( 'diagEffect' )]", {"diageffect": "Disabled"}, {"diageffect": "Modify"}, "modify"),
        (None, {}, {"effect": "Modify"}, "deployifnotexists"),
    ],
    ids=["literal", "default of the initiative", "value of the assignment", "default of the definition"],
)
def test_an_initiative_hands_its_policies_their_parameters(
    given: str | None, outer: dict[str, object], values: dict[str, object], effect: str
) -> None:
    parameters = {} if given is None else {"effect": given}
    group = an_initiative(InitiativeReference("DiagKv", DEFINITION, parameters), parameters=outer)

    found = computed("diagkv", assignment=an_assignment(definition_id=SET, parameters=values), initiative=group)

    assert found == effect


def test_the_first_override_that_applies_wins() -> None:
    others = Selector("policydefinitionreferenceid", ("other",), True)
    overrides = (an_override("audit", others), an_override("disabled"), an_override("modify"))

    assert computed("mine", assignment=an_assignment(overrides=overrides)) == "disabled"


def test_an_override_for_other_places_does_not_apply() -> None:
    elsewhere = an_override("disabled", Selector("resourcelocation", ("westeurope",), False))

    assert computed(assignment=an_assignment(overrides=(elsewhere,))) == "deployifnotexists"


def test_an_override_by_place_is_not_known_where_the_place_is_not() -> None:
    here = an_override("disabled", Selector("resourcelocation", ("westeurope",), True))

    assert isinstance(computed(location=_ASK, assignment=an_assignment(overrides=(here,))), Unread)


_HERE = Selector("resourcelocation", ("westeurope",), True)
_MINE = Selector("policydefinitionreferenceid", ("mine",), True)
_NOT_MINE = Selector("policydefinitionreferenceid", ("mine",), False)
_WHO = Selector("userprincipalid", ("somebody",), True)


@pytest.mark.parametrize(
    ("overrides", "effect"),
    [
        ([an_override("audit", _HERE, _MINE)], "audit"),
        ([an_override("audit", _HERE, _NOT_MINE), an_override("modify")], "modify"),
        ([an_override("audit", _NOT_MINE), an_override("modify", _HERE), an_override("disabled")], "modify"),
        ([an_override("modify", _MINE), an_override("audit", _WHO)], "modify"),
        ([an_override("audit", _NOT_MINE, _WHO), an_override("modify")], "modify"),
        ([an_override("audit", _WHO), an_override("modify")], None),
    ],
    ids=["both hold", "one does not", "in order", "the first decides", "a no is enough", "a kind not known here"],
)
def test_overrides_are_tried_in_order_by_reference_and_by_place(overrides: list[Override], effect: str | None) -> None:
    found = computed("Mine", assignment=an_assignment(overrides=tuple(overrides)))

    assert found == effect if effect else isinstance(found, Unread)


def test_the_documented_override_changes_one_policy_of_its_initiative() -> None:
    assigned = assignment(a_document("azure-docs-assignments/overrides.json"))
    group = an_initiative(InitiativeReference("other", DEFINITION))

    assert computed("CorpVMSizePolicy", assignment=assigned, initiative=group) == "disabled"
    assert computed("other", assignment=assigned, initiative=group) == "deployifnotexists"


def test_an_override_of_something_else_than_the_effect_is_passed_over() -> None:
    assigned = an_assignment(overrides=(Override("definitionversion", "1.0.0", ()),))

    assert computed(assignment=assigned) == "deployifnotexists"


@pytest.mark.parametrize(
    "facts",
    [
        {"assignment": _ASK},
        {"assignment": Missing("it is gone")},
        {"definition": _ASK},
        {"initiative": _ASK},
        {"initiative": an_initiative()},
        {"definition": a_definition(parameters={})},
        {"definition": a_definition(effect="[if(true,'modify','audit')]")},
    ],
    ids=["assignment", "no assignment", "definition", "initiative", "no reference", "no default", "expression"],
)
def test_what_cannot_be_worked_out_is_unread_and_says_why(facts: dict[str, object]) -> None:
    found = effective_effect(all_facts(**{"effect": _ASK, **facts}), "mine", "westeurope")

    assert isinstance(found, Unread)
    assert found.why
