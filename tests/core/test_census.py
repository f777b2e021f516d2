"""Where the cases are, counted."""

import pytest

from responder.core.case import Hold, State, Stop
from responder.core.census import PLACES, Place, census_of
from tests.core.builders import at

HELD = Place("held", "paused", at(3))


def test_cases_are_counted_by_state_and_reason() -> None:
    census = census_of([HELD, HELD, Place("running", "", at(5))], most=10)

    assert census.counts == {("held", "paused"): 2, ("running", ""): 1}
    assert (census.open_cases, census.complete) == (3, True)


def test_the_one_that_is_overdue_longest_is_told() -> None:
    census = census_of([HELD, Place("running", "", at(1)), Place("stopped", "refused", None)], most=10)

    assert census.oldest_due == at(1)
    assert [census.overdue(at(minutes)).total_seconds() for minutes in (0, 1, 4)] == [0, 0, 180]


def test_no_more_is_counted_than_asked_for() -> None:
    census = census_of([HELD] * 5, most=3)

    assert (census.open_cases, census.complete) == (3, False)


def test_every_reason_for_waiting_is_told_even_as_none() -> None:
    open_states = set(State) - {State.CLOSED}

    assert {state for state, _ in PLACES} == {state.value for state in open_states}
    assert {reason for state, reason in PLACES if state == "held"} == {reason.value for reason in Hold}
    assert {reason for state, reason in PLACES if state == "stopped"} == {reason.value for reason in Stop}


@pytest.mark.parametrize(
    ("place", "soon"),
    [
        (Place("gathering", "", at(5), "vaults"), {"vaults": 1}),
        (Place("opening", "", at(5), "vaults"), {"vaults": 1}),
        (Place("held", "waiting-for-window", at(5), "vaults"), {"vaults": 1}),
        (Place("held", "waiting-for-window", at(65), "vaults"), {}),
        (Place("held", "waiting-for-approval", at(5), "vaults"), {}),
        (Place("held", "paused", at(5), "vaults"), {}),
        (Place("held", "breaker-open", at(5), "vaults"), {}),
        (Place("running", "", at(5), "vaults"), {}),
        (Place("stopped", "given-up", None, "vaults"), {}),
    ],
    ids=lambda value: f"{value.state} {value.reason}".strip() if isinstance(value, Place) else "",
)
def test_what_may_open_a_task_soon_is_counted_by_rule(place: Place, soon: dict[str, int]) -> None:
    assert census_of([place], most=10, soon=at(60)).soon == soon
