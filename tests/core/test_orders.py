"""What people may order of a case, and what is not possible."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from responder.core.case import Case, Hold, State, Word
from responder.core.orders import NotPossible, approve, asks, cancel, cooling, reject, retry
from responder.core.outcome import Outcome
from tests.core.builders import SETTINGS, a_case, a_plan, a_row, at, scan

WORD = Word("anna", "agreed with the team", at(60))
Order = Callable[[Case, Word], Case | NotPossible]


def waiting(**changes: object) -> Case:
    case = a_case(State.HELD, reason=Hold.WAITING_FOR_APPROVAL.value, plan=replace(a_plan(), ask=True), asked_at=at(3))
    return replace(case, **changes)  # type: ignore[arg-type]


def test_an_approval_names_who_why_when_and_the_plan() -> None:
    approved = approve(waiting(), WORD)

    assert isinstance(approved, Case)
    assert approved.approval == replace(WORD, digest=a_plan().approval)
    told = f"Approved by anna: agreed with the team (plan {a_plan().approval[:12]})"
    assert approved.history[-1].because == told


def test_an_approval_of_the_plan_that_was_seen_falls_on_no_other_plan() -> None:
    seen_plan = a_plan().approval

    same = approve(waiting(), replace(WORD, digest=seen_plan[:8]))
    another = approve(waiting(plan=replace(a_plan("kv2"), ask=True)), replace(WORD, digest=seen_plan[:8]))

    assert isinstance(same, Case)
    assert isinstance(another, NotPossible)
    assert "plan has changed" in another.because


def test_an_approval_that_comes_too_late_is_none() -> None:
    late = replace(WORD, at=at(3) + SETTINGS.ask_for)

    answer = approve(waiting(), late)

    assert isinstance(answer, NotPossible)
    assert "ended at 2026-11-27 12:03 UTC" in answer.because


def test_a_case_that_is_about_to_ask_may_be_approved() -> None:
    opening = a_case(State.OPENING, plan=replace(a_plan(), ask=True))

    assert asks(opening) is not None
    assert isinstance(approve(opening, WORD), Case)


def test_a_rejected_case_is_stopped_and_says_by_whom() -> None:
    rejected = reject(waiting(), WORD)

    assert isinstance(rejected, Case)
    assert (rejected.state, rejected.outcome, rejected.due) == (State.STOPPED, Outcome.REFUSED, None)
    assert rejected.history[-1].because == "Rejected by anna: agreed with the team"


def test_a_case_that_a_worker_holds_is_rejected_later() -> None:
    answer = reject(waiting(state=State.OPENING), WORD)

    assert isinstance(answer, NotPossible)
    assert answer.busy


@pytest.mark.parametrize("order", [approve, reject])
@pytest.mark.parametrize("state", list(State))
def test_what_does_not_wait_for_approval_is_neither_approved_nor_rejected(order: Order, state: State) -> None:
    answer = order(a_case(state), WORD)

    assert isinstance(answer, NotPossible)
    assert f"it is {state}" in answer.because


def test_a_plan_that_must_be_approved_but_is_held_for_something_else_does_not_ask() -> None:
    assert asks(waiting(reason=Hold.PAUSED.value)) is None


@pytest.mark.parametrize("state", [State.OPENING, State.RUNNING])
def test_a_case_with_a_task_can_be_canceled(state: State) -> None:
    case = a_case(state)

    canceled = cancel(case, WORD)

    assert isinstance(canceled, Case)
    assert (canceled.cancel, canceled.state, canceled.due) == (WORD, state, case.due)


def test_a_held_case_whose_request_got_no_answer_can_be_canceled() -> None:
    unheard = a_case(State.HELD, reason=Hold.THROTTLED.value, plan=a_plan(), attempted_at=at(59))

    canceled = cancel(unheard, WORD)

    assert isinstance(canceled, Case)
    assert (canceled.cancel, canceled.state, canceled.plan) == (WORD, State.HELD, unheard.plan)


@pytest.mark.parametrize("state", sorted(set(State) - {State.OPENING, State.RUNNING}))
def test_a_case_without_a_task_cannot_be_canceled(state: State) -> None:
    answer = cancel(a_case(state), WORD)

    assert isinstance(answer, NotPossible)
    assert "no task that could be canceled" in answer.because


def test_who_canceled_first_is_told_to_the_second() -> None:
    once = cancel(a_case(State.RUNNING), WORD)
    assert isinstance(once, Case)

    twice = cancel(once, Word("ben", "me too", WORD.at + timedelta(minutes=1)))

    assert isinstance(twice, NotPossible)
    assert "anna" in twice.because


def test_a_case_that_waits_after_a_bad_round_is_tried_again() -> None:
    case = a_case(State.HELD, reason=Hold.WAITING_FOR_RETRY.value)

    again = retry(case, WORD)

    assert isinstance(again, Case)
    assert again.history[-1].because == "To be tried again at once, by anna: agreed with the team"


@pytest.mark.parametrize("hold", sorted(set(Hold) - {Hold.WAITING_FOR_RETRY}))
def test_a_case_that_waits_for_something_else_is_not_hurried(hold: Hold) -> None:
    answer = retry(a_case(State.HELD, reason=hold.value), WORD)

    assert isinstance(answer, NotPossible)
    assert f"it is held ({hold})" in answer.because


def test_a_cooldown_that_keeps_every_resource_is_told() -> None:
    kept = a_row("kv1", retry_at=scan(90))

    assert cooling([kept], at(60)) == at(90)
    assert cooling([kept, a_row("kv2")], at(60)) is None
    assert cooling([], at(60)) is None
