"""The model of the limits: two cases that want the one slot there is, workers, a sweep; what is taken and given back.

The limits row is moved by the app's own functions (`responder.core.slots`). Tickets and confirming are left out: a
worker may claim any case that nobody holds, at any time.
"""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple

from responder.core.case import State
from responder.core.rule_settings import Bounds
from responder.core.slots import Denied, Slots, Want, given_back, held, taken
from tests.model.world import Lease, replaced

Steps = Iterator[tuple[str, "Limits"]]
ONE = Bounds(running=1)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
_ALIVE = (State.OPENING, State.RUNNING, State.HELD)


class Case(NamedTuple):
    """One case; its task's name is its round."""

    round: int = 1
    state: State = State.GATHERING
    lease: Lease = Lease.NONE


class Task(NamedTuple):
    """One task in Azure; one that has just been created may not show yet."""

    case: int
    round: int
    visible: bool
    runs: bool = True


class Worker(NamedTuple):
    """One worker, the case as it claimed it, and whether nobody has written it since."""

    at: str = ""
    case: int = 0
    read: Case = Case()
    fresh: bool = False
    after: State = State.CLOSED


class Sweep(NamedTuple):
    """The sweep, and what it has read so far."""

    at: str = ""
    case: int = 0
    round: int = 0
    fresh: bool = True  # nobody has written the limits row since it was read


class Limits(NamedTuple):
    """All there is at one moment."""

    cases: tuple[Case, ...] = (Case(), Case())
    slots: Slots = Slots()
    tasks: tuple[Task, ...] = ()
    workers: tuple[Worker, ...] = (Worker(), Worker())
    sweep: Sweep = Sweep()
    news: int = 1  # so many closed cases may begin another round
    crashes: int = 1


@dataclass(frozen=True, slots=True)
class LimitsDesign:
    """The protocol of the slots as it is; each field makes it wrong in one way."""

    takes_early: bool = False  # a slot is taken before the case's row says `opening`
    reads_case_first: bool = False  # the sweep reads the case before the limits row
    gives_back_late: bool = False  # a worker gives a slot back although its lease is over
    trusts_404: bool = False  # a worker gives a slot back although a task of its case may just not show yet


RIGHT = LimitsDesign()
BEGUN = Limits()


@dataclass(frozen=True, slots=True)
class LimitsProtocol:
    """Two cases and one slot, under one design."""

    design: LimitsDesign = RIGHT
    start: Limits = BEGUN
    named: bool = False

    def steps(self, world: Limits) -> Steps:
        """What can happen next."""
        for words, after in self._all(world):
            yield words, after if self.named else after._replace(workers=tuple(sorted(after.workers)))

    def _all(self, world: Limits) -> Steps:
        for number, worker in enumerate(world.workers):
            me = f"worker {number + 1}"
            steps = self._idle(world, number) if not worker.at else self._busy(world, number)
            yield from ((f"{me} {words}", after) for words, after in steps)
            if worker.at and world.crashes:
                yield f"{me} dies", _at(world, number, Worker())._replace(crashes=world.crashes - 1)
        yield from self._swept(world)
        yield from _around(world)

    def wrong(self, world: Limits) -> str:
        """No more tasks run than the limit allows."""
        running = [name(task.case) for task in world.tasks if task.runs]
        return f"{' and '.join(running)} run at once; the limit is 1" if len(running) > 1 else ""

    def wrong_at_end(self, world: Limits) -> str:
        """Nothing moves any more: every case is over, and no slot is held."""
        open_ = [name(number) for number, case in enumerate(world.cases) if case.state is not State.CLOSED]
        return f"{open_[0]} stands still" if open_ else "a slot is lost" if world.slots.holders else ""

    def round(self, world: Limits) -> int:
        """No case begins more rounds than there is news."""
        return 0

    def shape(self, world: Limits) -> Hashable:
        """Not asked for, as no round begins by itself."""
        return world

    # A worker -------------------------------------------------------------------------------------------------

    def _idle(self, world: Limits, number: int) -> Steps:
        for place, case in enumerate(world.cases):
            if case.state is State.CLOSED or case.lease is Lease.RUNS:
                continue
            opens = case.state is State.HELD and not self.design.takes_early
            read = case._replace(state=State.OPENING if opens else case.state, lease=Lease.RUNS)
            here = Worker(self._first(read), place, read, fresh=True, after=State.OPENING)
            yield f"claims {name(place)}, {case.state}", _at(_written(world, place, read), number, here)

    def _first(self, case: Case) -> str:
        match case.state:
            case State.RUNNING:
                return "LOOK"
            case State.OPENING:
                return "GET" if self.design.takes_early else "TAKE"
            case _:
                return "TAKE" if self.design.takes_early else "W4"

    def _busy(self, world: Limits, number: int) -> Steps:
        worker = world.workers[number]
        match worker.at:
            case "TAKE":
                yield self._take(world, number)
            case "GET":
                yield from self._get(world, number)
            case "BACK":
                yield from self._back(world, number)
            case "LOOK":
                yield from self._look(world, number)
            case _:
                yield _settled(world, number)

    def _take(self, world: Limits, number: int) -> tuple[str, Limits]:
        """The slot; whoever gets none gives back what it may hold, and waits."""
        worker = world.workers[number]
        answer = taken(world.slots, _want(worker), ONE, NOW)
        if isinstance(answer, Denied):
            here = worker._replace(at="W4", after=State.HELD)
            return f"gets no slot for {name(worker.case)}", _at(_limits(world, answer.slots), number, here)
        here = worker._replace(at="GET" if worker.read.state is State.OPENING else "W4")
        return f"takes the slot for {_round(worker)}", _at(_limits(world, answer), number, here)

    def _get(self, world: Limits, number: int) -> Steps:
        """Follow the task, or open it; or something comes first (a pause), and the slot goes back."""
        worker = world.workers[number]
        task = _task(world, worker)
        if task and task.visible:
            slots = held(world.slots, _want(worker), NOW)
            yield f"finds the task of {_round(worker)}", _then(_limits(world, slots), number, State.RUNNING)
            return
        if not _leased(world, worker):
            yield "finds its lease over and sends nothing", _then(world, number, State.OPENING)
        elif task:
            yield "sends its PUT: the task is there already", _then(world, number, State.RUNNING)
        else:
            for visible, words in ((True, ""), (False, "; it does not show yet")):
                tasks = tuple(sorted((*world.tasks, Task(worker.case, worker.read.round, visible))))
                after = _then(world._replace(tasks=tasks), number, State.RUNNING)
                yield f"opens the task of {_round(worker)} (PUT){words}", after
        yield f"is held back from opening {name(worker.case)}", _at(world, number, worker._replace(at="BACK"))

    def _back(self, world: Limits, number: int) -> Steps:
        """Only while its lease runs, and not where an attempt may have made a task that does not show yet."""
        worker = world.workers[number]
        task = _task(world, worker)
        late = not _leased(world, worker) and not self.design.gives_back_late
        doubt = task is not None and not self.design.trusts_404
        if late or doubt:
            yield f"keeps the slot of {_round(worker)}", _then(world, number, State.HELD)
            return
        slots = given_back(world.slots, str(worker.case), worker.read.round)
        yield f"gives the slot of {_round(worker)} back", _then(_limits(world, slots), number, State.HELD)

    def _look(self, world: Limits, number: int) -> Steps:
        """Once the task has ended its slot is given back, and then the case is closed."""
        worker = world.workers[number]
        task = _task(world, worker)
        if task and task.runs:
            yield f"finds the task of {_round(worker)} running", _then(world, number, State.RUNNING)
            return
        slots = given_back(world.slots, str(worker.case), worker.read.round)
        words = f"finds the task of {_round(worker)} ended and gives its slot back"
        yield words, _then(_limits(world, slots), number, State.CLOSED)

    # The sweep ------------------------------------------------------------------------------------------------

    def _swept(self, world: Limits) -> Steps:
        """The limits row, then the holder's case; freed only if the row is still as it was read."""
        here, case = world.sweep, world.cases[world.sweep.case]
        holders = {int(holder.case): holder.round for holder in world.slots.holders}
        match here.at:
            case "" if self.design.reads_case_first:
                for place, each in enumerate(world.cases):
                    if each.state not in _ALIVE:
                        after = world._replace(sweep=Sweep("ROW", place))
                        yield f"the sweep reads {name(place)}: {each.state}", after
            case "":
                for place, round_ in holders.items():
                    after = world._replace(sweep=Sweep("CASE", place, round_))
                    yield f"the sweep reads that {name(place)} holds a slot", after
            case "CASE":
                dead = case.round != here.round or case.state not in _ALIVE
                then = here._replace(at="FREE") if dead else Sweep()
                yield f"the sweep reads {name(here.case)}: {case.state}", world._replace(sweep=then)
            case "ROW":
                then = Sweep("FREE", here.case, holders[here.case]) if here.case in holders else Sweep()
                yield "the sweep reads who holds a slot", world._replace(sweep=then)
            case "FREE":
                slots = given_back(world.slots, str(here.case), here.round) if here.fresh else world.slots
                words = f"frees the slot of {name(here.case)}" if here.fresh else "finds the limits row changed (412)"
                yield f"the sweep {words}", _limits(world, slots)._replace(sweep=Sweep())


def name(case: int) -> str:
    """How a trace names a case."""
    return f"case {'AB'[case]}"


def _round(worker: Worker) -> str:
    return f"{name(worker.case)}, round {worker.read.round}"


def _at(world: Limits, number: int, worker: Worker) -> Limits:
    return world._replace(workers=replaced(world.workers, number, worker))


def _then(world: Limits, number: int, after: State) -> Limits:
    return _at(world, number, world.workers[number]._replace(at="W4", after=after))


def _want(worker: Worker) -> Want:
    return Want(str(worker.case), worker.read.round, "definition", 1, NOW)


def _task(world: Limits, worker: Worker) -> Task | None:
    return next((task for task in world.tasks if task[:2] == (worker.case, worker.read.round)), None)


def _leased(world: Limits, worker: Worker) -> bool:
    return worker.fresh and world.cases[worker.case].lease is Lease.RUNS


def _written(world: Limits, place: int, after: Case) -> Limits:
    """A case is written: every ETag of it that a worker holds is old."""
    workers = tuple(w._replace(fresh=False) if w.at and w.case == place else w for w in world.workers)
    return world._replace(cases=replaced(world.cases, place, after), workers=workers)


def _limits(world: Limits, slots: Slots) -> Limits:
    """The limits row is written (a slot that is held already, too): the sweep's ETag of it is old.

    The order of those who wait and what was opened in the last hour are left out.
    """
    return world._replace(
        slots=replace(slots, waiters=(), opened=()), sweep=world.sweep._replace(fresh=not world.sweep.at)
    )


def _settled(world: Limits, number: int) -> tuple[str, Limits]:
    """W4: whoever was overtaken leaves."""
    worker = world.workers[number]
    if not worker.fresh:
        return "leaves: the case has moved on (W4: 412)", _at(world, number, Worker())
    after = Case(worker.read.round, worker.after)
    words = f"writes {name(worker.case)}: {worker.after} (W4)"
    return words, _at(_written(world, worker.case, after), number, Worker())


def _around(world: Limits) -> Steps:
    """Leases end; tasks show and end; a closed case may begin another round."""
    for place, case in enumerate(world.cases):
        if case.lease is Lease.RUNS:
            over = replaced(world.cases, place, case._replace(lease=Lease.OVER))
            yield f"the lease on {name(place)} is over", world._replace(cases=over)
        if case.state is State.CLOSED and world.news:
            again = _written(world, place, Case(case.round + 1))._replace(news=world.news - 1)
            yield f"{name(place)} begins round {case.round + 1}", again
    for number, task in enumerate(world.tasks):
        if not task.visible:
            shown = replaced(world.tasks, number, task._replace(visible=True))
            yield f"the task of {name(task.case)} shows", world._replace(tasks=shown)
        elif task.runs:
            over_ = replaced(world.tasks, number, task._replace(runs=False))
            yield f"the task of {name(task.case)} ends", world._replace(tasks=over_)
