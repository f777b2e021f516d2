from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from responder.core.rule_settings import Bounds
from responder.core.slots import (
    MOST_WAITERS,
    Denied,
    Holder,
    Slots,
    Want,
    given_back,
    held,
    left,
    next_up,
    rebuilt,
    taken,
)
from tests.core.builders import DEFINITION, at

OTHER = DEFINITION.replace("951af2fa", "00000000")
BOUNDS = Bounds(running=2, per_definition=2, resources_per_hour=100)


def a_want(case: str, resources: int = 1, since: float = 0, definition: str = DEFINITION, number: int = 1) -> Want:
    return Want(case, number, definition, resources, at(since))


def with_slots(slots: Slots, wants: Iterable[Want], minute: float = 0, bounds: Bounds = BOUNDS) -> Slots:
    for want in wants:
        after = taken(slots, want, bounds, at(minute))
        slots = after.slots if isinstance(after, Denied) else after
    return slots


def denied(slots: Slots, want: Want, minute: float = 0, bounds: Bounds = BOUNDS) -> Denied:
    answer = taken(slots, want, bounds, at(minute))
    assert isinstance(answer, Denied)
    return answer


def holding(slots: Slots) -> list[str]:
    return [holder.case for holder in slots.holders]


ESTATE = st.builds(Bounds, st.integers(1, 4), st.integers(1, 3), st.integers(5, 12))
FULL = with_slots(Slots(), [a_want("a"), a_want("b")])


# Room -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bounds", "want", "because"),
    [
        (BOUNDS, a_want("c"), "2 of 2 tasks run (limits.running)"),
        (
            replace(BOUNDS, running=9),
            a_want("c"),
            "2 of 2 tasks of this definition run (limits.perDefinition)",
        ),
        (
            replace(BOUNDS, running=9, resources_per_hour=10),
            a_want("c", 9, definition=OTHER),
            "2 of 10 resources are used up for this hour and the plan has 9 (limits.resourcesPerHour)",
        ),
    ],
    ids=["running", "perDefinition", "resourcesPerHour"],
)
def test_each_limit_says_with_figures_why_there_is_no_room(bounds: Bounds, want: Want, because: str) -> None:
    assert denied(FULL, want, bounds=bounds).because == because


def test_a_denial_says_how_many_are_older() -> None:
    waiting = with_slots(FULL, [a_want("c", since=1), a_want("d", since=2)], minute=3)

    answer = denied(waiting, a_want("e", since=3), minute=3)

    assert answer.because == "2 of 2 tasks run (limits.running); 2 cases are older"


def test_a_plan_wider_than_the_hour_says_that_it_never_fits_and_does_not_wait_in_anyones_way() -> None:
    answer = denied(Slots(), a_want("a", 101))

    assert "never fits" in answer.because
    assert answer.slots == Slots()


def test_a_minute_is_counted_until_all_of_it_is_older_than_an_hour_by_any_clock() -> None:
    bounds = Bounds(running=9, per_definition=9, resources_per_hour=100)
    full = given_back(with_slots(Slots(), [a_want("a", 100)], minute=0.9, bounds=bounds), "a", 1)

    assert isinstance(taken(full, a_want("b"), bounds, at(61.9)), Denied)
    assert isinstance(taken(full, a_want("b"), bounds, at(62)), Slots)


# Taking and giving back -----------------------------------------------------------------------------------------------


def test_taking_again_after_a_crash_changes_nothing_and_charges_the_hour_once() -> None:
    again = taken(FULL, a_want("a"), BOUNDS, at(3))

    assert again is FULL
    assert sum(count for _, count in FULL.opened) == 2


def test_a_newer_round_of_a_case_takes_the_place_of_the_older_one_and_never_the_other_way_round() -> None:
    newer = taken(FULL, a_want("a", number=2), BOUNDS, at(3))

    assert isinstance(newer, Slots)
    assert sorted(holding(newer)) == ["a", "b"]
    assert "newer round" in denied(newer, a_want("a", number=1), minute=4).because


def test_a_task_that_runs_without_a_slot_gets_one_whatever_the_limits() -> None:
    over = held(FULL, a_want("c"), at(1))

    assert holding(over) == ["a", "b", "c"]
    assert held(over, a_want("c"), at(2)) is over


def test_a_slot_of_another_round_is_not_given_back() -> None:
    assert given_back(FULL, "a", 2) is FULL
    assert holding(given_back(FULL, "a", 1)) == ["b"]


def test_where_no_task_was_asked_for_the_hour_gets_its_resources_back() -> None:
    slots = with_slots(Slots(), [a_want("a", 60)])

    assert isinstance(taken(given_back(slots, "a", 1), a_want("b", 60), BOUNDS, at(1)), Denied)
    assert isinstance(taken(given_back(slots, "a", 1, unused=True), a_want("b", 60), BOUNDS, at(1)), Slots)


# Waiting --------------------------------------------------------------------------------------------------------------


def test_the_oldest_waits_least_whoever_asks_first() -> None:
    waiting = with_slots(FULL, [a_want("young", since=2), a_want("old", since=1)], minute=3)

    freed = given_back(waiting, "a", 1)

    assert next_up(freed, BOUNDS, at(4)) == ("old",)
    assert (
        "1 of 2 tasks run, and 1 older case comes first (limits.running)"
        in denied(freed, a_want("young", since=2), minute=4).because
    )
    assert isinstance(taken(freed, a_want("old", since=1), BOUNDS, at(4)), Slots)


def test_a_case_that_waits_for_its_definition_lets_others_pass() -> None:
    bounds = replace(BOUNDS, running=3, per_definition=1)
    waiting = with_slots(Slots(), [a_want("a"), a_want("old", since=1)], bounds=bounds)

    assert isinstance(taken(waiting, a_want("young", since=2, definition=OTHER), bounds, at(3)), Slots)


def test_a_case_that_waits_for_the_hour_keeps_it_from_younger_ones() -> None:
    bounds = replace(BOUNDS, running=9, per_definition=9)
    waiting = with_slots(Slots(), [a_want("a", 60), a_want("wide", 80, since=1)], bounds=bounds)

    assert "an older case waits" in denied(waiting, a_want("narrow", 1, since=2), 3, bounds).because
    assert next_up(waiting, bounds, at(3)) == ()


def test_a_waiter_that_is_not_heard_of_for_a_quarter_of_an_hour_is_forgotten() -> None:
    freed = given_back(with_slots(FULL, [a_want("dead", since=1)], minute=2), "a", 1)

    assert isinstance(taken(freed, a_want("young", since=2), BOUNDS, at(16.9)), Denied)
    assert isinstance(taken(freed, a_want("young", since=2), BOUNDS, at(17)), Slots)


def test_a_case_that_no_longer_waits_is_taken_off_the_list() -> None:
    waiting = with_slots(FULL, [a_want("gone", since=1)], minute=2)

    assert left(waiting, "gone").waiters == ()
    assert given_back(waiting, "gone", 1) is waiting


def test_asking_again_soon_changes_nothing_and_later_only_that_it_was_heard() -> None:
    waiting = with_slots(FULL, [a_want("c", since=1)], minute=2)

    assert denied(waiting, a_want("c", since=1), minute=5.9).slots is waiting
    assert denied(waiting, a_want("c", since=1), minute=6).slots.waiters[0].heard_at == at(6)


def test_the_list_holds_the_oldest_and_a_younger_asker_changes_nothing() -> None:
    full = with_slots(FULL, [a_want(f"w{number:03}", since=number + 1) for number in range(MOST_WAITERS)], minute=2)

    assert denied(full, a_want("young", since=999), minute=2).slots is full
    older = denied(full, a_want("older", since=0.5), minute=2).slots.waiters
    assert (older[0].case, older[-1].case, len(older)) == ("older", "w498", MOST_WAITERS)


# A lost row -----------------------------------------------------------------------------------------------------------


def test_after_a_loss_what_may_be_opening_is_counted_and_only_as_many_go_on_as_may_run() -> None:
    runs = Holder("runs", 1, DEFINITION, at(5), resources=10)
    opening = [Holder(f"o{number}", 1, DEFINITION, at(number), sure=False) for number in range(3)]
    slots = rebuilt([runs, *opening])

    assert isinstance(taken(slots, a_want("new"), BOUNDS, at(6)), Denied)
    assert isinstance(taken(slots, a_want("o1"), BOUNDS, at(6)), Denied)
    assert isinstance(taken(slots, a_want("o0"), BOUNDS, at(6)), Slots)


def test_after_a_loss_who_was_denied_is_called_when_there_is_room_the_oldest_first() -> None:
    opening = [Holder(f"o{number}", 1, DEFINITION, at(number), sure=False) for number in range(4)]
    slots = with_slots(rebuilt(opening), [a_want("o3"), a_want("o1"), a_want("o0"), a_want("new")])

    assert next_up(slots, BOUNDS, at(6)) == ()
    assert next_up(given_back(slots, "o0", 1), BOUNDS, at(6)) == ("o2",)
    assert next_up(given_back(given_back(slots, "o0", 1), "o1", 1), BOUNDS, at(6)) == ("o2", "o3")


def test_after_a_loss_what_runs_is_charged_to_the_hour_in_which_it_was_opened() -> None:
    slots = rebuilt([Holder("runs", 1, DEFINITION, at(0), resources=100)])

    assert isinstance(taken(slots, a_want("new"), BOUNDS, at(30)), Denied)
    assert isinstance(taken(slots, a_want("new"), BOUNDS, at(63)), Slots)


@given(bounds=ESTATE, opening=st.integers(0, 8), running=st.integers(0, 4), order=st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_a_lost_row_never_lets_more_run_than_may_and_in_the_end_everybody_does(
    bounds: Bounds, opening: int, running: int, order: object
) -> None:
    bounds = replace(bounds, resources_per_hour=100)
    most = min(bounds.running, bounds.per_definition)
    run = [Holder(f"r{number}", 1, DEFINITION, at(0)) for number in range(min(running, most))]
    maybe = [Holder(f"o{number}", 1, DEFINITION, at(number), sure=False) for number in range(opening)]
    slots, runs, waiting = rebuilt([*run, *maybe]), {holder.case for holder in run}, [each.case for each in maybe]
    waiting += ["new1", "new2"]
    for _turn in range(30):
        order.shuffle(waiting)  # type: ignore[attr-defined]
        for case in list(waiting):
            answer = taken(slots, a_want(case, since=9), bounds, at(9))
            slots = answer.slots if isinstance(answer, Denied) else answer
            if isinstance(answer, Slots):
                runs.add(case)
                waiting.remove(case)
            assert len(runs) <= most
        for case in list(runs)[:1]:
            slots = given_back(slots, case, 1)
            runs.remove(case)

    assert waiting == []


# Whatever the order ---------------------------------------------------------------------------------------------------

SKEW = st.floats(-2.5, 2.5)  # seconds: any two are at most five apart
PASSED = st.sampled_from((0.0, 0.0, 0.0, 0.45, 1.0, 59.5, 59.95))  # minutes
ACT = st.sampled_from(("ask", "ask", "ask", "end", "unused", "late", "repeat"))
STEPS = st.lists(st.tuples(ACT, st.integers(0, 5), st.integers(1, 5), SKEW, PASSED), max_size=80)


@given(bounds=ESTATE, steps=STEPS)
@example(
    Bounds(2, 2, 5), [("ask", 0, 5, 0.0, 0.45), ("ask", 1, 5, 0.0, 59.95)]
)  # the minute is an hour old, not all of it
@example(Bounds(2, 2, 5), [("ask", 0, 5, -2.5, 1.0), ("ask", 1, 5, 2.5, 59.97)])  # the same by two clocks
@settings(max_examples=200, deadline=None)
def test_no_limit_is_ever_exceeded_whatever_the_order_and_the_clocks(
    bounds: Bounds, steps: list[tuple[str, int, int, float, float]]
) -> None:
    slots, true = Slots(), 0.0  # minutes
    rounds: dict[str, Want] = {}
    runs: dict[str, Want] = {}
    opened: dict[tuple[str, int], tuple[float, int]] = {}
    for act, number, resources, skew, passed in steps:
        true += passed
        name, now = f"case{number}", at(true + skew / 60)
        want = rounds.setdefault(name, a_want(name, resources, true, (DEFINITION, OTHER)[number % 2]))
        if act == "ask" or (act == "repeat" and name in runs):
            answer = taken(slots, want, bounds, now)
            slots = answer.slots if isinstance(answer, Denied) else answer
            if isinstance(answer, Slots) and name not in runs:
                runs[name] = want
                opened[name, want.round] = (true, want.resources)
        elif act == "late":  # a worker that was frozen since the round before
            slots = given_back(slots, name, want.round - 1)
        elif act in ("end", "unused") and name in runs:
            slots = given_back(slots, name, want.round, unused=act == "unused")
            if act == "unused":
                del opened[name, want.round]
            rounds[name] = a_want(name, resources, true, want.definition, want.round + 1)
            del runs[name]

        assert set(holding(slots)) == set(runs)
        assert len(runs) <= bounds.running
        assert all(
            sum(want.definition == each for want in runs.values()) <= bounds.per_definition
            for each in (DEFINITION, OTHER)
        )
        within = [count for minute, count in opened.values() if true - 60 < minute]
        assert sum(within) <= bounds.resources_per_hour


@given(
    bounds=ESTATE,
    cases=st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=10),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=50, deadline=None)
def test_every_case_that_goes_on_asking_comes_to_its_turn(
    bounds: Bounds, cases: list[tuple[int, bool]], order: object
) -> None:
    wants = [a_want(f"c{n}", wide, n, OTHER if other else DEFINITION) for n, (wide, other) in enumerate(cases)]
    waiting, running, slots = {want.case: want for want in wants}, dict[str, int](), Slots()
    for minute in range(0, 80 * len(wants) + 80, 5):
        for case in [case for case, end in running.items() if end <= minute]:
            slots = given_back(slots, case, 1)
            del running[case]
        for want in order.sample(list(waiting.values()), len(waiting)):  # type: ignore[attr-defined]
            answer = taken(slots, want, bounds, at(minute))
            slots = answer.slots if isinstance(answer, Denied) else answer
            if isinstance(answer, Slots):
                running[want.case] = minute + 10
                del waiting[want.case]

    assert waiting == {}


@given(sizes=st.lists(st.integers(1, 10), min_size=2, max_size=12), bounds=ESTATE)
@settings(max_examples=100, deadline=None)
def test_who_is_next_may_take_and_nobody_younger_of_the_same_needs_passes(sizes: list[int], bounds: Bounds) -> None:
    bounds = replace(bounds, resources_per_hour=10)
    wants = {f"c{number:02}": a_want(f"c{number:02}", size, number) for number, size in enumerate(sizes)}
    full = held(Slots(), a_want("first", 10, number=1), at(0))
    waiting = with_slots(full, wants.values(), minute=50, bounds=bounds)
    later = given_back(waiting, "first", 1)

    called = next_up(later, bounds, at(62))
    after = with_slots(later, [wants[case] for case in reversed(called)], minute=62, bounds=bounds)

    assert called == tuple(sorted(wants)[: len(called)])
    assert sorted(holding(after)) == list(called)
