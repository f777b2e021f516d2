"""The boundary."""

import pytest

from responder.core.boundary import BadScope, boundary, scope
from responder.core.facts import Facts, Unread
from responder.core.resource_id import resource_id
from responder.core.subject import Subject
from tests.core.builders import GROUP, SUBSCRIPTION, a_change, vault
from tests.core.policies import ALZ, all_facts


def within(entry: str, resource: str, facts: Facts | None = None, topic: str | None = None) -> bool | None:
    change = a_change(resource=resource_id(resource), management_group=topic)
    return scope(entry).covers(Subject(change, facts or all_facts()))


@pytest.mark.parametrize(
    ("entry", "resource", "covered"),
    [
        (SUBSCRIPTION, vault("kv1"), True),
        (f"{SUBSCRIPTION}/", vault("kv1"), True),
        (SUBSCRIPTION.upper().replace("/SUBSCRIPTIONS", "/Subscriptions"), vault("kv1"), True),
        ("/subscriptions/another", vault("kv1"), False),
        (GROUP, GROUP, True),
        (GROUP, f"{GROUP}b", False),
        (GROUP, vault("kv1", f"{GROUP}b"), False),
        (vault("kv1"), vault("kv1"), True),
        (vault("kv1"), vault("kv12"), False),
        (vault("kv1"), GROUP, False),
        ("/subscriptions/*/resourceGroups/rg-*", vault("kv1"), True),
        ("/subscriptions/*/resourceGroups/rg-legacy*", vault("kv1"), False),
        ("/subscriptions/*/resourceGroups/rg-legacy*", SUBSCRIPTION, False),
    ],
)
def test_an_entry_covers_itself_and_all_below_it_segment_by_segment(entry: str, resource: str, covered: bool) -> None:
    assert within(entry, resource) is covered


def test_a_management_group_covers_what_was_read_to_lie_below_it() -> None:
    assert within(ALZ, vault("kv1")) is True
    assert within(f"{ALZ}-other", vault("kv1")) is False


def test_below_a_management_group_is_not_known_until_it_is_read() -> None:
    assert within(ALZ, vault("kv1"), Facts.unknown()) is None


def test_an_event_from_a_management_groups_topic_lies_below_that_group() -> None:
    assert within(ALZ, vault("kv1"), Facts.unknown(), topic="alz") is True


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rg-a",
        "/",
        "/subscriptions",
        "/subscriptions/**",
        "/subscriptions/a//b",
        "/subscriptions/a/../b",
        "/*/a",
        "/providers/Microsoft.Authorization/policyAssignments/x",
        "/subscriptions/s/resourceGroups/g?x=1",
    ],
)
def test_what_names_no_scope_is_refused(text: str) -> None:
    with pytest.raises(BadScope):
        scope(text)


@pytest.mark.parametrize(
    ("inside", "excepted", "holds"),
    [
        (None, [], True),
        ([SUBSCRIPTION], [], True),
        (["/subscriptions/another"], [], False),
        ([SUBSCRIPTION], [GROUP], False),
        ([ALZ], [], None),
        (["/subscriptions/another", ALZ], [], None),
        ([ALZ, SUBSCRIPTION], [], True),
        ([SUBSCRIPTION], [ALZ], None),
        ([ALZ], [GROUP], False),
        (["/subscriptions/another"], [ALZ], False),
    ],
)
def test_a_boundary_is_three_valued(inside: list[str] | None, excepted: list[str], holds: bool | None) -> None:
    subject = Subject(a_change(), all_facts(management_groups=Unread("not read")))

    found, why = boundary(None if inside is None else map(scope, inside), map(scope, excepted), subject)

    assert found is holds
    assert why


def test_without_a_boundary_the_exceptions_are_named_all_the_same() -> None:
    told = boundary(None, [scope("/subscriptions/*/resourceGroups/rg-legacy*")], Subject(a_change(), all_facts()))

    assert told == (True, "no entry of 'except' covers it, and 'within' is not set")
