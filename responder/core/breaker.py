"""The breaker of one definition: after so many bad rounds in a row its tasks wait for a person.

One remediation that fails everywhere would otherwise be tried on every resource of the estate. A round counts once,
however often it is told (a worker may die and tell it again), and only a person closes an open breaker.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from responder.core import instant
from responder.core.case import Word
from responder.core.outcome import Outcome

BAD = frozenset({Outcome.FAILED, Outcome.PARTLY_FAILED, Outcome.INEFFECTIVE, Outcome.TIMED_OUT, Outcome.LOST})
"""What counts as a bad round. `verified` is a good one; all other outcomes say nothing about the definition."""
_SHOWN = 10
_REMEMBERED = 300
"""Rounds whose repeat is known: more than tasks of one definition can end at the same time (Azure runs 100)."""


@dataclass(frozen=True, slots=True)
class Round:
    """A round as a breaker counts it; `created_on` of its task, in ticks."""

    case: str
    number: int
    created_on: int
    outcome: Outcome

    @property
    def key(self) -> str:
        """What a repeat is known by: a round may be bad once and good once, whatever it is called."""
        return f"{self.case} {self.number} {self.created_on} {'bad' if self.outcome in BAD else 'good'}"


@dataclass(frozen=True, slots=True)
class BadRound:
    """A bad round, for the person who looks why the breaker opened."""

    case: str
    round: int
    outcome: Outcome
    at: datetime


@dataclass(frozen=True, slots=True)
class Breaker:
    """`in_a_row` bad rounds since the last good one; open since `opened_at`, or closed; `closed` says by whom last."""

    definition: str
    in_a_row: int = 0
    bad: tuple[BadRound, ...] = ()
    told: tuple[str, ...] = ()
    opened_at: datetime | None = None
    closed: Word | None = None

    @property
    def why_open(self) -> str | None:
        """Why no task of this definition is opened, since when, and how to go on; `None` where it is closed."""
        if self.opened_at is None:
            return None
        last = ", ".join(f"{bad.case} {bad.outcome}" for bad in self.bad[-5:])
        since = instant.iso(instant.of(self.opened_at))
        return (
            f"The breaker of this definition is open since {since}: {self.in_a_row} bad rounds in a row, "
            f"the last: {last}. Look at them, then run {_command(self.definition)}."
        )


def recorded(breaker: Breaker, round: Round, bad_rounds: int, now: datetime) -> Breaker:  # noqa: A002
    """The breaker once it was told how a round ended; itself where that changes nothing."""
    bad = round.outcome in BAD
    if not (bad or round.outcome is Outcome.VERIFIED) or round.key in breaker.told:
        return breaker
    told = (*breaker.told, round.key)[-_REMEMBERED:]
    if not bad:  # an open one stays open, with the count that opened it, until a person closes it
        return replace(breaker, in_a_row=breaker.in_a_row if breaker.opened_at else 0, told=told)
    shown = (*breaker.bad, BadRound(round.case, round.number, round.outcome, now))[-_SHOWN:]
    in_a_row = breaker.in_a_row + 1
    opened_at = breaker.opened_at or (now if in_a_row >= bad_rounds else None)
    return replace(breaker, in_a_row=in_a_row, bad=shown, told=told, opened_at=opened_at)


def closed(breaker: Breaker, word: Word) -> Breaker:
    """The breaker as a person closed it; what was told before does not count again."""
    return replace(breaker, in_a_row=0, opened_at=None, closed=word)


def unreadable(definition: str, why: str) -> str:
    """What is said where the breaker cannot be read, which counts as open."""
    return f"The breaker of {definition} could not be read, which counts as open. {why}"


def _command(definition: str) -> str:
    return f"`python -m responder resume --definition {definition} --reason TEXT`"
