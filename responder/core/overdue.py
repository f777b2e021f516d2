"""What takes longer than it may: a task over its time, one that cannot be read any more, states that are refused.

Whatever the service goes on refusing must come to an end: a case that asks for ever keeps its slot for ever.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from responder.core import look, seen
from responder.core.case import Case
from responder.core.look import Looked
from responder.core.outcome import Outcome
from responder.core.resource_row import ResourceRow
from responder.core.task import Task

PATIENCE = timedelta(days=1)
"""For so long a task that may exist is asked for although the service refuses to show it."""


def patient(case: Case, now: datetime) -> bool:
    """Whether a task that an unclear attempt may have created is still looked for, whatever the service refuses."""
    return case.attempted_at is not None and now - case.attempted_at <= PATIENCE


def unreadable(case: Case, because: str, rows: Sequence[ResourceRow], now: datetime) -> Looked | None:
    """A task that was refused to us for a day, and should have ended a day ago, is lost; `None` where it is not yet."""
    since, began = case.unread_since, case.opened_at
    if since is None or began is None or now - since < PATIENCE or now - began < case.settings.task.timeout + PATIENCE:
        return None
    looked = look.gone(case, now, rows)
    if not isinstance(looked.seen, seen.TaskEnded):
        return None
    why = f"The task could not be read since {since:%Y-%m-%d %H:%M} UTC, and nobody knows how it ended. {because}"
    return replace(looked, seen=replace(looked.seen, because=why))


def unverifiable(case: Case, task: Task, because: str, rows: Sequence[ResourceRow], now: datetime) -> Looked | None:
    """What events alone say of a task once `verify.atMost` is over and the service refuses to show the states."""
    looked = look.verified(case, task, rows, (), now)
    if not isinstance(looked.seen, seen.Verified):
        return None
    if looked.seen.outcome is not Outcome.UNVERIFIED:
        return looked
    return replace(looked, seen=replace(looked.seen, because=f"{looked.seen.because} {because}"))


def over_time(case: Case) -> Case:
    """The running case, saying so where its task runs for longer than its rule expects."""
    if not case.timed_out or case.task is None or case.task.end is not None:
        return case
    what = "it is canceled" if case.settings.task.on_timeout == "cancel" else "its rule leaves it alone"
    return replace(case, because=f"{case.because} It runs longer than `task.timeout`: {what}.")


def by_whom(case: Case, looked: Looked) -> Looked:
    """A canceled task, with who canceled it and why where that was ordered here."""
    word, end = case.cancel, looked.seen
    if word is None or not isinstance(end, seen.TaskEnded) or end.outcome is not Outcome.CANCELED:
        return looked
    because = end.because.replace("Somebody canceled the task", f"{word.who} canceled the task ({word.why})", 1)
    return replace(looked, seen=replace(end, because=because))
