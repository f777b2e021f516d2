"""Attempts belong to the resource: how often, how far apart, and when it is given up or called contested."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.core import look, seen
from responder.core.case import Hold, Kind, State, Stop, Word
from responder.core.confirm import not_asked
from responder.core.gate import gate
from responder.core.resource_row import DidNotLast, GiveUp, Hurry, Pardon, ResourceRow, Show, Tried, heard, updated
from responder.core.rule_settings import Retry
from responder.core.transitions import record, released
from responder.core.window import Window
from tests.core.builders import (
    GROUP,
    SETTINGS,
    a_case,
    a_change,
    a_deployment,
    a_key,
    a_plan,
    a_row,
    a_state,
    a_task,
    at,
    scan,
    vault,
)
from tests.core.test_confirm import ENFORCED, GROUPED, RULES, a_group_case, confirmed

RETRY = Retry(attempts=3, wait=timedelta(minutes=15), factor=2, digest="d1")
HOUR = timedelta(hours=1)
ASKED = a_plan(ask=True)


def tried(row: ResourceRow, ended: float, covered: bool = False, retry: Retry | None = RETRY) -> ResourceRow:
    task = a_task(created_on=scan(ended - 2), last_updated_on=scan(ended))
    return updated(row, Tried(vault("kv1"), task, covered, HOUR, retry))


def test_waits_grow_from_attempt_to_attempt_and_the_last_one_gives_up() -> None:
    once = tried(a_row(), 10)
    twice = tried(once, 30)
    thrice = tried(twice, 70)

    assert (once.owed, once.retry_at) == (True, scan(10 + 15))
    assert (twice.owed, twice.retry_at) == (True, scan(30 + 30))
    assert (thrice.owed, thrice.given_up, thrice.pending) == (False, "d1", False)


def test_the_same_task_told_twice_is_one_attempt() -> None:
    once = tried(a_row(), 10)

    assert tried(once, 10) == once


def test_what_did_not_last_waits_for_the_longer_of_retry_and_cooldown() -> None:
    covered = tried(replace(a_row(), scan=scan(0)), 10, covered=True)
    back = replace(covered, scan=scan(30))

    row = updated(back, DidNotLast(vault("kv1"), scan(30), "still wrong", RETRY))

    assert (row.owed, row.retry_at) == (True, scan(10 + 60))
    assert updated(row, DidNotLast(vault("kv1"), scan(30), "still wrong", RETRY)) == row


def test_a_compliant_word_is_a_fresh_start_once_the_cooldown_is_over() -> None:
    failed = tried(tried(a_row(), 10), 30)
    key = a_key()

    soon = heard(failed, a_change("kv1", 40, "compliant"), key, at(40))
    undone = heard(soon, a_change("kv1", 50), key, at(50))
    late = heard(failed, a_change("kv1", 100, "compliant"), key, at(100))
    later = heard(soon, a_change("kv1", 200), key, at(200))

    assert soon is not None
    assert (soon.attempts, soon.owed, soon.retry_at) == (2, False, 0)
    assert [row.attempts for row in (undone, late, later) if row] == [2, 0, 0]


def heard_in_turn(row: ResourceRow, *words: tuple[float, str]) -> ResourceRow:
    for minutes, word in words:
        row = heard(row, a_change("kv1", minutes, word), a_key(), at(minutes)) or row
    return row


def test_what_was_owed_and_mended_by_somebody_else_is_met_again_when_it_is_undone_within_the_cooldown() -> None:
    failed = tried(a_row(), 10)
    did_not_last = updated(
        heard_in_turn(tried(a_row(), 10, covered=True), (15, "noncompliant")),
        DidNotLast(vault("kv1"), scan(15), "still wrong", RETRY),
    )

    undone = [heard_in_turn(row, (20, "compliant"), (30, "noncompliant")) for row in (failed, did_not_last)]
    met = [updated(row, DidNotLast(vault("kv1"), scan(30), "undone", RETRY)) for row in undone]

    assert [row.came_back for row in undone] == [True, True]
    assert [(row.owed, row.retry_at) for row in met] == [(True, scan(70)), (True, scan(70))]


@pytest.mark.parametrize(
    ("words", "back"),
    [
        ([(30, "noncompliant")], False),
        ([(8.5, "compliant"), (9, "noncompliant")], False),
        ([(20, "compliant"), (30, "noncompliant")], True),
    ],
)
def test_what_a_person_canceled_is_left_alone_until_it_changes_afterwards(
    words: list[tuple[float, str]], back: bool
) -> None:
    task = a_task(created_on=scan(8), last_updated_on=scan(10))
    canceled = updated(a_row(), Tried(vault("kv1"), task, False, HOUR, counts=False))

    assert heard_in_turn(canceled, *words).came_back is back


def test_what_is_undone_again_and_again_within_the_cooldown_is_given_up() -> None:
    row: ResourceRow = a_row()
    for number in range(3):
        minutes = 100.0 * number
        row = tried(row, minutes + 10, covered=True)
        for when, word in ((minutes + 30, "compliant"), (minutes + 40, "noncompliant")):
            row = heard(row, a_change("kv1", when, word), a_key(), at(when)) or row
        assert row.came_back
        row = updated(row, DidNotLast(vault("kv1"), row.scan, "undone", RETRY))

    assert row.given_up == "d1"


def test_a_resource_whose_tries_are_used_up_is_given_up_when_it_asks_again() -> None:
    digest = ENFORCED.rules[-1].digest
    row = a_row("kv1", 200, a_key(), attempts=3, tried_until=scan(10), cool_until=scan(70))

    over = confirmed(a_case(handed=digest), [row], [a_state("kv1", 200)])

    assert [type(update) for update in over.updates] == [GiveUp]
    assert isinstance(over.seen, seen.GivenUp)


def test_what_comes_back_three_times_in_two_weeks_after_it_was_verified_is_contested() -> None:
    row: ResourceRow = a_row()
    for day in range(3):
        minutes = day * 1440.0
        row = tried(row, minutes + 10, covered=True)
        for when, word in ((minutes + 30, "compliant"), (minutes + 700, "noncompliant")):
            assert not row.contested
            row = heard(row, a_change("kv1", when, word), a_key(), at(when)) or row

    assert row.contested


def test_what_comes_back_seldom_is_not_contested() -> None:
    row: ResourceRow = a_row()
    for week in range(4):
        minutes = week * 7 * 1440.0
        row = tried(row, minutes + 10, covered=True)
        for when, word in ((minutes + 30, "compliant"), (minutes + 700, "noncompliant")):
            row = heard(row, a_change("kv1", when, word), a_key(), at(when)) or row

    assert not row.contested


def test_a_pardon_keeps_the_cooldown_and_a_hurry_keeps_it_for_what_did_not_last() -> None:
    given_up = tried(tried(tried(a_row(), 10), 30), 70)
    waiting = tried(a_row(), 10)
    lost_again = updated(
        replace(tried(a_row(), 10, covered=True), scan=scan(30)), DidNotLast(vault("kv1"), scan(30), "", RETRY)
    )

    assert updated(given_up, Pardon(vault("kv1"))).retry_at == scan(70 + 60)
    assert updated(waiting, Hurry(vault("kv1"))).retry_at == 0
    assert updated(lost_again, Hurry(vault("kv1"))).retry_at == scan(10 + 60)


@given(
    attempts=st.integers(1, 20),
    wait=st.timedeltas(timedelta(0), timedelta(days=30)),
    factor=st.floats(1, 100),
    made=st.integers(0, 400),
)
def test_a_wait_never_shrinks_and_is_a_week_at_most(attempts: int, wait: timedelta, factor: float, made: int) -> None:
    retry = Retry(attempts, wait, factor, "")

    assert min(wait, timedelta(days=7)) <= retry.after(made) <= timedelta(days=7)
    assert retry.after(made) <= retry.after(made + 1)


def test_a_case_whose_only_resource_waits_is_held_until_then_without_asking_azure() -> None:
    waiting = tried(a_row("kv1", 0, a_key()), 10)

    over = not_asked(a_case(), [waiting], at(12))

    assert over is not None
    case = record(a_case(), over.seen, at(12))
    assert (case.state, case.reason, case.due) == (State.HELD, Hold.WAITING_FOR_RETRY, at(25))


def test_the_last_attempt_stops_the_case_of_a_single_resource_until_its_rule_changes() -> None:
    digest = ENFORCED.rules[-1].digest
    alone = a_case(handed=digest)
    row = a_row("kv1", 0, a_key(), given_up=digest, attempts=3)

    stopped = record(alone, confirmed(alone, [row], [a_state("kv1")]).seen, at(5))
    changed = confirmed(alone, [replace(row, given_up="another text")], [a_state("kv1")])

    assert (stopped.state, stopped.reason, stopped.stopped_under) == (State.STOPPED, Stop.GIVEN_UP, digest)
    assert [type(update) for update in changed.updates] == [Pardon]
    assert isinstance(changed.seen, seen.Split | seen.Planned)


def test_what_is_given_up_says_which_task_failed_last_and_with_which_error() -> None:
    failed = a_deployment("kv1", "Failed", "AuthorizationFailed", "no right to write")
    running = a_case(State.RUNNING, plan=a_plan(digest=ENFORCED.rules[-1].digest), handed=ENFORCED.rules[-1].digest)
    last = look.ended(running, a_task("Failed", 1, 0, 1), (failed,), [a_row("kv1", key=a_key(), attempts=2)])
    row = updated(a_row("kv1", key=a_key(), attempts=2), last.updates[0])

    what = confirmed(running, [row], [a_state("kv1")]).seen

    assert isinstance(what, seen.GivenUp)
    assert "AuthorizationFailed: no right to write" in what.because
    assert a_task().name in what.because


def test_a_person_who_releases_what_was_rejected_is_asked_afresh() -> None:
    asked = a_case(State.OPENING, plan=ASKED, asked=ASKED.approval, asked_at=at(5))

    rejected = record(asked, seen.Refused("Rejected by ada: no"), at(6))
    again = released(rejected, "ada", "yes after all", at(60 * 24 * 30))

    assert again is not None
    assert (again.asked_at, again.asked) == (None, "")


def test_one_bad_resource_does_not_give_up_its_group() -> None:
    given_up = replace(a_row("kv1", 0, GROUPED), given_up=ENFORCED.rules[-1].digest, attempts=3)

    what = confirmed(a_group_case(), [given_up], [a_state("kv1")]).seen

    assert isinstance(what, seen.Split)
    assert [(move.resource, move.to.kind) for move in what.moves] == [(vault("kv1"), Kind.RESOURCE)]


def test_what_is_new_does_not_wait_for_what_went_badly() -> None:
    waiting = replace(tried(a_row("kv1", 0, GROUPED), 3), retry_at=scan(60))

    what = confirmed(a_group_case(), [waiting, a_row("kv2", 2, GROUPED)], [a_state("kv1"), a_state("kv2", 2)]).seen

    assert isinstance(what, seen.Planned)
    assert (what.plan.scope, what.plan.resources) == (vault("kv2"), (vault("kv2"),))


def test_what_came_back_in_a_group_is_told_although_others_are_remediated() -> None:
    back = a_row("kv1", 30, GROUPED, tried_until=scan(10), cool_until=scan(70), attempts=1, mended=True)

    what = confirmed(a_group_case(), [back, a_row("kv2", 2, GROUPED)], [a_state("kv1", 30), a_state("kv2", 2)])

    assert isinstance(what.seen, seen.Planned)
    assert [type(update) for update in what.updates] == [DidNotLast]


def test_answers_of_403_are_tried_again_and_then_need_a_person() -> None:
    case = a_case(State.OPENING)
    for _ in range(2):
        held = record(case, seen.NotAllowed("HTTP 403"), at(5))
        assert (held.state, held.reason) == (State.HELD, Hold.WAITING_FOR_RETRY)
        case = replace(held, state=State.OPENING)

    stopped = record(case, seen.NotAllowed("HTTP 403"), at(5))

    assert (stopped.state, stopped.reason, stopped.stopped_under) == (State.STOPPED, Stop.REFUSED, "d1")
    again = released(stopped, "ada", "roles granted", at(9))
    assert again is not None
    assert again.refusals == 0


# What a round leaves behind ------------------------------------------------------------------------------------


def test_a_round_that_only_observes_one_resource_leaves_no_other_behind() -> None:
    waiting = replace(tried(a_row("kv1", 0, GROUPED), 3), retry_at=scan(60))
    observed = a_row("kv2", 2, GROUPED)
    rules = RULES.replace(
        "  - name: vaults",
        '  - {name: seen, match: {resource: "**/vaults/kv2"}, grace: none, action: observe}\n  - name: vaults',
    )

    what = confirmed(a_group_case(), [waiting, observed], [a_state("kv1"), a_state("kv2", 2)], rules).seen

    assert isinstance(what, seen.Observed)
    assert what.more


def test_what_no_rule_wants_any_more_is_no_longer_given_up() -> None:
    row = a_row("break-glass", 0, a_key(place=vault("break-glass")), given_up="d1", attempts=3)
    case = a_case(key=row.key)

    over = confirmed(case, [row], [a_state("break-glass")])

    assert isinstance(over.seen, seen.NothingLeft)
    assert not updated(row, over.updates[0]).open


def test_what_an_earlier_round_mended_is_looked_at_when_the_next_one_is_confirmed() -> None:
    mended = tried(a_row("kv1", 0, GROUPED), 3, covered=True)
    owed = replace(tried(a_row("kv2", 0, GROUPED), 3), retry_at=0)

    what = confirmed(a_group_case(), [mended, owed], [a_state("kv1", 4.5), a_state("kv2", 4.5)])

    assert [type(update) for update in what.updates if update.resource == vault("kv1")] == [Show, DidNotLast]


def test_a_cooldown_that_is_over_forbids_nothing() -> None:
    rested = a_row("kv3", 0, GROUPED, tried_until=scan(1), cool_until=scan(2), settled=scan(0))
    rows = [a_row("kv1", 2, GROUPED), a_row("kv2", 2, GROUPED), rested]

    what = confirmed(a_group_case(), rows, [a_state("kv1", 2), a_state("kv2", 2), a_state("kv3", 0)]).seen

    assert isinstance(what, seen.Planned)
    assert what.plan.scope == GROUP


# Approvals and windows -----------------------------------------------------------------------------------------


def test_an_approval_is_for_one_plan_and_lapses() -> None:
    yes = Word("ada", "looked at it", at(10), ASKED.approval)
    case = a_case(State.OPENING, plan=ASKED, approval=yes)

    assert gate(case, ASKED, at(20)) is None
    assert isinstance(gate(case, replace(ASKED, resources=(vault("kv2"),)), at(20)), seen.ApprovalNeeded)
    assert isinstance(gate(case, ASKED, at(10) + timedelta(days=8)), seen.ApprovalNeeded | seen.Expired)


def test_an_approval_is_bound_to_the_rules_text_and_not_to_the_tasks_name() -> None:
    assert replace(ASKED, name="responder-0123456789abcdef0123-2").approval == ASKED.approval
    assert replace(ASKED, digest="d2").approval != ASKED.approval


def test_a_question_that_nobody_answers_expires_and_a_changed_plan_asks_again() -> None:
    opening = a_case(State.OPENING, plan=ASKED)
    first = gate(opening, ASKED, at(5))
    assert isinstance(first, seen.ApprovalNeeded)
    held = record(opening, first, at(5))

    assert (held.reason, held.asked_at) == (Hold.WAITING_FOR_APPROVAL, at(5))
    assert isinstance(gate(held, ASKED, at(5) + timedelta(days=7)), seen.Expired)
    assert isinstance(
        gate(held, replace(ASKED, resources=(vault("kv2"),)), at(5) + timedelta(days=7)), seen.ApprovalNeeded
    )


def test_an_approval_that_lapsed_while_its_plan_waited_is_not_told_as_silence() -> None:
    yes = Word("ada", "change 4711", at(10), ASKED.approval)
    case = a_case(State.OPENING, plan=ASKED, approval=yes, asked=ASKED.approval, asked_at=at(5))

    shut = gate(case, ASKED, at(10) + timedelta(days=8))

    assert isinstance(shut, seen.Expired)
    assert "Approved by ada at 2026-11-20T12:10:00" in shut.because
    assert "nobody" not in shut.because


def test_outside_its_window_a_task_is_held_until_the_window_opens() -> None:
    night = Window("night", (0, 1, 2, 3, 4, 5, 6), at(60).time(), at(120).time(), "UTC")
    case = a_case(State.OPENING, settings=replace(SETTINGS, during=night))

    shut = gate(case, a_plan(), at(5))

    assert isinstance(shut, seen.Waits)
    assert (shut.hold, shut.until) == (Hold.WAITING_FOR_WINDOW, at(60))
    assert gate(case, a_plan(), at(61)) is None


@pytest.mark.parametrize("hold", [Hold.WAITING_FOR_SLOT])
def test_the_age_of_a_waiting_case_outlives_a_plan_that_is_made_anew(hold: Hold) -> None:
    waiting = record(a_case(State.OPENING), seen.Waits(hold, "50 of 50 tasks run"), at(5))

    anew = record(replace(waiting, state=State.OPENING), seen.PlanTooOld(), at(30))

    assert (waiting.waiting_since, anew.waiting_since) == (at(5), at(5))
