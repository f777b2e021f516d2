"""What the search for broken promises has found before, each as one short case of its own."""

from datetime import timedelta

from responder.core import look, seen
from responder.core.case import State
from responder.core.outcome import Outcome
from responder.core.resource_row import Leftover, Tried, updated
from tests.core.builders import SETTINGS, a_case, a_deployment, a_plan, a_row, a_task, scan
from tests.scenarios.personas import PERSONAS
from tests.scenarios.schedule import play
from tests.scenarios.schedules import Estate

BODY_OF_TWO = {"properties": {"resourceCount": 2}}


def test_what_a_used_up_count_never_came_to_is_left_for_the_next_round_though_others_failed() -> None:
    plan = a_plan("kv1", "kv2", "kv3", body=BODY_OF_TWO)
    case = a_case(State.RUNNING, plan=plan)
    rows = [a_row(name, key=case.key) for name in ("kv1", "kv2", "kv3")]
    deployments = [a_deployment("kv1"), a_deployment("kv2", "Failed")]

    looked = look.ended(case, a_task("Failed", total=2, succeeded=1, failed=1), deployments, rows)

    assert isinstance(looked.seen, seen.TaskEnded)
    assert (looked.seen.outcome, looked.seen.more) == (Outcome.PARTLY_FAILED, True)
    assert [type(update) for update in looked.updates] == [Tried, Tried, Leftover]


def test_of_three_together_and_a_count_of_two_the_third_is_not_lost_when_the_first_fails() -> None:
    together = PERSONAS[0]
    estate = Estate(((together, 0),) * 3, wrong=((0, 0), (0, 1), (0, 2)), fates=(2,))

    run = play(estate.world(), [])

    third, first_again = (opened.plan.resources for opened in run.stage.promises.opened[1:])
    assert (len(third), len(first_again)) == (1, 1)
    assert third != first_again


def test_a_scan_after_the_cooldown_that_is_still_non_compliant_starts_the_next_round() -> None:
    case = a_case(State.VERIFYING)
    task = a_task()  # ended at minute 6
    cool_until = scan(6) + SETTINGS.cooldown // timedelta(microseconds=1) * 10
    row = a_row(
        key=case.key, minutes=67, covered_at=task.created_on, tried_until=task.last_updated_on, cool_until=cool_until
    )

    looked = look.verified(case, task, [row], (), case.due or row.arrived)

    assert isinstance(looked.seen, seen.Verified)
    assert (looked.seen.outcome, looked.seen.more) == (Outcome.INEFFECTIVE, True)


def test_a_scan_within_the_cooldown_that_is_still_non_compliant_is_owed_another_task_after_it() -> None:
    case = a_case(State.VERIFYING)
    task = a_task()
    row = a_row(
        key=case.key, minutes=30, covered_at=task.created_on, tried_until=task.last_updated_on, cool_until=scan(66)
    )

    looked = look.verified(case, task, [row], (), case.due or row.arrived)

    for update in looked.updates:
        row = updated(row, update)

    assert looked.seen.outcome is Outcome.INEFFECTIVE  # type: ignore[union-attr]
    assert (row.owed, row.retry_at) == (True, scan(66))
