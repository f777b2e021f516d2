"""One reading of all present states within the boundary: how far it has come, and what it found.

A tick reads a page or two and writes down where it is, so that a reading that is broken off goes on there. At the end
of a cycle it is known whether events still come: changes are found that no event told, and no event is found.
"""

from dataclasses import dataclass, replace
from datetime import datetime

STOPPED = "events have stopped although states changed"


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
    """One reading of everything within the boundary, as far as it has come."""

    began: datetime
    scopes: tuple[str, ...]
    scope: int = 0  # the place of the scope that is being read
    link: str = ""  # to the page that is being read; "" for the first
    offset: int = 0  # states of that page that are done
    done: Tally = Tally()  # of the scopes before
    here: Tally = Tally()  # of this scope
    unread: tuple[str, ...] = ()  # scopes that could not be read, and why
    until: datetime | None = None  # Azure asked us to wait

    @property
    def over(self) -> bool:
        """Whether every scope was read."""
        return self.scope >= len(self.scopes)

    @property
    def tally(self) -> Tally:
        """All that was found."""
        return self.done.plus(self.here)

    def found(self, tally: Tally, states: int) -> "Cycle":
        """After so many more states of the page."""
        return replace(self, here=self.here.plus(tally), offset=self.offset + states)

    def turned(self, following: str | None) -> "Cycle":
        """After the end of a page: the next one, or the next scope."""
        if following:
            return replace(self, link=following, offset=0)
        return self._next_scope(self.tally)

    def skipped(self, why: str) -> "Cycle":
        """After a scope that cannot be read."""
        return replace(self._next_scope(self.tally), unread=(*self.unread, why)[:20])

    def started_over(self) -> "Cycle":
        """The scope from its first page: a link that was written down leads nowhere any more."""
        return replace(self, link="", offset=0, here=Tally())

    def _next_scope(self, tally: Tally) -> "Cycle":
        return replace(self, scope=self.scope + 1, link="", offset=0, done=tally, here=Tally())


@dataclass(frozen=True, slots=True)
class Result:
    """What the last whole cycle found."""

    ended: datetime
    tally: Tally
    rules: str  # the digest of all rules then
    stopped: bool = False  # states changed and no event came

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


def in_words(result: Result, unread: tuple[str, ...], refused: tuple[str, ...]) -> str:
    """The end of a cycle, for people."""
    tally = result.tally
    told = [
        f"{tally.states} non-compliant states read, {tally.wanted} wanted by a rule, "
        f"{tally.unannounced} of them unannounced, {tally.admitted} admitted, {tally.renewed} admitted again"
    ]
    if tally.unreadable:
        told.append(f"{tally.unreadable} states hold an id or a time that cannot be read")
    if result.stopped:
        told.insert(0, STOPPED)
    told += [f"no query can name {entry} of 'within'" for entry in refused]
    return "; ".join([*told, *unread]) + "."
