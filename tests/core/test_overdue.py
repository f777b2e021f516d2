"""What takes longer than it may comes to an end, and says why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from responder.core import look, overdue, seen
from responder.core.case import State, Word
from responder.core.outcome import Outcome
from responder.core.rule_settings import TaskSettings
from tests.core.builders import SETTINGS, a_case, a_row, a_task, at

LATE = at(60 * 24 * 3)
HIDDEN = "reading the task: HTTP 403, AuthorizationFailed"


def test_a_task_is_lost_once_it_was_refused_for_a_day_and_its_time_is_over_for_a_day() -> None:
    case = a_case(State.RUNNING, opened_at=at(0), unread_since=LATE - timedelta(days=1))

    looked = overdue.unreadable(case, HIDDEN, [a_row(key=case.key)], LATE)

    assert looked is not None
    assert isinstance(looked.seen, seen.TaskEnded)
    assert (looked.seen.outcome, HIDDEN in looked.seen.because) == (Outcome.LOST, True)


@pytest.mark.parametrize(
    ("opened", "unread"),
    [(at(0), LATE - timedelta(hours=23)), (LATE - timedelta(days=1), LATE - timedelta(days=1)), (at(0), None)],
    ids=["refused for less than a day", "not over its time for a day", "never refused"],
)
def test_a_task_that_may_still_be_seen_is_not_lost(opened: object, unread: object) -> None:
    case = a_case(State.RUNNING, opened_at=opened, unread_since=unread)

    assert overdue.unreadable(case, HIDDEN, [a_row(key=case.key)], LATE) is None


def test_a_verification_that_may_not_be_read_goes_on_until_verify_at_most() -> None:
    case, task = a_case(State.VERIFYING), a_task()

    assert overdue.unverifiable(case, task, HIDDEN, [a_row(key=case.key)], at(30)) is None


@pytest.mark.parametrize(("on_timeout", "told"), [("leave", "its rule leaves it alone"), ("cancel", "it is canceled")])
def test_a_task_over_its_time_says_so(on_timeout: str, told: str) -> None:
    settings = replace(SETTINGS, task=replace(TaskSettings(), on_timeout=on_timeout))
    case = a_case(State.RUNNING, task=a_task("Running"), timed_out=True, settings=settings)

    assert overdue.over_time(case).because.endswith(f"It runs longer than `task.timeout`: {told}.")
    assert overdue.over_time(replace(case, timed_out=False)).because == case.because


def test_a_canceled_task_says_who_canceled_it_and_why() -> None:
    case = a_case(State.RUNNING, cancel=Word("anna", "the vault is being moved", at(3)))
    ended = look.ended(case, a_task("Canceled", 1, 0), (), [a_row(key=case.key)])

    end = overdue.by_whom(case, ended).seen

    assert isinstance(end, seen.TaskEnded)
    assert end.because.startswith("anna canceled the task (the vault is being moved): ")
