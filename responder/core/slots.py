"""Who may run a task now, and who waits: the limits of the app, held by all its instances together.

A value, changed by pure functions; the store keeps it in one row. A slot belongs to a case and its round, so taking
twice is taking once. Clocks of instances may be some seconds apart; nothing here depends on their order.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from responder.core import instant
from responder.core.room import Room
from responder.core.rule_settings import Bounds

MOST_WAITERS = 500
FORGOTTEN_AFTER = timedelta(minutes=15)
"""A waiter that was not heard of for so long may be dead; it asks every five minutes."""
HEARD_LATELY = timedelta(minutes=4)
_KEPT_MINUTES = 62
"""A minute's count goes when the whole minute is older than an hour, by any clock: one minute more for their spread."""


@dataclass(frozen=True, slots=True)
class Want:
    """A case that wants to open its round's task; `since` when it waits."""

    case: str
    round: int
    definition: str
    resources: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """A case that holds a slot, `since` when. `sure` is False where the row was lost and it may or may not run."""

    case: str
    round: int
    definition: str
    since: datetime
    resources: int = 0
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Waiter:
    """A case that was denied a slot, and when it last asked."""

    case: str
    definition: str
    resources: int
    since: datetime
    heard_at: datetime


@dataclass(frozen=True, slots=True)
class Slots:
    """Holders, the oldest waiters in their order, and how many resources were opened for in which minute since 1970."""

    holders: tuple[Holder, ...] = ()
    waiters: tuple[Waiter, ...] = ()
    opened: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Denied:
    """No slot, and why, for the person at night. `slots` knows of the waiter; unchanged where it did before."""

    slots: Slots
    because: str


def taken(slots: Slots, want: Want, bounds: Bounds, now: datetime) -> Slots | Denied:
    """One slot for the case's round, if the limits and older cases leave room; taking it again changes nothing."""
    mine = _of(slots, want.case)
    if mine is not None and mine.round > want.round:
        return Denied(slots, f"a newer round ({mine.round}) of this case holds a slot")
    if mine is not None and mine.round == want.round:
        return slots if mine.sure else _confirmed(slots, mine, want, bounds, now)
    others = _without_holder(slots, want.case)
    older = [waiter for waiter in _awaited(others, now) if _age(waiter) < _age(want) and waiter.case != want.case]
    room = _room(others, others.holders, bounds, now)
    for waiter in older:
        room = room.less(waiter.definition, waiter.resources)
    if lack := room.lack(want.definition, want.resources):
        never = want.resources > bounds.resources_per_hour
        return Denied(others if never else _listed(others, want, now), lack + _queue(len(older)))
    return _holding(others, want, now)


def held(slots: Slots, want: Want, now: datetime) -> Slots:
    """A slot whatever the limits: the task runs already. Charged to the hour once."""
    mine = _of(slots, want.case)
    if mine is not None and (mine.round > want.round or (mine.round == want.round and mine.sure)):
        return slots
    return _holding(_without_holder(slots, want.case), want, now)


def given_back(slots: Slots, case: str, round: int, unused: bool = False) -> Slots:  # noqa: A002
    """The slots without this round's; a case that waits goes on waiting.

    `unused`: no task was asked for, so the hour gets its resources back.
    """
    mine = _of(slots, case)
    if mine is None or mine.round != round:
        return slots
    back = {_minute(mine.since): mine.resources} if unused and mine.sure else {}
    opened = tuple((minute, max(0, count - back.get(minute, 0))) for minute, count in slots.opened)
    return replace(_without_holder(slots, case), opened=opened)


def left(slots: Slots, case: str) -> Slots:
    """The slots without the case among the waiters: it wants none any more."""
    waiters = tuple(waiter for waiter in slots.waiters if waiter.case != case)
    return slots if len(waiters) == len(slots.waiters) else replace(slots, waiters=waiters)


def next_up(slots: Slots, bounds: Bounds, now: datetime) -> tuple[str, ...]:
    """The oldest waiters for whom there is room now, one slot each.

    Before them, after a loss, holders that are not sure and have room: one that was denied waits and keeps the others
    out, and it is on no list.
    """
    unsure = [mine for mine in slots.holders if not mine.sure and _lack(slots, mine, mine, bounds, now) is None]
    served = _served(_room(slots, slots.holders, bounds, now), _awaited(slots, now))
    return (*(holder.case for holder in sorted(unsure, key=_since)), *served)


def rebuilt(holders: Iterable[Holder]) -> Slots:
    """What is known once the row was lost: who holds a slot, one round of each case, and what those were opened for."""
    newest = {holder.case: holder for holder in sorted(holders, key=lambda holder: holder.round)}
    counted = Counter[int]()
    for holder in newest.values():
        if holder.sure:
            counted[_minute(holder.since)] += holder.resources
    return Slots(tuple(newest.values()), (), tuple(sorted(counted.items())))


def _confirmed(slots: Slots, mine: Holder, want: Want, bounds: Bounds, now: datetime) -> Slots | Denied:
    """After a loss more cases may be opening than may run: those that are sure come first, then the oldest."""
    if lack := _lack(slots, mine, want, bounds, now):
        return Denied(slots, lack)
    return _holding(_without_holder(slots, want.case), want, now)


def _lack(slots: Slots, mine: Holder, want: Want | Holder, bounds: Bounds, now: datetime) -> str | None:
    """What a holder that is not sure lacks for its task, once those before it have theirs."""
    first = [holder for holder in slots.holders if holder.sure or _since(holder) < _since(mine)]
    return _room(slots, first, bounds, now).lack(want.definition, want.resources)


def _since(holder: Holder) -> tuple[datetime, str]:
    return holder.since, holder.case


def _room(slots: Slots, holders: Iterable[Holder], bounds: Bounds, now: datetime) -> Room:
    """What these holders leave; the hour is also kept for those that are not sure and may open still."""
    holders = tuple(holders)
    hour = sum(count for _, count in _counted(slots, now))
    unsure = sum(holder.resources for holder in holders if not holder.sure)
    return Room(bounds, len(holders), Counter(holder.definition for holder in holders), hour + unsure)


def _served(room: Room, waiters: Iterable[Waiter]) -> Iterator[str]:
    for waiter in waiters:
        if room.lack(waiter.definition, waiter.resources) is None:
            yield waiter.case
        room = room.less(waiter.definition, waiter.resources)


def _holding(slots: Slots, want: Want, now: datetime) -> Slots:
    """The slots with one more holder; whoever was forgotten in the meantime goes with the same write."""
    counted = Counter(dict(_counted(slots, now)))
    counted[_minute(now)] += want.resources
    return Slots(
        (*slots.holders, Holder(want.case, want.round, want.definition, now, want.resources)),
        tuple(waiter for waiter in _awaited(slots, now) if waiter.case != want.case),
        tuple(sorted(counted.items())),
    )


def _listed(slots: Slots, want: Want, now: datetime) -> Slots:
    """The slots with the case among the waiters; the same where it was heard of lately, or where 500 are older."""
    waiter = Waiter(want.case, want.definition, want.resources, want.since, now)
    known = next((each for each in slots.waiters if each.case == want.case), None)
    if known is not None and replace(known, heard_at=now) == waiter and now - known.heard_at < HEARD_LATELY:
        return slots
    others = [each for each in _awaited(slots, now) if each.case != want.case]
    waiters = sorted((*others, waiter), key=_age)[:MOST_WAITERS]
    return replace(slots, waiters=tuple(waiters)) if waiter in waiters else slots


def _awaited(slots: Slots, now: datetime) -> tuple[Waiter, ...]:
    return tuple(waiter for waiter in slots.waiters if now - waiter.heard_at < FORGOTTEN_AFTER)


def _counted(slots: Slots, now: datetime) -> tuple[tuple[int, int], ...]:
    return tuple((minute, count) for minute, count in slots.opened if _minute(now) - minute < _KEPT_MINUTES and count)


def _of(slots: Slots, case: str) -> Holder | None:
    return next((holder for holder in slots.holders if holder.case == case), None)


def _without_holder(slots: Slots, case: str) -> Slots:
    holders = tuple(holder for holder in slots.holders if holder.case != case)
    return slots if len(holders) == len(slots.holders) else replace(slots, holders=holders)


def _age(one: Want | Waiter) -> tuple[datetime, str]:
    return one.since, one.case


def _queue(older: int) -> str:
    return f"; {older} {'case is' if older == 1 else 'cases are'} older" if older else ""


def _minute(now: datetime) -> int:
    return instant.of(now) // (60 * instant.TICKS_PER_SECOND)
