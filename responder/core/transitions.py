"""The one table of transitions: what was seen moves a case from its state, or is refused by name.

Nothing else changes a case's state. A pair that is not in the table is a mistake in this program, or a message
that came to the wrong case: it raises, and the case stays as it was.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from responder.core import instant, seen
from responder.core.case import DEPLOYMENTS_KEPT, HANDED_OVER, STOPS_KEPT, Case, Hold, State, Stop, remember
from responder.core.outcome import Outcome

_LONGEST_HOLD = timedelta(days=1)
_Rule = Callable[[Case, Any, datetime], Case]


class NotInTable(Exception):
    """Something was seen that cannot happen in this state."""


def record(case: Case, what: seen.Seen, now: datetime) -> Case:
    """The case after what was seen; raises `NotInTable` where the pair is not in the table."""
    rule = TABLE.get((case.state, type(what)))
    if rule is None:
        raise NotInTable(
            f"Case {case.id} is {case.state}; {type(what).__name__} cannot happen there. Nothing was changed."
        )
    return remember(rule(case, what, now), now)


def releasable(case: Case) -> bool:
    """Whether it goes on only by a person's word: stopped, or closed by a person's word or silence.

    Azure Policy sends no news while a state stays as it is, so what was canceled or expired would rest for ever.
    """
    ended_by_people = case.state is State.CLOSED and case.outcome in (Outcome.CANCELED, Outcome.EXPIRED)
    return case.state is State.STOPPED or ended_by_people


def released(case: Case, who: str, why: str, now: datetime) -> Case | None:
    """A case after a person's word: the next round begins at once. `None` where it waits for none."""
    if not releasable(case):
        return None
    before = case.stopped_before
    if case.state is State.STOPPED:
        before = (*(under for under in before if under != case.stopped_under), case.stopped_under)
    fresh = replace(case, news=True, refusals=0, approval=None, stopped_under="", stopped_before=before[-STOPS_KEPT:])
    return remember(_next_round(fresh, f"Released by {who}: {why}", now), now)


def replanned(case: Case, because: str, now: datetime) -> Case | None:
    """A held case whose plan nobody tried yet, in a next round that plans anew; `None` where a task may exist."""
    if case.state is not State.HELD or case.plan is None or case.attempted_at is not None:
        return None
    return remember(_next_round(replace(case, news=True, approval=None), because, now), now)


def _not_due(case: Case, what: seen.NotDue, _now: datetime) -> Case:
    return replace(case, due=what.until)


def _unreadable(case: Case, what: seen.Unreadable, now: datetime) -> Case:
    return _held(case, Hold.FACTS_UNREADABLE, what.because, now)


def _throttled(case: Case, what: seen.Throttled, now: datetime) -> Case:
    return _held(case, Hold.THROTTLED, what.because, now, what.until)


def _throttled_on_the_way(case: Case, what: seen.Throttled, now: datetime) -> Case:
    """A task exists: the case stays where it is and only asks later."""
    return replace(_again(case, now, what.until), because=what.because)


def _nothing_left(case: Case, what: seen.NothingLeft, now: datetime) -> Case:
    decided = replace(case, rule=what.rule or case.rule, error_code="")
    return _round_over(decided, what.outcome, what.because, what.more, now=now)


def _given_up(case: Case, what: seen.GivenUp, _now: datetime) -> Case:
    tried = replace(case, rule=what.rule, error_code=what.code)
    return _stopped(tried, Stop.GIVEN_UP, what.because, what.digest)


def _stopped(case: Case, stop: Stop, because: str, digest: str) -> Case:
    outcome = Outcome.REFUSED if stop is Stop.REFUSED else case.outcome
    answered = replace(case, asked_at=None, asked="", approval=None, waiting_since=None, cancel=None)
    return replace(
        answered,
        state=State.STOPPED,
        reason=stop.value,
        outcome=outcome,
        because=because,
        due=None,
        stopped_under=digest,
    )


def _waits(case: Case, what: seen.Waits, now: datetime) -> Case:
    held = _held(case, what.hold, what.because, now, what.until)
    if what.hold is Hold.WAITING_FOR_SLOT:
        return replace(held, waiting_since=case.waiting_since or now)
    return held


def _approval_needed(case: Case, what: seen.ApprovalNeeded, now: datetime) -> Case:
    asked_at = case.asked_at if case.asked == what.digest and case.asked_at else now
    held = _held(case, Hold.WAITING_FOR_APPROVAL, what.because, now, what.until)
    return replace(held, asked=what.digest, asked_at=asked_at, approval=None)


def _expired(case: Case, what: seen.Expired, now: datetime) -> Case:
    return _round_over(replace(case, approval=None), Outcome.EXPIRED, what.because, what.more, now)


def _called_off(case: Case, what: seen.CalledOff, now: datetime) -> Case:
    return _round_over(case, Outcome.CANCELED, what.because, what.more, now)


def _not_allowed(case: Case, what: seen.NotAllowed, now: datetime) -> Case:
    """Tried again like a bad round, as often; then it needs a person."""
    refused = replace(case, refusals=case.refusals + 1, error_code=what.code)
    retry = case.settings.retry("")
    if refused.refusals >= retry.attempts:
        return _refused(refused, seen.Refused(what.because, what.code), now)
    return _held(refused, Hold.WAITING_FOR_RETRY, what.because, now, now + retry.after(refused.refusals))


def _observed(case: Case, what: seen.Observed, now: datetime) -> Case:
    planned = replace(case, plan=what.plan, rule=what.plan.rule, settings=what.settings)
    return _round_over(planned, Outcome.OBSERVED, what.plan.because, what.more, now)


def _planned(case: Case, what: seen.Planned, now: datetime) -> Case:
    return replace(
        case,
        state=State.OPENING,
        reason="",
        because=what.plan.because,
        plan=what.plan,
        rule=what.plan.rule,
        settings=what.settings,
        due=now,
        polls=0,
        attempted_at=None,
    )


def _split(case: Case, what: seen.Split, now: datetime) -> Case:
    decided = replace(case, rule=what.rule or case.rule)
    return replace(decided, state=State.GATHERING, reason=HANDED_OVER, because=what.because, moves=what.moves, due=now)


def _handed_over(case: Case, _what: seen.HandedOver, now: datetime) -> Case:
    return replace(case, moves=(), due=now, polls=0)


def _opened(case: Case, what: seen.TaskSeen, now: datetime) -> Case:
    running = replace(case, state=State.RUNNING, reason="", task=what.task, opened_at=now, polls=0, same_looks=0)
    let_in = replace(running, refusals=0, error_code="", waiting_since=None, asked_at=None, asked="", approval=None)
    return _again(replace(let_in, because=_progress(what)), now)


def _paused(case: Case, what: seen.Paused, now: datetime) -> Case:
    return _held(case, Hold.PAUSED, what.because, now)


def _in_the_way(case: Case, what: seen.TaskInTheWay, now: datetime) -> Case:
    return _held(case, Hold.WAITING_FOR_TASK, what.because, now)


def _refused(case: Case, what: seen.Refused, _now: datetime) -> Case:
    answered = replace(case, error_code=what.code)
    return _stopped(answered, Stop.REFUSED, what.because, case.plan.digest if case.plan else "")


def _too_old(case: Case, what: seen.PlanTooOld, now: datetime) -> Case:
    """The same news is planned anew: it was collected long ago."""
    return replace(_next_round(case, what.because, now), first_news=case.first_news)


def _out_of_time(case: Case, _what: seen.OutOfTime, now: datetime) -> Case:
    return replace(case, due=now)


def _seen_running(case: Case, what: seen.TaskSeen, now: datetime) -> Case:
    before = case.task
    same = what.task.end is not None and before is not None and before == what.task
    grown = _again(case, now) if what.task.end is None else replace(case, due=now + case.settings.poll_first)
    timed_out = case.timed_out or _ran_out(case, what, now)
    return replace(
        grown,
        task=what.task,
        same_looks=case.same_looks + 1 if same else 0,
        timed_out=timed_out,
        because=_progress(what),
    )


def _ran_out(case: Case, what: seen.TaskSeen, now: datetime) -> bool:
    began = instant.moment(what.task.created_on) if what.task.created_on else case.opened_at
    return began is not None and now - began > case.settings.task.timeout


def _not_visible(case: Case, _what: seen.NotVisibleYet, now: datetime) -> Case:
    return replace(_again(case, now), because="The task was just created; Azure does not show it yet.")


def _ended(case: Case, what: seen.TaskEnded, now: datetime) -> Case:
    kept = sorted(what.deployments, key=lambda row: not row.failed)[:DEPLOYMENTS_KEPT]
    code = kept[0].error_code if kept and kept[0].failed else ""
    ended = replace(
        case,
        task=what.task,
        outcome=what.outcome,
        because=what.because,
        polls=0,
        deployments=tuple(kept),
        error_code=code,
    )
    if what.outcome is not Outcome.REMEDIATED:
        return _round_over(ended, what.outcome, what.because, what.more, now)
    due = instant.moment(what.task.last_updated_on) + case.settings.verify_after
    return replace(ended, state=State.VERIFYING, reason="", due=max(due, now))


def _running_again(case: Case, what: seen.TaskSeen, now: datetime) -> Case:
    """Another look shows the task not ended, or another task of that name: back to `running`, same round."""
    running = replace(case, state=State.RUNNING, reason="", outcome=None, task=what.task, polls=0, same_looks=0)
    return _again(replace(running, because=_progress(what)), now)


def _not_scanned(case: Case, what: seen.NotYetScanned, now: datetime) -> Case:
    return replace(_again(case, now, what.until), because=what.because)


def _verified(case: Case, what: seen.Verified, now: datetime) -> Case:
    return _round_over(case, what.outcome, what.because, what.more, now)


def _held(case: Case, hold: Hold, because: str, now: datetime, until: datetime | None = None) -> Case:
    polls = case.polls if case.reason == hold else 0
    held = replace(case, state=State.HELD, reason=hold.value, because=because, polls=polls)
    return _again(held, now, until)


def _again(case: Case, now: datetime, until: datetime | None = None) -> Case:
    """Asks again after a growing wait between `poll.first` and `poll.most`, or when the service says."""
    wait = min(case.settings.poll_first * 2 ** min(case.polls, 20), case.settings.poll_most)
    due = min(until, now + _LONGEST_HOLD) if until and until > now else now + wait
    return replace(case, due=due, polls=case.polls + 1)


def _round_over(case: Case, outcome: Outcome, because: str, more: bool, now: datetime) -> Case:
    closed = replace(
        case,
        state=State.CLOSED,
        reason="",
        outcome=outcome,
        because=because,
        due=None,
        waiting_since=None,
        asked_at=None,
        asked="",
        cancel=None,
    )
    if not more:
        return closed
    return _next_round(remember(closed, now), "More of this case is to be remediated: the next round begins.", now)


def _next_round(case: Case, because: str, now: datetime) -> Case:
    return replace(
        case,
        state=State.GATHERING,
        reason="",
        because=because,
        round=case.round + 1,
        first_news=now,
        due=now,
        polls=0,
        plan=None,
        attempted_at=None,
        opened_at=None,
        task=None,
        deployments=(),
        same_looks=0,
        timed_out=False,
        outcome=None,
    )


def _progress(what: seen.TaskSeen) -> str:
    task = what.task
    return f"Azure calls the task {task.state}: {task.succeeded} succeeded, {task.failed} failed of {task.total}."


_CONFIRMING: Mapping[type, _Rule] = {
    seen.Unreadable: _unreadable,
    seen.Throttled: _throttled,
    seen.NothingLeft: _nothing_left,
    seen.GivenUp: _given_up,
    seen.Waits: _waits,
    seen.Observed: _observed,
    seen.Planned: _planned,
    seen.Split: _split,
}

TABLE: Mapping[tuple[State, type], _Rule] = {
    **{(State.GATHERING, what): rule for what, rule in _CONFIRMING.items()},
    **{(State.HELD, what): rule for what, rule in _CONFIRMING.items()},
    (State.GATHERING, seen.NotDue): _not_due,
    (State.GATHERING, seen.HandedOver): _handed_over,
    (State.OPENING, seen.TaskSeen): _opened,
    (State.OPENING, seen.Paused): _paused,
    (State.OPENING, seen.Throttled): _throttled,
    (State.OPENING, seen.TaskInTheWay): _in_the_way,
    (State.OPENING, seen.Refused): _refused,
    (State.OPENING, seen.NotAllowed): _not_allowed,
    (State.OPENING, seen.Waits): _waits,
    (State.OPENING, seen.ApprovalNeeded): _approval_needed,
    (State.OPENING, seen.Expired): _expired,
    (State.OPENING, seen.CalledOff): _called_off,
    (State.OPENING, seen.PlanTooOld): _too_old,
    (State.OPENING, seen.OutOfTime): _out_of_time,
    (State.RUNNING, seen.TaskSeen): _seen_running,
    (State.RUNNING, seen.NotVisibleYet): _not_visible,
    (State.RUNNING, seen.Throttled): _throttled_on_the_way,
    (State.RUNNING, seen.TaskEnded): _ended,
    (State.VERIFYING, seen.NotYetScanned): _not_scanned,
    (State.VERIFYING, seen.Throttled): _throttled_on_the_way,
    (State.VERIFYING, seen.TaskSeen): _running_again,
    (State.VERIFYING, seen.Verified): _verified,
}
