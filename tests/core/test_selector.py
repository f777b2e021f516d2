"""Resource selectors."""

import pytest

from responder.core.assignment import assignment
from responder.core.documents import BadDocument
from responder.core.facts import Facts, ResourceSelector, Selector, Unread
from responder.core.preflight import examine
from responder.core.resource_id import resource_id
from responder.core.rule_settings import Settings
from tests.core.builders import ASSIGNMENT, DEFINITION, GROUP, SUBSCRIPTION, a_change, vault
from tests.core.policies import all_facts, an_assignment, rules_of

_UNREAD = Unread("Azure did not tell it")
_HERE = Selector("resourcelocation", ("westeurope",), True)
_ELSEWHERE = Selector("resourcelocation", ("eastus", "westus"), True)
_NOT_HERE = Selector("resourcelocation", ("westeurope",), False)
_VAULTS = Selector("resourcetype", ("microsoft.keyvault/vaults",), True)
_NO_VAULTS = Selector("resourcetype", ("microsoft.keyvault/vaults",), False)
_BARE = Selector("resourcewithoutlocation", ("subscriptionlevelresources",), True)
_NEW = Selector("userprincipalid", ("someone",), True)


def selected(*selectors: tuple[Selector, ...], resource: str = vault("kv1"), **facts: object) -> bool | None:
    choices = tuple(ResourceSelector("", each) for each in selectors)
    known = all_facts(assignment=an_assignment(resource_selectors=choices), **facts)
    return told(known, resource)


def told(facts: Facts, resource: str = vault("kv1")) -> bool | None:
    found = examine(a_change(resource=resource_id(resource)), facts, Settings(), rules_of())
    return next(check.holds for check in found if check.check == "outside-resource-selectors")


@pytest.mark.parametrize(
    ("selectors", "holds"),
    [
        ([], True),
        ([(_HERE,)], True),
        ([(_ELSEWHERE,)], False),
        ([(_NOT_HERE,)], False),
        ([(_VAULTS,)], True),
        ([(_NO_VAULTS,)], False),
        ([(_HERE, _VAULTS)], True),
        ([(_HERE, _NO_VAULTS)], False),
        ([(_ELSEWHERE,), (_VAULTS,)], True),
        ([(_ELSEWHERE,), (_NO_VAULTS,)], False),
        ([(_BARE,)], False),
        ([(_BARE,), (_HERE,)], True),
    ],
)
def test_inside_a_selector_all_must_hold_and_of_selectors_one(
    selectors: list[tuple[Selector, ...]], holds: bool
) -> None:
    assert selected(*selectors) is holds


@pytest.mark.parametrize(
    ("selectors", "holds"),
    [
        ([(_NEW,)], None),
        ([(_NEW, _ELSEWHERE)], False),
        ([(_NEW,), (_HERE,)], True),
        ([(_NEW,), (_ELSEWHERE,)], None),
        ([(Selector("resourcewithoutlocation", ("everything",), True),)], None),
    ],
)
def test_a_kind_that_is_not_known_here_selects_nothing_for_sure(
    selectors: list[tuple[Selector, ...]], holds: bool | None
) -> None:
    assert selected(*selectors) is holds


@pytest.mark.parametrize(
    ("selector", "resource", "holds"),
    [
        (_HERE, vault("kv1"), None),
        (_HERE, SUBSCRIPTION, False),
        (_NOT_HERE, SUBSCRIPTION, None),
        (_BARE, SUBSCRIPTION, True),
        (_BARE, f"{SUBSCRIPTION}/providers/microsoft.security/pricings/virtualmachines", None),
        (_BARE, GROUP, False),
        (_BARE, vault("kv1"), False),
    ],
)
def test_a_location_that_is_not_known_is_none_and_a_subscription_has_none(
    selector: Selector, resource: str, holds: bool | None
) -> None:
    assert selected((selector,), resource=resource, location=_UNREAD) is holds


def test_what_lies_in_no_group_and_has_no_location_is_at_subscription_level() -> None:
    pricing = f"{SUBSCRIPTION}/providers/microsoft.security/pricings/virtualmachines"

    assert selected((_BARE,), resource=pricing, location="") is True
    assert selected((_BARE,), resource=pricing, location="westeurope") is False


def an_assignment_with(selector: dict[str, object]) -> dict[str, object]:
    chosen = [{"name": "one", "selectors": [selector]}]
    return {"id": ASSIGNMENT, "properties": {"policyDefinitionId": DEFINITION, "resourceSelectors": chosen}}


def test_selectors_are_read_in_any_case_and_places_by_their_short_name() -> None:
    read = assignment(an_assignment_with({"Kind": "ResourceLocation", "NotIn": ["West Europe"]}))

    assert read.resource_selectors == (ResourceSelector("one", (_NOT_HERE,)),)


@pytest.mark.parametrize("selector", [{"kind": "resourceType"}, {"kind": "resourceType", "in": [], "notIn": []}])
def test_a_selector_with_neither_or_both_lists_cannot_be_understood(selector: dict[str, object]) -> None:
    with pytest.raises(BadDocument, match="notIn"):
        assignment(an_assignment_with(selector))
