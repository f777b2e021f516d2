"""What the model of the ledger knows: the two tables, the queue, Azure, and how far each process has come.

Everything is a tuple, because worlds are compared and hashed by the million. Random tickets, claims and ETags are
not numbered: all that matters of one is whether the row still carries it, so each process keeps that (`Hold`).
A message under an old ticket moves nothing and is left out. Azure's clock advances when a task ends.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple, TypeVar

from responder.core.case import State

T = TypeVar("T")
ATTEMPTS = 2
"""So many tasks may come to nothing that they were planned for; then what they were planned for is given up."""


class Lease(IntEnum):
    """Whether a worker has written its claim into the case, and whether the claim's lease still runs."""

    NONE = 0
    RUNS = 1
    OVER = 2


class Hold(IntEnum):
    """What became of a case since a worker claimed it: its ticket, its claim, its ETag."""

    GONE = 0  # it has another ticket
    TAKEN = 1  # another worker has claimed it
    NEWS = 2  # an event has written it
    FRESH = 3  # nobody has: the ETag is the worker's own


class Row(NamedTuple):
    """One resource. Case 0 is its group's; case 1 + resource is its own."""

    case: int
    scan: tuple[int, int]  # Azure's clock, and which news it was
    bad: bool
    dealt: int = 0  # the end of the newest task that took care of it
    tried: int = 0  # the end of the newest task that was counted as an attempt
    tries: int = 0

    @property
    def pending(self) -> bool:
        """Whether it asks for a task."""
        return self.bad and self.scan[0] >= self.dealt and self.tries < ATTEMPTS


class Case(NamedTuple):
    """One case; `plan` names resources, and so does `moves` while it hands them over."""

    round: int = 1
    state: State = State.GATHERING
    news: bool = False
    lease: Lease = Lease.NONE
    plan: tuple[int, ...] = ()
    moves: tuple[int, ...] = ()


class Task(NamedTuple):
    """One task in Azure: its name is the case's round, its address the name and the scope, which follows the plan."""

    case: int
    round: int
    plan: tuple[int, ...]
    visible: bool
    creations: int = 1
    end: int = 0  # Azure's clock then; 0 while it runs
    got: tuple[int, ...] = ()  # the resources that it remediated


class Delivery(NamedTuple):
    """One delivery of an event, and how far its handler has come."""

    at: str = ""
    case: int = 0
    sends: bool = False  # the ticket that it is about to send is still the case's


class Worker(NamedTuple):
    """One worker, and how far it has come with the case that it claimed."""

    at: str = ""
    case: int = 0
    read: Case = Case()  # the case as it was claimed
    hold: Hold = Hold.GONE
    todo: tuple[int, ...] = ()  # the resources that it listed, or is at
    after: Case = Case()  # what W4 is to write
    to: int = -1  # the case whose ticket it is about to send


class Sweep(NamedTuple):
    """The sweep, and the case whose new ticket it is about to send."""

    at: str = ""
    case: int = 0


IDLE = Worker()
RESTING = Sweep()


class World(NamedTuple):
    """All there is at one moment."""

    rows: tuple[Row | None, ...]
    cases: tuple[Case | None, ...]
    sent: tuple[bool, ...]  # a message under the case's ticket is on the queue
    tasks: tuple[Task, ...]
    scanned: tuple[int, ...]  # when Azure Policy scanned what each piece of news says; -1: not yet
    mended: tuple[int, ...]  # the end of the newest task that truly remediated each resource
    events: tuple[Delivery, ...]
    workers: tuple[Worker, ...]
    sweep: Sweep
    clock: int
    crashes: int  # so many processes may still die
    old_plans: int  # so many plans may still grow too old


@dataclass(frozen=True, slots=True)
class News:
    """What Azure Policy says of one resource."""

    resource: int
    bad: bool = True


@dataclass(frozen=True, slots=True)
class Scenario:
    """What happens, and how much of it may go wrong."""

    name: str
    news: tuple[News, ...]  # in the order of their scans
    deliveries: tuple[int, ...]  # which news each event brings
    workers: int = 2
    crashes: int = 1
    sweep: bool = True
    splits: bool = False  # the group cannot be one task: each resource goes to a case of its own
    count: int = 9  # so many resources a task remediates before it ends as truncated
    late: bool = False  # a task may take a while to show, and a plan may grow too old
    quick: bool = False  # a task may begin to show and end between a worker's look and its PUT
    known: bool = False  # the rows and their case are there already


@dataclass(frozen=True, slots=True)
class Design:
    """The protocol as it is; each field makes it wrong in one way."""

    lists_first: bool = False  # a worker lists its resources before it claims the case
    silent_by: str = "news"  # what an event's silence depends on: else "state" or "lease"
    plans_again: bool = False  # the plan is computed anew by whoever opens it
    skips_duplicates: bool = False  # an event that changes no row is acknowledged without reading the case
    tells_first: bool = False  # a hand-over writes the new case before it moves the row
    forgets: bool = False  # what a task took care of is forgotten when the round ends
    counts_nothing: bool = False  # a truncated round that came to nothing planned is no attempt
    freezes: bool = False  # a worker may freeze between its last check and its PUT


def replaced(values: tuple[T, ...], at: int, value: T) -> tuple[T, ...]:
    """The tuple with one of its values replaced."""
    return (*values[:at], value, *values[at + 1 :])


def with_worker(world: World, number: int, worker: Worker) -> World:
    """The world after a worker has come further."""
    return world._replace(workers=replaced(world.workers, number, worker))


def with_row(world: World, resource: int, row: Row) -> World:
    """The world after a resource's row is written."""
    return world._replace(rows=replaced(world.rows, resource, row))


def case_name(number: int) -> str:
    """How a trace names a case: by its place."""
    return "the group" if number == 0 else f"r{number}"


def names(resources: tuple[int, ...]) -> str:
    """How a trace names resources."""
    return ", ".join(f"r{resource + 1}" for resource in resources) or "nothing"


# The case's row: who wrote it decides what the others' tickets, claims and ETags are still worth -----------------


def told(world: World, case: int, after: Case) -> World:
    """News is written into the case (E3); ticket and claim stay."""
    return _written(world, case, after, Hold.NEWS)


def claimed(world: World, case: int, after: Case) -> World:
    """A worker claims the case (W1); the ticket stays."""
    return _written(world, case, after, Hold.TAKEN)


def moved(world: World, case: int, after: Case) -> World:
    """The case is written under a new ticket: every message under the old one is void, sent already or not yet."""
    world = _written(world, case, after, Hold.GONE)
    return world._replace(
        sent=replaced(world.sent, case, False),
        sweep=RESTING if world.sweep.case == case else world.sweep,
        workers=tuple(_unsent(worker, case) for worker in world.workers),
        events=tuple(e._replace(sends=False) if e.case == case else e for e in world.events),
    )


def _written(world: World, case: int, after: Case, left: Hold) -> World:
    workers = tuple(w._replace(hold=min(w.hold, left)) if w.at and w.case == case else w for w in world.workers)
    return world._replace(cases=replaced(world.cases, case, after), workers=workers)


def _unsent(worker: Worker, case: int) -> Worker:
    if worker.to != case:
        return worker
    return IDLE if worker.at == "W5" else worker._replace(to=-1)


def sent(world: World, case: int) -> World:
    """A message under the case's ticket is put on the queue."""
    return world._replace(sent=replaced(world.sent, case, True))


# Azure ----------------------------------------------------------------------------------------------------------


def task_of(world: World, case: int, round_: int, plan: tuple[int, ...]) -> Task | None:
    """The task of that name at that scope."""
    return next((task for task in world.tasks if task[:3] == (case, round_, plan)), None)


def with_task(world: World, task: Task) -> World:
    """Azure after one of its tasks has changed, or was created."""
    others = (other for other in world.tasks if other[:3] != task[:3])
    return world._replace(tasks=tuple(sorted((*others, task))))


def newest(scenario: Scenario, world: World, resource: int) -> int | None:
    """Which news is Azure's present state of a resource; `None` where it was never scanned."""
    found = [n for n, news in enumerate(scenario.news) if news.resource == resource and world.scanned[n] >= 0]
    return found[-1] if found else None
