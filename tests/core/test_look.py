from dataclasses import replace
from datetime import timedelta

import pytest

from responder.core import look, seen
from responder.core.case import Case, State
from responder.core.outcome import Outcome, outcome_of, settled
from responder.core.resource_row import DidNotLast, Leftover, ResourceRow, Show, Tried, updated
from responder.core.task import Task
from tests.core.builders import GROUP, a_case, a_deployment, a_key, a_plan, a_row, a_state, a_task, at, scan, vault


def covered(name: str = "kv1", minutes: float = 0, compliance: str = "noncompliant") -> ResourceRow:
    marks = {"covered_at": scan(2), "tried_until": scan(6), "cool_until": scan(66)}
    return replace(a_row(name, minutes), compliance=compliance, **marks)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("task", "short", "timed_out", "outcome"),
    [
        (a_task("Succeeded", 0, 0), False, False, Outcome.NOTHING_TO_DO),
        (a_task("Succeeded", 2, 2), False, False, Outcome.REMEDIATED),
        (a_task("Complete", 2, 2), False, False, Outcome.REMEDIATED),
        (a_task("Succeeded", 1, 1), False, False, Outcome.REMEDIATED),
        (a_task("Succeeded", 2, 2), True, False, Outcome.TRUNCATED),
        (a_task("Succeeded", 2, 1, 1), False, False, Outcome.PARTLY_FAILED),
        (a_task("Failed", 2, 1, 1), False, False, Outcome.PARTLY_FAILED),
        (a_task("Failed", 2, 0, 2), False, False, Outcome.FAILED),
        (a_task("Failed", 0, 0, 0), False, False, Outcome.FAILED),
        (a_task("Canceled", 2, 0, 0), False, False, Outcome.CANCELED),
        (a_task("Canceled", 2, 0, 0), False, True, Outcome.TIMED_OUT),
        (a_task("Succeeded", 2, 2, 0), False, True, Outcome.TIMED_OUT),
    ],
)
def test_an_ended_task_has_the_outcome_a_person_must_see(
    task: Task, short: bool, timed_out: bool, outcome: Outcome
) -> None:
    assert outcome_of(task, short, timed_out) is outcome


def test_counters_that_lag_behind_the_end_are_not_believed_at_once() -> None:
    lagging = a_task("Failed", 2, 0, 0)

    assert not settled(lagging, (), 0)
    assert settled(lagging, (), 2)


def test_counters_and_rows_that_add_up_are_believed_at_once() -> None:
    rows = (a_deployment("kv1"), a_deployment("kv2", "Failed", "Conflict", "no"))

    assert settled(a_task("Succeeded", 2, 1, 1), rows, 0)
    assert not settled(a_task("Succeeded", 2, 1, 1), rows[:1], 0)


def test_a_task_that_found_nothing_is_believed_only_after_more_looks() -> None:
    assert not settled(a_task("Succeeded", 0, 0), (), 1)
    assert settled(a_task("Succeeded", 0, 0), (), 2)


def test_a_failed_deployment_leaves_its_resource_uncovered_and_the_others_covered() -> None:
    case = a_case(State.RUNNING, plan=a_plan("kv1", "kv2"))
    rows = (a_deployment("kv1"), a_deployment("kv2", "Failed", "AuthorizationFailed", "no permission"))

    looked = look.ended(case, a_task("Failed", 2, 1, 1), rows, [a_row("kv1"), a_row("kv2")])

    assert [(update.resource, update.covered) for update in looked.updates if isinstance(update, Tried)] == [
        (vault("kv1"), True),
        (vault("kv2"), False),
    ]
    assert isinstance(looked.seen, seen.TaskEnded)
    assert "AuthorizationFailed: no permission" in looked.seen.because


def test_a_truncated_task_leaves_the_rest_for_the_next_round_at_once() -> None:
    plan = a_plan("kv1", "kv2", body={"properties": {"resourceCount": 1}})

    looked = look.ended(a_case(State.RUNNING, plan=plan), a_task("Succeeded", 1, 1), (a_deployment("kv1"),), [])

    assert isinstance(looked.seen, seen.TaskEnded)
    assert (looked.seen.outcome, looked.seen.more) == (Outcome.TRUNCATED, True)
    assert looked.updates[1] == Leftover(vault("kv2"))


def test_news_that_came_while_the_task_ran_starts_the_next_round() -> None:
    case = a_case(State.RUNNING)
    newcomer = a_row("kv9", key=case.key)

    looked = look.ended(case, a_task("Failed", 1, 0, 1), (a_deployment("kv1", "Failed"),), [a_row("kv1"), newcomer])

    assert looked.seen.more  # type: ignore[union-attr]


def test_what_failed_and_no_event_announced_is_owed_another_attempt_too() -> None:
    running = a_case(State.RUNNING, plan=a_plan("kv1", "kv2"))
    deployments = (a_deployment("kv1"), a_deployment("kv2", "Failed"))

    looked = look.ended(running, a_task("Failed", 2, 1, 1), deployments, [a_row("kv1")])

    assert looked.seen.more  # type: ignore[union-attr]


def test_a_neighbour_that_another_case_holds_keeps_no_round_going() -> None:
    running = a_case(State.RUNNING, plan=a_plan("kv1", "kv2"))
    elsewhere = a_row("kv2", key=a_key(place=vault("kv2")))
    deployments = (a_deployment("kv1"), a_deployment("kv2", "Failed"))

    looked = look.ended(running, a_task("Failed", 2, 1, 1), deployments, [a_row("kv1"), elsewhere])

    assert not looked.seen.more  # type: ignore[union-attr]


def test_what_failed_is_owed_another_attempt_and_what_was_mended_is_not() -> None:
    running = a_case(State.RUNNING, plan=a_plan("kv1", "kv2"))
    deployments = (a_deployment("kv1"), a_deployment("kv2", "Failed"))

    looked = look.ended(running, a_task("Failed", 2, 1, 1), deployments, [a_row("kv1"), a_row("kv2")])

    mended, failed = (updated(a_row(name), update) for name, update in zip(("kv1", "kv2"), looked.updates, strict=True))
    assert (mended.owed, mended.covered_at) == (False, scan(2))
    assert (failed.owed, failed.attempts, failed.retry_at) == (True, 1, scan(6 + 15))


def test_a_task_that_a_person_canceled_is_no_attempt_and_nothing_is_owed() -> None:
    looked = look.ended(a_case(State.RUNNING), a_task("Canceled", 1, 0), (), [a_row("kv1", key=a_key())])

    row = updated(a_row("kv1"), looked.updates[0])
    assert (row.owed, row.attempts) == (False, 0)
    assert not looked.seen.more  # type: ignore[union-attr]


def test_a_count_that_neighbours_used_up_is_an_attempt_so_that_it_ends() -> None:
    plan = a_plan("kv2", scope=GROUP, beside=(vault("kv1"),))
    task = a_task("Succeeded", 1, 1)

    looked = look.ended(a_case(State.RUNNING, plan=plan), task, (a_deployment("kv1"),), [a_row("kv2")])

    assert looked.seen.outcome is Outcome.TRUNCATED  # type: ignore[union-attr]
    assert updated(a_row("kv2"), looked.updates[0]).attempts == 1
    assert [update.resource for update in looked.updates] == [vault("kv2"), vault("kv1")]


def test_a_new_task_that_azure_does_not_show_yet_is_waited_for() -> None:
    case = a_case(State.RUNNING)

    assert isinstance(look.gone(case, at(4), []).seen, seen.NotVisibleYet)
    assert look.gone(case, at(8), []).seen.outcome is Outcome.LOST  # type: ignore[union-attr]


def verifying() -> Case:
    return a_case(State.VERIFYING, plan=a_plan("kv1", "kv2"))


def test_a_round_is_verified_when_every_remediated_resource_was_scanned_compliant_after_the_end() -> None:
    states = [a_state("kv1", 20, "compliant"), a_state("kv2", 21, "compliant")]

    looked = look.verified(verifying(), a_task(), [covered("kv1"), covered("kv2")], states, at(30))

    assert looked.seen.outcome is Outcome.VERIFIED  # type: ignore[union-attr]
    assert all(isinstance(update, Show) for update in looked.updates)


def test_scans_from_before_the_end_prove_nothing() -> None:
    states = [a_state("kv1", 20, "compliant"), a_state("kv2", 5, "compliant")]

    looked = look.verified(verifying(), a_task(), [covered("kv1"), covered("kv2")], states, at(30))

    assert isinstance(looked.seen, seen.NotYetScanned)


def test_a_resource_that_is_still_non_compliant_makes_the_round_ineffective() -> None:
    states = [a_state("kv1", 20, "compliant"), a_state("kv2", 21)]

    looked = look.verified(verifying(), a_task(), [covered("kv1"), covered("kv2")], states, at(30))

    assert looked.seen.outcome is Outcome.INEFFECTIVE  # type: ignore[union-attr]
    assert DidNotLast in [type(update) for update in looked.updates]


def test_events_answer_without_asking_azure() -> None:
    rows = [covered("kv1", 20, compliance="compliant"), covered("kv2", 20, compliance="compliant")]

    assert look.rows_suffice(verifying(), a_task(), rows)
    assert not look.rows_suffice(verifying(), a_task(), [rows[0], covered("kv2")])


def test_what_is_not_scanned_in_time_is_unverified() -> None:
    looked = look.verified(verifying(), a_task(), [covered("kv1"), covered("kv2")], [], at(6) + timedelta(hours=25))

    assert looked.seen.outcome is Outcome.UNVERIFIED  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("compliance", "scanned", "outcome"),
    [
        ("compliant", 5.5, Outcome.VERIFIED),
        ("noncompliant", 5.5, Outcome.INEFFECTIVE),
        ("noncompliant", 4.5, Outcome.UNVERIFIED),
    ],
)
def test_where_no_later_scan_comes_one_from_after_its_own_deployment_counts(
    compliance: str, scanned: float, outcome: Outcome
) -> None:
    case = replace(a_case(State.VERIFYING), deployments=(a_deployment(),))  # it ended at 5, the task at 6
    row = covered("kv1", scanned, compliance)

    early = look.verified(case, a_task(), [row], [], at(40))
    late = look.verified(case, a_task(), [row], [], at(6) + timedelta(hours=25))

    assert isinstance(early.seen, seen.NotYetScanned)
    assert late.seen.outcome is outcome  # type: ignore[union-attr]
    assert (DidNotLast in [type(update) for update in late.updates]) is (outcome is Outcome.INEFFECTIVE)


@pytest.mark.parametrize("told", ["exempt", "deleted", "conflict", "unknown"])
def test_only_what_azure_calls_compliant_is_verified(told: str) -> None:
    states = [a_state("kv1", 20, "compliant"), a_state("kv2", 21, told)]

    looked = look.verified(verifying(), a_task(), [covered("kv1"), covered("kv2")], states, at(30))

    assert looked.seen.outcome is Outcome.UNVERIFIED  # type: ignore[union-attr]
    assert f"{vault('kv2')} {told}" in looked.seen.because  # type: ignore[union-attr]


def test_what_was_planned_and_not_deployed_to_is_waited_for_too() -> None:
    rows = [covered("kv1"), a_row("kv2", tried_until=scan(6), cool_until=scan(66))]
    states = [a_state("kv1", 20, "compliant")]

    waiting = look.verified(verifying(), a_task(), rows, states, at(30))
    late = look.verified(verifying(), a_task(), rows, states, at(6) + timedelta(hours=25))

    assert isinstance(waiting.seen, seen.NotYetScanned)
    assert late.seen.outcome is Outcome.UNVERIFIED  # type: ignore[union-attr]


def test_a_round_is_not_verified_before_what_an_earlier_one_mended_is() -> None:
    case = a_case(State.VERIFYING, plan=a_plan("kv1"))
    earlier = replace(covered("kv0"), key=case.key, mended=True, tried_until=scan(4), covered_at=scan(1))
    good, bad = (a_state("kv1", 20, "compliant"), a_state("kv0", 21))

    waiting = look.verified(case, a_task(), [covered("kv1"), earlier], [good], at(30))
    ended = look.verified(case, a_task(), [covered("kv1"), earlier], [good, bad], at(30))

    assert isinstance(waiting.seen, seen.NotYetScanned)
    assert ended.seen.outcome is Outcome.INEFFECTIVE  # type: ignore[union-attr]


def test_whatever_a_task_deployed_to_was_tried() -> None:
    running = a_case(State.RUNNING, plan=a_plan("kv1", "kv2", scope=GROUP))

    looked = look.ended(running, a_task(), (a_deployment("kv1"), a_deployment("kv3")), [a_row("kv1"), a_row("kv2")])

    assert vault("kv3") in [update.resource for update in looked.updates]


def test_a_task_that_a_person_canceled_although_it_was_late_is_canceled() -> None:
    late = a_case(State.RUNNING, timed_out=True)
    cancels = replace(late, settings=replace(late.settings, task=replace(late.settings.task, on_timeout="cancel")))

    by_hand = look.ended(late, a_task("Canceled", 1, 0), (), [a_row("kv1")])
    by_us = look.ended(cancels, a_task("Canceled", 1, 0), (), [a_row("kv1")])

    assert by_hand.seen.outcome is Outcome.CANCELED  # type: ignore[union-attr]
    assert by_us.seen.outcome is Outcome.TIMED_OUT  # type: ignore[union-attr]


def test_a_lost_task_ends_when_it_is_missed() -> None:
    looked = look.gone(a_case(State.RUNNING, opened_at=at(2)), at(120), [a_row("kv1", key=a_key())])

    row = updated(a_row("kv1"), looked.updates[0])
    assert (row.attempts, row.retry_at) == (1, scan(120 + 15))


def test_what_the_task_did_not_touch_and_is_still_non_compliant_makes_the_round_ineffective() -> None:
    untouched = a_row("kv2", tried_until=scan(6), cool_until=scan(66))
    states = [a_state("kv1", 20, "compliant"), a_state("kv2", 21)]

    looked = look.verified(verifying(), a_task(), [covered("kv1"), untouched], states, at(30))

    assert looked.seen.outcome is Outcome.INEFFECTIVE  # type: ignore[union-attr]
    assert vault("kv2") in looked.seen.because  # type: ignore[union-attr]


def test_a_task_whose_deployments_are_not_told_is_not_verified_unseen() -> None:
    case = a_case(State.VERIFYING)
    unseen = a_row("kv1", tried_until=scan(6), cool_until=scan(66))

    waiting = look.verified(case, a_task(), [unseen], [], at(30))
    answered = look.verified(case, a_task(), [unseen], [a_state("kv1", 20, "compliant")], at(30))

    assert not look.rows_suffice(case, a_task(), [unseen])
    assert isinstance(waiting.seen, seen.NotYetScanned)
    assert answered.seen.outcome is Outcome.VERIFIED  # type: ignore[union-attr]


def test_an_ended_task_without_times_does_not_start_another_at_once() -> None:
    task = a_task("Failed", 1, 0, 1, created_on=0, last_updated_on=0)

    looked = look.ended(a_case(State.RUNNING), task, (a_deployment("kv1", "Failed"),), [a_row("kv1", key=a_key())])

    assert updated(a_row("kv1"), looked.updates[0]).retry_at > scan(2)
