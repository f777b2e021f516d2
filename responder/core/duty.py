"""What the person on duty has to know of an app that nobody watches, and what of it needs a person.

Everything that is counted, held back or lost is told; a need is a word, a sentence that says why, and what to do.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from responder.core.backfill_cycle import STOPPED
from responder.core.breaker import Breaker
from responder.core.case import Hold, State
from responder.core.census import Census
from responder.core.orders import Ordered
from responder.core.progress import Progress
from responder.core.slots import Slots

OVERDUE = timedelta(minutes=10)
"""A case is driven again after two ticks; one that waits for so long means that nobody works."""


class Want(StrEnum):
    """What needs a person."""

    PAUSED = "paused"
    STOPPED = "stopped"
    APPROVAL = "waiting-for-approval"
    BREAKER = "breaker-open"
    CANCEL_FAILED = "cancel-failed"
    OVERDUE = "overdue"
    SWEEP_SILENT = "sweep-silent"
    SWEEP_FAILED = "sweep-failed"
    EVENTS_STOPPED = "events-stopped"
    DEAD_LETTERS = "dead-letters"
    POISON = "poison"
    OUTCOMES = "outcomes-waiting"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that needs a person: why, and what to do."""

    want: Want
    because: str
    do: str


@dataclass(frozen=True, slots=True)
class PoisonWaiting:
    """One poison queue: how many wait, and why, as far as it was looked at (reason, and how many)."""

    queue: str
    waiting: int
    reasons: Mapping[str, int]
    because: tuple[str, ...] = ()  # the recorded sentences, each once


@dataclass(frozen=True, slots=True)
class Duty:
    """One look at everything. What could not be read is empty, and `unreadable` says why."""

    now: datetime
    census: Census
    paused: tuple[str, ...] = ()  # why, a sentence for each switch
    paused_parts: tuple[str, ...] = ()  # what of the app is paused, by whom, since when and why
    slots: Slots | None = None
    most_slots: int | None = None  # None where the rules are not at hand
    breakers: tuple[Breaker, ...] = ()  # the open ones
    throttled: tuple[tuple[str, datetime, str], ...] = ()  # subscription, until, because
    container: str = ""
    dead_letters: int = 0
    poison: tuple[PoisonWaiting, ...] = ()
    sweep: tuple[Progress, ...] = ()
    orders: tuple[Ordered, ...] = ()
    unreadable: tuple[str, ...] = ()
    sweep_gap: timedelta = timedelta(minutes=1)
    uncanceled: tuple[str, ...] = ()  # cases that were to be canceled a while ago, and whose tasks run on
    began: datetime | None = None  # when the ledger was made, where that is known
    untold: tuple[datetime, ...] = ()  # since when each outcome event waits for its topic


def needs(duty: Duty) -> tuple[Need, ...]:
    """All that needs a person, the gravest first."""
    held = (*_uncanceled(duty), *_held_back(duty), *_cases(duty))
    return (*_unreadable(duty), *_asleep(duty), *held, *_lost(duty), *_untold(duty))


def _unreadable(duty: Duty) -> Iterator[Need]:
    for why in duty.unreadable:
        yield Need(Want.UNREADABLE, why, "Look at the storage account and at your own rights there.")


def _asleep(duty: Duty) -> Iterator[Need]:
    """Nobody works, or nobody tells."""
    if why := silence(duty.sweep, duty.sweep_gap, duty.now, duty.began):
        yield Need(Want.SWEEP_SILENT, why, "Look whether the app runs: its logs, `sweep_tick`.")
    overdue = duty.census.overdue(duty.now)
    if overdue > max(OVERDUE, 5 * duty.sweep_gap):
        because = f"A case has been due for {ago(overdue)}."
        yield Need(Want.OVERDUE, because, "Look whether the app runs: its logs, the queue `responder-cases`.")
    for job in duty.sweep:
        if job.note.startswith("failed:"):
            yield Need(Want.SWEEP_FAILED, f"The sweep's job {job.job} {job.note}.", "Look at the app's log.")
    if any(STOPPED in job.note for job in duty.sweep):
        because = "States changed in Azure and no event came."
        yield Need(Want.EVENTS_STOPPED, because, "Look at the event subscription: is it there, does it deliver?")


def silence(jobs: Iterable[Progress], gap: timedelta, now: datetime, began: datetime | None = None) -> str | None:
    """Why the app counts as away, by the notes of its sweep; `None` where it works, or has only just begun."""
    ticks = [job.at for job in jobs if job.at]
    latest = max(ticks) if ticks else began
    if latest is not None and now - latest <= max(OVERDUE, 5 * gap):
        return None
    last = f"The last was {ago(now - max(ticks))} ago" if ticks else "None has run yet"
    return f"The sweep does not run. {last}."


def _uncanceled(duty: Duty) -> Iterator[Need]:
    if duty.uncanceled:
        tasks = _many(len(duty.uncanceled), "task was", "tasks were")
        named = ", ".join(each[:10] for each in duty.uncanceled[:5])
        more = f" and {len(duty.uncanceled) - 5} more" if len(duty.uncanceled) > 5 else ""
        because = f"{tasks} ordered to be canceled more than two minutes ago and may still run: {named}{more}."
        do = "`show CASE` says what Azure answered; mend the app's right, or cancel the task in Azure."
        yield Need(Want.CANCEL_FAILED, because, do)


def _held_back(duty: Duty) -> Iterator[Need]:
    for paused in duty.paused:
        yield Need(Want.PAUSED, paused, "Resume when it is meant to go on.")
    for breaker in duty.breakers:
        if why := breaker.why_open:
            yield Need(
                Want.BREAKER, f"{why} ({breaker.definition})", "Find out why its rounds go wrong, then close it."
            )


def _cases(duty: Duty) -> Iterator[Need]:
    counts = duty.census.counts
    stopped = {reason: count for (state, reason), count in counts.items() if state == State.STOPPED}
    if stopped:
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(stopped.items()))
        do = "`cases --state stopped`, `show CASE`; mend the cause, then `release CASE --reason …`."
        yield Need(Want.STOPPED, f"{_many(sum(stopped.values()), 'case is', 'cases are')} stopped: {told}.", do)
    asked = counts.get((State.HELD.value, Hold.WAITING_FOR_APPROVAL.value), 0)
    if asked:
        do = "`cases --state held`, `show CASE`, then `approve` or `reject` with `--reason …`."
        yield Need(Want.APPROVAL, f"{_many(asked, 'plan waits', 'plans wait')} for approval.", do)


def _lost(duty: Duty) -> Iterator[Need]:
    do = "`redrive --dry-run` says what would be driven again, `redrive` does it."
    if duty.dead_letters:
        many = _many(duty.dead_letters, "blob", "blobs")
        yield Need(Want.DEAD_LETTERS, f"{many} of events that Event Grid could not deliver, in {duty.container}.", do)
    for queue in duty.poison:
        if queue.waiting:
            told = ", ".join(f"{count} {reason}" for reason, count in sorted(queue.reasons.items()))
            many = _many(queue.waiting, "message", "messages")
            yield Need(Want.POISON, f"{many} of {queue.queue} failed for good{f': {told}' if told else ''}.", do)


def _untold(duty: Duty) -> Iterator[Need]:
    """A minute is usual; one that waits for longer is refused by its topic, and dropped after a day."""
    longest = duty.now - min(duty.untold, default=duty.now)
    if longest > max(OVERDUE, 5 * duty.sweep_gap):
        many = _many(len(duty.untold), "outcome event waits", "outcome events wait")
        do = "The sweep's job `outcomes` says what the topic answers; after a day they are dropped."
        yield Need(Want.OUTCOMES, f"{many} to be published, the first for {ago(longest)}.", do)


def ago(length: timedelta) -> str:
    """A length of time as people say it."""
    seconds = int(length.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 172_800 else f"{seconds // 86_400} days"


def _many(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}"
