from dataclasses import replace

import pytest

from responder.core.case import Kind, State, absorb, key_for, task_name
from responder.core.resource_id import resource_id
from tests.core.builders import ASSIGNMENT, DEFINITION, GROUP, SETTINGS, a_case, a_key, a_news, at, vault


def test_the_first_news_of_a_stranger_opens_a_case_that_gathers() -> None:
    case = absorb(None, a_news(), at(0), birth="b1")

    assert case is not None
    assert (case.state, case.news, case.round, case.birth) == (State.GATHERING, True, 1, "b1")


def test_good_news_of_a_stranger_opens_nothing() -> None:
    assert absorb(None, a_news(withdraws=True), at(0), birth="b1") is None


def test_news_for_a_closed_case_starts_its_next_round_under_the_same_birth() -> None:
    closed = a_case(State.CLOSED, round=3)

    case = absorb(closed, a_news(), at(5), birth="another")

    assert case is not None
    assert (case.state, case.round, case.birth, case.news) == (State.GATHERING, 4, "b1", True)


def test_good_news_leaves_a_closed_case_closed() -> None:
    assert absorb(a_case(State.CLOSED), a_news(withdraws=True), at(5), birth="x") is None


def test_a_stopped_case_waits_for_a_person_whatever_the_news() -> None:
    assert absorb(a_case(State.STOPPED), a_news(), at(5), birth="x") is None


@pytest.mark.parametrize("state", [State.GATHERING, State.HELD, State.OPENING, State.RUNNING, State.VERIFYING])
def test_news_marks_a_case_that_is_under_way_and_moves_nothing(state: State) -> None:
    case = a_case(state)

    after = absorb(case, a_news(), at(5), birth="x")

    assert after == replace(case, news=True)


@pytest.mark.parametrize("state", [State.GATHERING, State.HELD, State.OPENING, State.RUNNING, State.VERIFYING])
def test_only_the_news_mark_makes_an_event_silent(state: State) -> None:
    assert absorb(a_case(state, news=True), a_news(), at(5), birth="x") is None


def test_good_news_brings_a_verification_forward_with_what_comes_beside_it() -> None:
    verifying = a_case(State.VERIFYING, due=at(30))

    case = absorb(verifying, a_news(withdraws=True), at(10), birth="x")

    assert case is not None
    assert (case.due, case.news) == (at(10) + SETTINGS.poll_first, True)


def test_good_news_never_puts_a_verification_off() -> None:
    verifying = a_case(State.VERIFYING, due=at(10))

    case = absorb(verifying, a_news(withdraws=True), at(10), birth="x")

    assert case is not None
    assert case.due == at(10)


def test_good_news_does_not_take_a_verification_from_the_worker_that_holds_it() -> None:
    held = a_case(State.VERIFYING, due=at(30), claim="c1")

    case = absorb(held, a_news(withdraws=True), at(10), birth="x")

    assert case is not None
    assert case.due == at(30)


@pytest.mark.parametrize(
    ("resource", "gather_by", "kind", "place"),
    [
        (vault("kv1"), "resource", Kind.RESOURCE, vault("kv1")),
        (vault("kv1"), "resourceGroup", Kind.GROUP, GROUP),
        (GROUP, "resourceGroup", Kind.SUBJECT, GROUP),
        ("/subscriptions/s", "resource", Kind.SUBJECT, "/subscriptions/s"),
        ("/subscriptions/s/providers/a.b/c/d", "resourceGroup", Kind.RESOURCE, "/subscriptions/s/providers/a.b/c/d"),
    ],
)
def test_a_resource_is_kept_with_its_group_only_where_it_has_one(
    resource: str, gather_by: str, kind: Kind, place: str
) -> None:
    key = key_for(ASSIGNMENT, DEFINITION, resource_id(resource), gather_by)

    assert (key.kind, key.place) == (kind, place)


def test_every_round_of_every_birth_has_a_task_name_of_its_own() -> None:
    case = a_case()

    names = {task_name(case), task_name(replace(case, round=2)), task_name(replace(case, birth="b2"))}

    assert len(names) == 3
    assert all(name.startswith("responder-") and len(name) <= 64 for name in names)


def test_cases_of_different_places_or_kinds_are_different_cases() -> None:
    keys = [a_key(), a_key(Kind.GROUP), a_key(Kind.SUBJECT, GROUP), a_key(place=vault("kv2"))]

    assert len({key.id for key in keys}) == 4
