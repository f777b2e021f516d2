from dataclasses import replace
from datetime import timedelta

import pytest

from responder.core import seen
from responder.core.case import Case, Hold, Kind, Move, State
from responder.core.next_step import CheckTask, Confirm, HandOver, OpenTask, Rest, Verify, next_step
from responder.core.outcome import Outcome
from responder.core.transitions import TABLE, NotInTable, record
from tests.core.builders import SETTINGS, a_case, a_key, a_plan, a_task, at, vault

ENDED = a_task()
EVERYTHING_SEEN: tuple[seen.Seen, ...] = (
    seen.NotDue(at(9)),
    seen.Unreadable("no"),
    seen.Throttled("slow down", at(20)),
    seen.NothingLeft(Outcome.WITHDRAWN, "gone"),
    seen.Observed(a_plan(), SETTINGS),
    seen.Planned(a_plan(), SETTINGS),
    seen.Split((Move(vault("kv1"), a_key(), "d1"),), "a rule forbids kv2"),
    seen.HandedOver(),
    seen.GivenUp("three attempts were made", "key vault diagnostics", "d1"),
    seen.Waits(Hold.WAITING_FOR_SLOT, "50 of 50 tasks run"),
    seen.ApprovalNeeded("a person is asked first", "d2", at(60)),
    seen.Expired("nobody approved"),
    seen.CalledOff("canceled by ada"),
    seen.NotAllowed("403"),
    seen.TaskSeen(a_task("Running", 1, 0)),
    seen.Paused("paused by ann"),
    seen.TaskInTheWay("another runs"),
    seen.Refused("403"),
    seen.PlanTooOld(),
    seen.OutOfTime(),
    seen.NotVisibleYet(),
    seen.TaskEnded(ENDED, Outcome.REMEDIATED, "1 of 1", more=False),
    seen.NotYetScanned("not yet"),
    seen.Verified(Outcome.VERIFIED, "compliant", more=False),
)
CONFIRMING = {
    seen.Unreadable: State.HELD,
    seen.Throttled: State.HELD,
    seen.NothingLeft: State.CLOSED,
    seen.Observed: State.CLOSED,
    seen.Planned: State.OPENING,
    seen.Split: State.GATHERING,
    seen.GivenUp: State.STOPPED,
    seen.Waits: State.HELD,
}
# Written out a second time on purpose: the table in the code is held to this one, pair by pair.
EXPECTED: dict[tuple[State, type], State] = {
    **{(State.GATHERING, what): to for what, to in CONFIRMING.items()},
    **{(State.HELD, what): to for what, to in CONFIRMING.items()},
    (State.GATHERING, seen.NotDue): State.GATHERING,
    (State.GATHERING, seen.HandedOver): State.GATHERING,
    (State.OPENING, seen.TaskSeen): State.RUNNING,
    (State.OPENING, seen.Paused): State.HELD,
    (State.OPENING, seen.Throttled): State.HELD,
    (State.OPENING, seen.TaskInTheWay): State.HELD,
    (State.OPENING, seen.Refused): State.STOPPED,
    (State.OPENING, seen.NotAllowed): State.HELD,
    (State.OPENING, seen.Waits): State.HELD,
    (State.OPENING, seen.ApprovalNeeded): State.HELD,
    (State.OPENING, seen.Expired): State.CLOSED,
    (State.OPENING, seen.CalledOff): State.CLOSED,
    (State.OPENING, seen.PlanTooOld): State.GATHERING,
    (State.OPENING, seen.OutOfTime): State.OPENING,
    (State.RUNNING, seen.TaskSeen): State.RUNNING,
    (State.RUNNING, seen.NotVisibleYet): State.RUNNING,
    (State.RUNNING, seen.Throttled): State.RUNNING,
    (State.RUNNING, seen.TaskEnded): State.VERIFYING,
    (State.VERIFYING, seen.NotYetScanned): State.VERIFYING,
    (State.VERIFYING, seen.Throttled): State.VERIFYING,
    (State.VERIFYING, seen.TaskSeen): State.RUNNING,
    (State.VERIFYING, seen.Verified): State.CLOSED,
}
PAIRS = [(state, what) for state in State for what in EVERYTHING_SEEN]


def _name(value: object) -> str:
    return value.value if isinstance(value, State) else type(value).__name__


@pytest.mark.parametrize(("state", "what"), PAIRS, ids=_name)
def test_every_pair_moves_as_the_table_says_or_is_refused(state: State, what: seen.Seen) -> None:
    case = a_case(state)

    if (state, type(what)) in EXPECTED:
        assert record(case, what, at(7)).state is EXPECTED[state, type(what)]
    else:
        with pytest.raises(NotInTable, match="cannot happen there"):
            record(case, what, at(7))


def test_the_sample_of_what_can_be_seen_is_complete() -> None:
    assert {type(what) for what in EVERYTHING_SEEN} == set(seen.Seen.__args__)
    assert set(TABLE) == set(EXPECTED)


@pytest.mark.parametrize(("state", "what"), [pair for pair in PAIRS if (pair[0], type(pair[1])) in EXPECTED], ids=_name)
def test_whatever_is_not_over_has_a_due_time_so_that_the_sweep_finds_it(state: State, what: seen.Seen) -> None:
    after = record(a_case(state), what, at(7))

    assert (after.due is None) == (after.state in (State.CLOSED, State.STOPPED))


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.REMEDIATED])
def test_a_round_that_did_not_remediate_ends_without_a_verification(outcome: Outcome) -> None:
    after = record(a_case(State.RUNNING), seen.TaskEnded(ENDED, outcome, "because", more=False), at(7))

    assert (after.state, after.outcome) == (State.CLOSED, outcome)


def test_a_round_that_leaves_something_to_do_is_followed_by_the_next() -> None:
    after = record(a_case(State.RUNNING), seen.TaskEnded(ENDED, Outcome.TRUNCATED, "too many", more=True), at(7))

    assert (after.state, after.round, after.plan, after.task, after.due) == (State.GATHERING, 2, None, None, at(7))
    assert Outcome.TRUNCATED.value in [moment.reason for moment in after.history]


def test_verification_begins_twenty_minutes_after_the_tasks_end() -> None:
    after = record(a_case(State.RUNNING), seen.TaskEnded(ENDED, Outcome.REMEDIATED, "1 of 1", more=False), at(7))

    assert after.due == at(6) + timedelta(minutes=20)


def test_held_cases_ask_again_after_growing_waits_up_to_the_most() -> None:
    case = a_case()
    waits = []
    for _ in range(8):
        case = record(case, seen.Unreadable("not readable"), at(0))
        waits.append((case.due or at(0)) - at(0))

    assert waits[:3] == [timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120)]
    assert waits[-1] == SETTINGS.poll_most


def test_a_throttled_case_is_held_until_the_service_said() -> None:
    after = record(a_case(State.OPENING), seen.Throttled("429", at(20)), at(7))

    assert (after.state, after.reason, after.due) == (State.HELD, Hold.THROTTLED.value, at(20))


def test_a_plan_outlives_a_hold_and_is_not_computed_again() -> None:
    held = record(a_case(State.OPENING), seen.Paused("paused by ann"), at(7))

    assert held.plan == a_case(State.OPENING).plan
    assert isinstance(next_step(held, at(60)), OpenTask)


def test_a_plan_that_waited_too_long_is_made_anew_under_another_name() -> None:
    after = record(a_case(State.OPENING), seen.PlanTooOld(), at(7))

    assert (after.state, after.plan, after.round) == (State.GATHERING, None, 2)


def test_a_task_that_runs_out_of_its_time_is_marked_and_still_followed() -> None:
    late = a_task("Running", 1, 0)

    after = record(a_case(State.RUNNING), seen.TaskSeen(late), at(2) + timedelta(hours=7))

    assert (after.state, after.timed_out) == (State.RUNNING, True)


def test_the_same_counters_after_the_end_are_counted() -> None:
    ended = a_task("Failed", 2, 0, 0)
    once = record(a_case(State.RUNNING), seen.TaskSeen(ended), at(7))

    twice = record(once, seen.TaskSeen(ended), at(8))

    assert (once.same_looks, twice.same_looks) == (0, 1)


@pytest.mark.parametrize(
    ("case", "step"),
    [
        (a_case(), Confirm),
        (a_case(State.HELD), Confirm),
        (a_case(State.HELD, plan=a_plan()), OpenTask),
        (a_case(State.OPENING), OpenTask),
        (a_case(State.RUNNING), CheckTask),
        (a_case(State.VERIFYING), Verify),
        (a_case(State.CLOSED), Rest),
        (a_case(State.STOPPED), Rest),
        (replace(a_case(), moves=(Move(vault("kv1"), a_key(Kind.RESOURCE), "d1"),)), HandOver),
    ],
)
def test_each_state_asks_for_its_step_when_it_is_due(case: Case, step: type) -> None:
    assert isinstance(next_step(case, at(60)), step)


def test_a_case_that_is_not_due_rests_until_it_is() -> None:
    assert next_step(a_case(due=at(9)), at(3)) == Rest(at(9))
