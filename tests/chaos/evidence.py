"""What a run left behind, as plain values: what Azure saw, what was traced, what the ledger knows at the end.

The checks look at nothing else, so that a made-up log can show that each of them finds what it is for.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.chaos.places import Vault
from tests.chaos.size import Size


@dataclass(frozen=True, slots=True)
class Opened:
    """A task that Azure accepted. `deployed`: the resources it made a deployment for. `ended` is None while it runs."""

    name: str
    scope: str
    assignment: str
    definition: str
    count: int
    created: datetime
    ended: datetime | None
    deployed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Call:
    """A request that arrived at Azure; `subscription` is empty above subscriptions. Times are Azure's."""

    client: str
    method: str
    path: str
    subscription: str
    at: datetime
    status: int | None = None
    answered: datetime | None = None
    retry_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Pause:
    """From when the switch was surely set until it may have been unset."""

    begin: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Root:
    """The root span of a round, as one host wrote it."""

    case: str
    round: int
    task: str
    span: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger says of one resource: its newest scan (ticks), and whether its case gave it up."""

    scan: int
    given_up: bool


@dataclass(frozen=True, slots=True)
class Event:
    """An event that was acknowledged."""

    id: str
    resource: str
    scan: int
    noncompliant: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is judged. `put_limit` is the time limit of one PUT, `deaths` when each host was killed."""

    size: Size
    vaults: tuple[Vault, ...]
    events: tuple[Event, ...] = ()
    decided: frozenset[str] = frozenset()  # ids of events that have a span
    tasks: tuple[Opened, ...] = ()
    calls: tuple[Call, ...] = ()
    pauses: tuple[Pause, ...] = ()
    roots: tuple[Root, ...] = ()
    known: tuple[tuple[str, Known], ...] = ()
    broken: frozenset[str] = frozenset()  # resources that are non-compliant at the end
    unfinished: tuple[str, ...] = ()  # cases that had something to come when the patience ended
    deaths: tuple[tuple[str, datetime], ...] = ()
    put_limit: timedelta = timedelta(seconds=4)
    lag: timedelta = timedelta()  # the latest that this machine ever woke somebody who slept
