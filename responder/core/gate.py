"""What must come first before a planned task may be opened, as far as the case itself knows: a person, a window."""

from datetime import datetime

from responder.core import instant, seen
from responder.core.case import Case, Hold, Plan, Word
from responder.core.window import opening


def gate(case: Case, plan: Plan, now: datetime) -> seen.ApprovalNeeded | seen.Expired | seen.Waits | None:
    """Why the task may not be opened yet; `None` where nothing of this kind stands in the way."""
    return _approval(case, plan, now) or _window(case, now)


def _approval(case: Case, plan: Plan, now: datetime) -> seen.ApprovalNeeded | seen.Expired | None:
    """A plan that changed is asked about anew; the question and its answer both lapse after `askFor`."""
    if not plan.ask:
        return None
    word, good_for = case.approval, case.settings.ask_for
    if word is not None and word.digest == plan.approval and now - word.at <= good_for:
        return None
    asked_at = case.asked_at if case.asked == plan.approval and case.asked_at else now
    until = asked_at + good_for
    if until <= now:
        return seen.Expired(_in_vain(plan, asked_at, word))
    changed = (
        " The plan has changed since it was approved." if word is not None and word.digest != plan.approval else ""
    )
    many = "1 resource" if len(plan.resources) == 1 else f"{len(plan.resources)} resources"
    because = (
        f"Rule {plan.rule!r} asks a person first: a task at {plan.scope} for {many}. "
        f"It lapses {instant.iso(instant.of(until))}.{changed}"
    )
    return seen.ApprovalNeeded(because, plan.approval, until)


def _in_vain(plan: Plan, asked_at: datetime, word: Word | None) -> str:
    told = instant.iso(instant.of(asked_at))
    if word is None or word.digest != plan.approval:
        return f"A person was asked at {told} whether to open this task, and nobody approved it in time."
    when = instant.iso(instant.of(word.at))
    return f"Approved by {word.who} at {when}, and the approval lapsed before the task could be opened: {word.why}."


def _window(case: Case, now: datetime) -> seen.Waits | None:
    if case.settings.during is None:
        return None
    found = opening(case.settings.during, now)
    return None if found.open else seen.Waits(Hold.WAITING_FOR_WINDOW, found.because, found.until)
