"""What is driven again and what is kept, with its reason."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.core import instant
from responder.core.redrive import (
    DROPPABLE,
    LARGEST_BODY,
    Candidate,
    Keep,
    Kept,
    Standing,
    Terms,
    candidate_of_event,
    candidate_of_ticket,
    judge_event,
    judge_ticket,
)
from tests.core.builders import START
from tests.scenarios.estates import an_event

TERMS = Terms(most=3, retention=timedelta(days=60), now=START)


def scanned(before: timedelta) -> dict[str, object]:
    return an_event("kv1", scanned=instant.iso(instant.of(START - before)))


def candidate(event: object) -> Candidate:
    made = candidate_of_event(event)
    assert isinstance(made, Candidate)
    return made


def judged(event: object, driven: int = 0, terms: Terms = TERMS) -> Keep | None:
    kept = judge_event(event, candidate(event), driven, terms)
    return kept.reason if kept else None


def test_an_event_is_driven_as_often_as_is_allowed_and_then_kept() -> None:
    event = scanned(timedelta(days=1))

    assert [judged(event, driven) for driven in range(5)] == [None, None, None, Keep.DRIVEN_OFTEN, Keep.DRIVEN_OFTEN]


@pytest.mark.parametrize(("days", "reason"), [(58.9, None), (59.1, Keep.TOO_OLD), (400, Keep.TOO_OLD)])
def test_an_event_is_too_old_a_day_before_newer_news_may_be_forgotten(days: float, reason: Keep | None) -> None:
    assert judged(scanned(timedelta(days=days))) is reason


@pytest.mark.parametrize(
    "broken",
    [{"eventType": "Microsoft.Storage.BlobCreated"}, {"data": None}, {"subject": "x"}, {"topic": "somebody"}],
)
def test_what_the_door_would_reject_is_kept_because_it_would_be_acknowledged(broken: dict[str, object]) -> None:
    assert judged({**scanned(timedelta(days=1)), **broken}) is Keep.UNREADABLE


def test_an_event_from_the_future_is_kept() -> None:
    assert judged(scanned(-timedelta(days=2))) is Keep.UNREADABLE


def test_a_malformed_event_time_which_no_webhook_takes_goes_by_the_queue() -> None:
    assert judged({**scanned(timedelta(days=1)), "eventTime": "yesterday"}) is None


def test_what_no_queue_message_holds_is_kept() -> None:
    event = {**scanned(timedelta(days=1)), "note": "x" * LARGEST_BODY}

    assert judged(event) is Keep.TOO_LARGE


@pytest.mark.parametrize("event", [None, 7, "text", [], [1, 2]])
def test_what_is_no_event_is_unreadable(event: object) -> None:
    kept = candidate_of_event(event)

    assert isinstance(kept, Kept)
    assert kept.reason is Keep.UNREADABLE


@given(st.permutations(list(an_event("kv1").items())))
def test_an_event_is_counted_alike_whatever_way_it_came(items: list[tuple[str, object]]) -> None:
    by_blob = candidate({**dict(items), "deadLetterReason": "x", "publishTime": "2026-11-20T08:00:00Z"})
    by_queue = candidate(json.loads(by_blob.body))

    assert by_blob.content == by_queue.content
    assert json.loads(by_queue.body) == dict(items)


def test_two_events_are_counted_apart() -> None:
    assert candidate(an_event("kv1")).content != candidate(an_event("kv2")).content


@pytest.mark.parametrize(
    ("standing", "driven", "reason"),
    [
        (Standing.IN_FORCE, 2, None),
        (Standing.IN_FORCE, 3, Keep.DRIVEN_OFTEN),
        (Standing.REPLACED, 0, Keep.VOID),
        (Standing.NO_CASE, 0, Keep.VOID),
    ],
)
def test_only_a_ticket_that_is_in_force_moves_anything(standing: Standing, driven: int, reason: Keep | None) -> None:
    kept = judge_ticket(candidate_of_ticket("a" * 24, "t1"), standing, driven, TERMS)

    assert (kept.reason if kept else None) is reason


def test_what_may_be_driven_some_day_is_never_dropped() -> None:
    assert set(Keep) - DROPPABLE == {Keep.DRIVEN_OFTEN, Keep.TOO_LARGE}


def test_the_words_of_an_event_are_printable() -> None:
    made = candidate({**an_event("kv1"), "subject": "a\x1b[31mb"})

    assert made.about.isprintable()
