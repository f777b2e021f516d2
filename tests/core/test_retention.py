"""What may be forgotten, and what never."""

import pytest

from responder.core.case import Case, Moment, State
from responder.core.resource_row import ResourceRow
from responder.core.retention import case_rests, resource_rests
from tests.core.builders import a_case, a_row, at, scan

BEFORE = at(100)


def a_closed_case(minutes: float) -> Case:
    return a_case(State.CLOSED, history=(Moment(at(minutes), State.CLOSED, "verified", ""),))


def test_a_case_rests_once_its_last_round_is_older_than_the_retention() -> None:
    assert case_rests(a_closed_case(99), BEFORE)
    assert not case_rests(a_closed_case(100), BEFORE)


@pytest.mark.parametrize("state", [state for state in State if state is not State.CLOSED])
def test_a_case_that_is_not_closed_is_never_forgotten(state: State) -> None:
    assert not case_rests(a_case(state), BEFORE)


def test_a_tombstone_that_remembers_nothing_newer_rests() -> None:
    assert resource_rests(a_row(settled=scan(0)), BEFORE)
    assert resource_rests(a_row(compliance="compliant"), BEFORE)


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(a_row(), id="it still asks for a task"),
        pytest.param(a_row(settled=scan(0), owed=True), id="it is owed another"),
        pytest.param(a_row(settled=scan(0), given_up="d1"), id="it was given up, which a person ends"),
        pytest.param(a_row(minutes=101, settled=scan(101)), id="its news is newer"),
        pytest.param(a_row(settled=scan(0), arrived=at(101)), id="its news arrived later"),
        pytest.param(a_row(settled=scan(0), cool_until=scan(9999)), id="its cooldown lasts"),
        pytest.param(a_row(compliance="compliant", tried_until=scan(101)), id="a task tried it later"),
        pytest.param(a_row(compliance="compliant", verified=scan(101)), id="it was verified later"),
        pytest.param(a_row(compliance="compliant", comebacks=(scan(1), scan(101))), id="it came back later"),
    ],
)
def test_a_resource_that_asks_for_something_or_remembers_something_newer_is_kept(row: ResourceRow) -> None:
    assert not resource_rests(row, BEFORE)
