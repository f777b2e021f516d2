"""Exemptions."""

import pytest

from responder.core.decision import Answer, judge
from responder.core.documents import BadDocument
from responder.core.exemption import Exemption, exemption
from responder.core.facts import Facts, ResourceSelector, Selector, Surroundings, Unread
from responder.core.preflight import examine
from responder.core.resource_id import resource_id
from responder.core.rule_settings import Settings
from tests.core.builders import ASSIGNMENT, GROUP, SUBSCRIPTION, a_change, at, scan, vault
from tests.core.policies import (
    ALZ,
    SET,
    all_facts,
    an_assignment,
    an_exemption,
    an_initiative,
    rules_of,
    surroundings,
)

_UNREAD = Unread("HTTP 403")


def not_exempt(*found: Exemption, reference: str = "", **facts: object) -> bool | None:
    known = all_facts(around=surroundings(exemptions=found, as_of=at(0)), **facts)
    return told(known, reference)


def told(facts: Facts, reference: str = "") -> bool | None:
    checks = examine(a_change(reference=reference), facts, Settings(), rules_of())
    return next(check.holds for check in checks if check.check == "exempt")


@pytest.mark.parametrize(
    ("scope", "holds"),
    [
        (vault("kv1"), False),
        (GROUP, False),
        (SUBSCRIPTION, False),
        (ALZ, False),
        (f"{ALZ}-CORP", False),
        (vault("kv10"), True),
        (f"{GROUP}b", True),
        (f"{ALZ}-sandbox", True),
    ],
)
def test_an_exemption_covers_what_lies_at_its_scope_and_below(scope: str, holds: bool) -> None:
    assert not_exempt(an_exemption(scope)) is holds


def test_one_at_a_management_group_is_not_known_until_the_groups_are() -> None:
    assert not_exempt(an_exemption(f"{ALZ}-sandbox"), management_groups=_UNREAD) is None


@pytest.mark.parametrize("category", ["Waiver", "Mitigated", "something new"])
def test_a_waiver_and_a_mitigation_count_alike(category: str) -> None:
    assert not_exempt(an_exemption(GROUP, category=category)) is False


@pytest.mark.parametrize(("minutes", "holds"), [(1, False), (0, True), (-1, True)])
def test_one_that_has_expired_does_not_count(minutes: float, holds: bool) -> None:
    assert not_exempt(an_exemption(GROUP, expires=scan(minutes))) is holds


def test_whether_one_has_expired_is_not_known_without_the_time() -> None:
    around = Surroundings(exemptions=(an_exemption(GROUP, expires=scan(1)),))

    assert told(all_facts(around=around)) is None


def test_one_from_another_assignment_does_not_count() -> None:
    assert not_exempt(an_exemption(GROUP, assignment_id=f"{ASSIGNMENT}-too")) is True


@pytest.mark.parametrize(("references", "holds"), [((), False), (("diagkv",), False), (("other",), True)])
def test_one_from_some_policies_of_an_initiative_leaves_the_others(references: tuple[str, ...], holds: bool) -> None:
    assigned = an_assignment(definition_id=SET)
    waiver = an_exemption(GROUP, references=references)

    assert not_exempt(waiver, reference="DiagKv", assignment=assigned, initiative=an_initiative()) is holds


@pytest.mark.parametrize(("place", "holds"), [("westeurope", False), ("eastus", True)])
def test_one_with_resource_selectors_counts_where_they_apply(place: str, holds: bool) -> None:
    chosen = (ResourceSelector("", (Selector("resourcelocation", (place,), True),)),)

    assert not_exempt(an_exemption(GROUP, resource_selectors=chosen)) is holds
    assert not_exempt(an_exemption(GROUP, resource_selectors=chosen), location=_UNREAD) is None


def test_exemptions_that_cannot_be_read_hold() -> None:
    decision = judge(a_change(), all_facts(around=surroundings(exemptions=_UNREAD)), rules_of())

    assert (decision.answer, decision.reason) == (Answer.UNKNOWN, "facts-unreadable")
    assert "HTTP 403" in decision.because


def test_what_is_exempt_is_blocked_and_says_by_which_exemption() -> None:
    decision = judge(a_change(), all_facts(around=surroundings(exemptions=(an_exemption(GROUP),))), rules_of())

    assert (decision.answer, decision.reason) == (Answer.BLOCKED, "exempt")
    assert "policyexemptions/left-alone (Waiver)" in decision.because


def a_document(**properties: object) -> dict[str, object]:
    named = f"{GROUP}/providers/Microsoft.Authorization/policyExemptions/Waive-It"
    return {"id": named, "properties": {"policyAssignmentId": ASSIGNMENT.upper(), **properties}}


def test_an_exemption_is_read_as_resource_manager_returns_it() -> None:
    read = exemption(
        a_document(
            exemptionCategory="Mitigated",
            expiresOn="2026-11-20T12:00:00.0000000Z",
            policyDefinitionReferenceIds=["DiagKv"],
            resourceSelectors=[],
        )
    )

    assert read == Exemption(
        resource_id(f"{GROUP}/providers/microsoft.authorization/policyexemptions/waive-it"),
        GROUP,
        ASSIGNMENT,
        "Mitigated",
        scan(0),
        ("diagkv",),
    )


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"id": "nowhere", "properties": {}}, "id is not usable"),
        ({"id": ASSIGNMENT, "properties": {}}, "not the id of a policy exemption"),
        ({"id": a_document()["id"]}, "no properties"),
        ({"id": a_document()["id"], "properties": {}}, "policyAssignmentId"),
        (a_document(expiresOn="next year"), "expiresOn"),
    ],
)
def test_what_is_no_exemption_says_why(document: dict[str, object], why: str) -> None:
    with pytest.raises(BadDocument, match=why):
        exemption(document)
