"""A line of log says what queries look for, and belongs to the trace of its round."""

import pytest

from responder.core import seen
from responder.core.case import Case, State
from responder.core.log_line import case_moved
from responder.core.outcome import Outcome
from responder.core.task import Deployment
from responder.core.telemetry_names import Attr
from responder.core.trace_plan import trace_of
from responder.core.transitions import record
from tests.core.builders import SETTINGS, a_case, a_plan, a_task, at, scan, vault

MOVE = (Attr.BEFORE.value, Attr.STATE.value, Attr.OUTCOME.value)


def moves(before: Case, what: seen.Seen) -> list[tuple[object, ...]]:
    after = record(before, what, at(30))
    return [tuple(line.told.get(name) for name in MOVE) for line in case_moved(before, after)]


def test_a_move_names_the_case_its_policy_and_both_states() -> None:
    case = a_case(State.OPENING)

    [line] = case_moved(case, record(case, seen.Paused("Somebody paused it."), at(3)))

    assert line.told == {
        "responder.log": "case moved",
        "responder.case": case.id,
        "responder.round": 1,
        "responder.state.before": "opening",
        "responder.state": "held",
        "responder.reason": "paused",
        "responder.because": "Somebody paused it.",
        "responder.rule": case.rule,
        "responder.assignment": case.key.assignment,
    }
    assert line.span == trace_of(case)


def test_a_round_that_is_followed_by_the_next_at_once_is_two_moves() -> None:
    failed = seen.TaskEnded(a_task("Failed", 1, 0, 1), Outcome.FAILED, "It failed.", more=True)

    found = moves(a_case(State.RUNNING), failed)

    assert found == [("running", "closed", "failed"), ("closed", "gathering", None)]


def test_both_of_its_moves_lie_in_the_trace_of_the_round_that_ended() -> None:
    case = a_case(State.VERIFYING)
    after = record(case, seen.Verified(Outcome.INEFFECTIVE, "It is still non-compliant.", more=True), at(30))

    lines = case_moved(case, after)

    assert [line.told[Attr.ROUND.value] for line in lines] == [1, 2]
    assert lines[0].told[Attr.BECAUSE.value] == "It is still non-compliant."
    assert [line.span for line in lines] == [trace_of(case), trace_of(after)]


def test_a_plan_that_is_made_anew_ends_no_round_with_an_outcome() -> None:
    assert moves(a_case(State.OPENING), seen.PlanTooOld()) == [("opening", "gathering", None)]


@pytest.mark.parametrize(
    ("state", "what"),
    [
        (State.OPENING, seen.Refused("400", "InvalidResourceScope")),
        (State.OPENING, seen.NotAllowed("403", "InvalidResourceScope")),
        (
            State.RUNNING,
            seen.TaskEnded(
                a_task("Failed", 2, 1, 1),
                Outcome.PARTLY_FAILED,
                "One failed.",
                True,
                (
                    Deployment(vault("a"), "Succeeded"),
                    Deployment(vault("b"), "Failed", error_code="InvalidResourceScope"),
                ),
            ),
        ),
    ],
    ids=["refused for good", "not allowed", "a deployment failed"],
)
def test_what_azure_refused_has_its_code(state: State, what: seen.Seen) -> None:
    case = a_case(state)

    lines = case_moved(case, record(case, what, at(30)))

    assert {line.told[Attr.ERROR_CODE.value] for line in lines} == {"InvalidResourceScope"}


def test_a_case_that_is_given_up_says_what_azure_said_last() -> None:
    case = a_case()

    [line] = case_moved(
        case, record(case, seen.GivenUp("Three attempts.", "r", "d", "LinkedAuthorizationFailed"), at(40))
    )

    assert line.told[Attr.REASON.value] == "given-up"
    assert line.told[Attr.ERROR_CODE.value] == "LinkedAuthorizationFailed"


def test_a_task_that_could_be_opened_after_all_ends_what_was_wrong() -> None:
    refused = record(a_case(State.OPENING), seen.NotAllowed("403", "AuthorizationFailed"), at(3))
    planned = record(refused, seen.Planned(a_plan(), SETTINGS), at(30))

    [line] = case_moved(planned, record(planned, seen.TaskSeen(a_task("Running", created_on=scan(30))), at(31)))

    assert Attr.ERROR_CODE.value not in line.told
