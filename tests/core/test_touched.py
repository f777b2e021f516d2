"""What the journal keeps of an ended task."""

from responder.core import seen
from responder.core.case import State
from responder.core.outcome import Outcome
from responder.core.touched import UNKNOWN, Touched, shortened, touched
from tests.core.builders import a_case, a_deployment, a_plan, a_task, scan, vault


def an_end(outcome: Outcome = Outcome.REMEDIATED, total: int = 1, *names: str) -> seen.TaskEnded:
    rows = tuple(a_deployment(name) for name in names)
    return seen.TaskEnded(a_task("Succeeded", total, total), outcome, "1 of 1", more=False, deployments=rows)


def an_entry(*names: str) -> Touched:
    return touched(a_case(State.RUNNING), a_plan(*names), an_end(Outcome.REMEDIATED, len(names), *names))


def test_every_deployment_is_a_touched_resource() -> None:
    case, plan = a_case(State.RUNNING), a_plan("kv1", "kv2")

    entry = touched(case, plan, an_end(Outcome.REMEDIATED, 1, "kv2"))

    assert [(row.resource, row.status) for row in entry.resources] == [(vault("kv2"), "Succeeded")]
    assert (entry.rule, entry.task, entry.key.ended) == (plan.rule, plan.name, scan(6))


def test_what_the_plan_did_not_name_is_marked() -> None:
    entry = touched(a_case(State.RUNNING), a_plan("kv1"), an_end(Outcome.REMEDIATED, 2, "kv1", "other"))

    assert [(row.resource, row.outside) for row in entry.resources] == [(vault("kv1"), False), (vault("other"), True)]


def test_a_task_that_found_nothing_touched_nothing() -> None:
    entry = touched(a_case(State.RUNNING), a_plan("kv1"), an_end(Outcome.NOTHING_TO_DO, 0))

    assert entry.resources == ()


def test_a_lost_task_may_have_touched_all_that_it_was_for() -> None:
    entry = touched(a_case(State.RUNNING), a_plan("kv1", "kv2"), an_end(Outcome.LOST, 0))

    assert [(row.resource, row.status) for row in entry.resources] == [
        (vault("kv1"), UNKNOWN),
        (vault("kv2"), UNKNOWN),
    ]


def test_the_last_word_is_that_of_the_verification() -> None:
    entry = an_entry("kv1")

    assert entry.result == "remediated"
    assert entry.key.day == "2026-11-20"


def test_what_is_too_large_loses_its_deployment_ids_first_and_its_failures_last() -> None:
    rows = (a_deployment("kv1"), a_deployment("kv2", "Failed", "AuthorizationFailed"))
    end = seen.TaskEnded(a_task(), Outcome.PARTLY_FAILED, "1 of 2", more=False, deployments=rows)
    entry = touched(a_case(State.RUNNING), a_plan("kv1", "kv2"), end)

    once = shortened(entry)
    assert once is not None
    twice = shortened(once)

    assert [row.deployment_id for row in once.resources] == ["", ""]
    assert twice is not None
    assert ([row.resource for row in twice.resources], twice.left_out) == ([vault("kv2")], 1)


def test_what_tells_nothing_any_more_cannot_be_shortened() -> None:
    entry = touched(a_case(State.RUNNING), a_plan("kv1"), an_end(Outcome.NOTHING_TO_DO, 0))

    assert shortened(entry) is None
