"""How a reading goes on from tick to tick, and when events count as having stopped."""

from dataclasses import replace

import pytest

from responder.core.backfill_cycle import STOPPED, Result, Tally, begun, in_words, silent, under_way
from responder.core.boundary import scope
from responder.core.boundary_scopes import scopes_to_read, unreadable_entries
from tests.core.builders import GROUP, START, SUBSCRIPTION, at

ALZ = "/providers/Microsoft.Management/managementGroups/alz"
SCOPES = (GROUP, f"{SUBSCRIPTION}2")


def a_result(left: int = 0, stopped: bool = False, rules: str = "r1") -> Result:
    return Result(START, at(5), Tally(states=9, wanted=4, unannounced=left), rules, stopped)


def test_a_cycle_goes_through_the_pages_of_one_scope_after_the_other() -> None:
    cycle = begun(SCOPES, START)

    paged = cycle.found(Tally(states=2), 2).turned("https://next", SCOPES)
    second = paged.found(Tally(states=1), 1).turned(None, SCOPES)
    over = second.turned(None, SCOPES)

    assert (paged.scope, paged.link, paged.offset) == (SCOPES[0], "https://next", 0)
    assert (second.scope, second.link, second.tally.states) == (SCOPES[1], "", 3)
    assert over.scope is None


def test_a_scope_that_is_begun_again_is_counted_once() -> None:
    first = begun(SCOPES, START).found(Tally(states=5), 5).turned(None, SCOPES)

    again = first.found(Tally(states=7), 7).turned("https://dead", SCOPES).started_over()

    assert (again.scope, again.link, again.tally.states) == (SCOPES[1], "", 5)


def test_a_scope_that_cannot_be_read_is_told_and_passed_over() -> None:
    cycle = begun(SCOPES, START).skipped("it may not be read", SCOPES)

    assert (cycle.scope, cycle.unread) == (SCOPES[1], ("it may not be read",))


def test_without_a_boundary_there_is_nothing_to_read() -> None:
    assert begun(scopes_to_read(None), START).scope is None


def test_only_what_a_query_can_name_is_read_and_nothing_twice() -> None:
    within = [
        scope(text) for text in (ALZ, SUBSCRIPTION, GROUP, f"{SUBSCRIPTION}2/resourceGroups/rg-*", "/subscriptions/*")
    ]

    assert scopes_to_read(within) == (ALZ.lower(), SUBSCRIPTION, f"{SUBSCRIPTION}2")
    assert unreadable_entries(within) == ("/subscriptions/*",)


CHANGED = Tally(states=9, wanted=4, unannounced=2, lately=2)


@pytest.mark.parametrize(
    ("tally", "last", "stopped"),
    [
        pytest.param(CHANGED, None, False, id="the first cycle takes stock"),
        pytest.param(CHANGED, a_result(left=1), True, id="one more than before and no event"),
        pytest.param(CHANGED, a_result(left=2), False, id="the same as before"),
        pytest.param(CHANGED, a_result(left=2, stopped=True), True, id="nothing came since"),
        pytest.param(CHANGED, a_result(left=0, rules="r0"), False, id="other rules want other states"),
        pytest.param(replace(CHANGED, announced=1), a_result(left=1), False, id="an event came"),
        pytest.param(replace(CHANGED, lately=0), a_result(left=1), False, id="no change within a day"),
        pytest.param(Tally(states=9), a_result(stopped=True), False, id="all is well again"),
    ],
)
def test_events_have_stopped_where_states_changed_and_none_was_told(
    tally: Tally, last: Result | None, stopped: bool
) -> None:
    assert silent(tally, last, "r1") is stopped


def test_what_was_admitted_is_not_left_for_the_next_cycle() -> None:
    assert Result(START, at(1), Tally(unannounced=5, admitted=3), "r1").left == 2


def test_a_note_begins_with_what_needs_a_person() -> None:
    assert in_words(a_result(stopped=True)).startswith(f"{STOPPED}; 9 non-compliant states read")


def test_a_note_keeps_the_last_result_while_the_next_cycle_runs() -> None:
    note = under_way(replace(begun(SCOPES, START), until=at(7)), a_result(left=3))

    assert "3 of them unannounced" in note
    assert note.endswith(f"Reading {GROUP}, 0 states so far. Azure asks us to wait until 2026-11-20 12:07:00 UTC.")
