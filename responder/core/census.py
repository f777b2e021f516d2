"""How many cases are where, and how long the one that waits longest is overdue: what `status` and the gauges tell."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from responder.core.case import HANDED_OVER, Hold, State, Stop

_QUIET = (State.GATHERING, State.OPENING, State.RUNNING, State.VERIFYING)
PLACES: tuple[tuple[str, str], ...] = (
    *((state.value, "") for state in _QUIET),
    (State.GATHERING.value, HANDED_OVER),
    *((State.HELD.value, reason.value) for reason in Hold),
    *((State.STOPPED.value, reason.value) for reason in Stop),
)
"""Every state and reason that an open case can have: a gauge tells all of them, the empty ones as 0."""
_FOR_A_PERSON = (Hold.WAITING_FOR_APPROVAL, Hold.PAUSED, Hold.BREAKER_OPEN)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one case is, without the rest of it."""

    state: str
    reason: str
    due: datetime | None
    rule: str = ""

    @property
    def goes_on_by_itself(self) -> bool:
        """Whether it may open a task once it is due: no person's word is missing, and it has none yet."""
        waits = self.state == State.HELD and self.reason not in _FOR_A_PERSON
        return waits or self.state in (State.GATHERING, State.OPENING)


@dataclass(frozen=True, slots=True)
class Census:
    """Open cases by state and reason."""

    counts: Mapping[tuple[str, str], int]
    oldest_due: datetime | None = None
    complete: bool = True  # else there are more than were counted
    soon: Mapping[str, int] = field(default_factory=dict)  # those that may open a task soon, by rule

    @property
    def open_cases(self) -> int:
        """How many cases are not closed."""
        return sum(self.counts.values())

    def overdue(self, now: datetime) -> timedelta:
        """How long the case that was to be looked at first is waiting; nothing where none is due."""
        if self.oldest_due is None or self.oldest_due > now:
            return timedelta(0)
        return now - self.oldest_due


def census_of(places: Iterable[Place], most: int, soon: datetime | None = None) -> Census:
    """Count open cases, at most so many of them; `soon` says until when a case must be due to be due soon."""
    counts: dict[tuple[str, str], int] = {}
    by_rule: dict[str, int] = {}
    oldest: datetime | None = None
    for number, place in enumerate(places, start=1):
        if number > most:
            return Census(counts, oldest, complete=False, soon=by_rule)
        where = (place.state, place.reason)
        counts[where] = counts.get(where, 0) + 1
        if place.due is not None and (oldest is None or place.due < oldest):
            oldest = place.due
        if soon is not None and place.due is not None and place.due <= soon and place.goes_on_by_itself:
            by_rule[place.rule] = by_rule.get(place.rule, 0) + 1
    return Census(counts, oldest, soon=by_rule)
