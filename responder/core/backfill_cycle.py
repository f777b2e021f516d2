"""One reading of all present states within the boundary: how far it has come, and what it found.

A tick reads a page or two and writes down where it is, so that a reading that is broken off goes on there. At the end
of a cycle it is known whether events still come: changes are found that no event told, and no event is found.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

STOPPED = "events have stopped although states changed"
_MOST_WHYS, _LONGEST_WHY = 5, 500


@dataclass(frozen=True, slots=True)
class Tally:
    """What a reading found so far."""

    states: int = 0
    unreadable: int = 0  # rows that hold an id or a time that cannot be read
    wanted: int = 0  # states that the door would let in
    unannounced: int = 0  # of these
    lately: int = 0  # of these, scanned within a day
    announced: int = 0  # of the wanted: told by an event within a day
    admitted: int = 0  # unannounced ones that were taken in
    renewed: int = 0  # known ones that were taken in again, with their newer scan

    def plus(self, other: "Tally") -> "Tally":
        """Both together."""
        return Tally(*(getattr(self, name) + getattr(other, name) for name in Tally.__slots__))


@dataclass(frozen=True, slots=True)
class Cycle:
    """One reading of everything within the boundary, as far as it has come. The scopes come ordered."""

    began: datetime
    scope: str | None  # that is being read; None: the cycle is over
    link: str = ""  # to the page that is being read; "" for the first
    offset: int = 0  # states of that page that are done
    done: Tally = Tally()  # of the scopes before
    here: Tally = Tally()  # of this scope
    unread: tuple[str, ...] = ()  # scopes that could not be read, and why
    until: datetime | None = None  # Azure asked us to wait

    @property
    def tally(self) -> Tally:
        """All that was found."""
        return self.done.plus(self.here)

    def found(self, tally: Tally, states: int) -> "Cycle":
        """After so many more states of the page."""
        return replace(self, here=self.here.plus(tally), offset=self.offset + states)

    def turned(self, following: str | None, scopes: Sequence[str]) -> "Cycle":
        """After the end of a page: the next one, or the next scope."""
        if following:
            return replace(self, link=following, offset=0)
        after = next((scope for scope in scopes if self.scope is not None and scope > self.scope), None)
        return replace(self, scope=after, link="", offset=0, done=self.tally, here=Tally())

    def skipped(self, why: str, scopes: Sequence[str]) -> "Cycle":
        """After a scope that cannot be read."""
        return replace(self.turned(None, scopes), unread=(*self.unread, why[:_LONGEST_WHY])[:_MOST_WHYS])

    def started_over(self) -> "Cycle":
        """The scope from its first page: a link that was written down leads nowhere any more."""
        return replace(self, link="", offset=0, here=Tally())


def begun(scopes: Sequence[str], now: datetime) -> Cycle:
    """A cycle before its first page."""
    return Cycle(now, next(iter(scopes), None))


@dataclass(frozen=True, slots=True)
class Result:
    """What the last whole cycle found."""

    began: datetime
    ended: datetime
    tally: Tally
    rules: str  # the digest of all rules then
    stopped: bool = False  # states changed and no event came
    unread: tuple[str, ...] = ()  # what could not be read, and why

    @property
    def left(self) -> int:
        """Unannounced states that were not taken in: they are unannounced the next time, too."""
        return self.tally.unannounced - self.tally.admitted


@dataclass(frozen=True, slots=True)
class Memory:
    """What backfill keeps between ticks."""

    cycle: Cycle | None = None
    last: Result | None = None


def silent(tally: Tally, last: Result | None, rules: str) -> bool:
    """Whether wanted states changed within a day and not one of the wanted ones was told by an event.

    The first cycle, and the first under other rules, only takes stock: what it finds may be older than the app.
    """
    if last is None or last.rules != rules or not tally.lately or tally.announced:
        return False
    return last.stopped or tally.unannounced > last.left


def in_words(result: Result) -> str:
    """The end of a cycle, for people."""
    tally = result.tally
    told = [
        f"{tally.states} non-compliant states read, {tally.wanted} wanted by a rule, "
        f"{tally.unannounced} of them unannounced, {tally.admitted} admitted, {tally.renewed} admitted again"
    ]
    if tally.unreadable:
        told.append(f"{tally.unreadable} states hold an id or a time that cannot be read")
    return "; ".join([STOPPED] * result.stopped + told + list(result.unread)) + "."


def under_way(cycle: Cycle, last: Result | None) -> str:
    """Where a cycle is, after what the last one found, for people."""
    at = f"Reading {cycle.scope}, {cycle.tally.states} states so far."
    waits = f" Azure asks us to wait until {cycle.until:%Y-%m-%d %H:%M:%S} UTC." if cycle.until else ""
    return f"{in_words(last)} {at}{waits}" if last else at + waits
