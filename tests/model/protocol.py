"""The model of the ledger: events, workers and a sweep on two tables, a queue and Azure; and what must hold."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from itertools import combinations

from responder.core.case import State
from tests.model.events import event_steps
from tests.model.work import bad_now
from tests.model.workers import worker_steps
from tests.model.world import (
    ATTEMPTS,
    IDLE,
    RESTING,
    Case,
    Delivery,
    Design,
    Hold,
    Lease,
    Row,
    Scenario,
    Sweep,
    Task,
    Worker,
    World,
    case_name,
    moved,
    names,
    replaced,
    sent,
    with_task,
)

Steps = Iterator[tuple[str, World]]
_CAN_ONLY_LEAVE = ("W1", "W4", "GET", "PUT")


RIGHT = Design()


@dataclass(frozen=True, slots=True)
class Protocol:
    """One scenario under one design. Workers are alike: `named` keeps them apart, for a trace to be read."""

    scenario: Scenario
    design: Design = RIGHT
    named: bool = False

    @property
    def start(self) -> World:
        """The first scan was made; or, where the scenario says so, all rows are there and wait to be confirmed."""
        told = self.scenario
        resources = 1 + max(news.resource for news in told.news)
        cases = 1 + (resources if told.splits else 0)
        rows = [Row(0, (0, number), bad=True) if told.known else None for number in range(resources)]
        first = Case(news=True) if told.known else None
        return World(
            rows=tuple(rows),
            cases=(first, *[None] * (cases - 1)),
            sent=(told.known, *[False] * (cases - 1)),
            tasks=(),
            scanned=tuple(0 if told.known or number == 0 else -1 for number in range(len(told.news))),
            mended=(0,) * resources,
            events=(Delivery(),) * len(told.deliveries),
            workers=(IDLE,) * told.workers,
            sweep=RESTING,
            clock=0,
            crashes=told.crashes,
            old_plans=int(told.late),
        )

    def steps(self, world: World) -> Steps:
        """What can happen next."""
        for words, after in self._all(world):
            yield words, _tidy(after, self.named)

    def _all(self, world: World) -> Steps:
        yield from event_steps(self.scenario, self.design, world)
        yield from worker_steps(self.scenario, self.design, world)
        if self.scenario.sweep:
            yield from _sweep_steps(world)
        yield from _azure_steps(self.scenario, world)
        for number, case in enumerate(world.cases):
            if case and case.lease is Lease.RUNS:
                over = replaced(world.cases, number, case._replace(lease=Lease.OVER))
                yield f"the lease on the case of {case_name(number)} is over", world._replace(cases=over)

    def wrong(self, world: World) -> str:
        """No name is opened twice, and no case has two tasks at once."""
        for task in world.tasks:
            if task.creations > 1:
                return f"the task of {case_name(task.case)}, round {task.round}, was opened twice"
        running = [task.case for task in world.tasks if not task.end]
        return f"two tasks run for {case_name(running[0])}" if len(set(running)) < len(running) else ""

    def wrong_at_end(self, world: World) -> str:
        """Nothing moves any more: what is non-compliant was remediated since, or is given up for a person to see."""
        for resource, row in enumerate(world.rows):
            scans = [
                scan for scan, news in zip(world.scanned, self.scenario.news, strict=True) if news.resource == resource
            ]
            given_up = row is not None and row.tries >= ATTEMPTS
            if bad_now(self.scenario, world, resource) and world.mended[resource] <= max(scans) and not given_up:
                return f"r{resource + 1} is lost: non-compliant, no task came to it, and nothing moves any more"
        return ""

    def round(self, world: World) -> int:
        """All rounds that were begun."""
        return sum(case.round for case in world.cases if case)

    def shape(self, world: World) -> Hashable:
        """The world without rounds, clocks, and the tasks that have ended."""
        rows = tuple(row and (row.case, row.bad, row.pending, row.tries) for row in world.rows)
        cases = tuple(case and case._replace(round=0) for case in world.cases)
        workers = tuple((w.at, w.case, w.hold, w.todo, w.to, w.after._replace(round=0)) for w in world.workers)
        live = tuple(task.plan for task in world.tasks if not task.end)
        return (rows, cases, workers, live, world.sent, world.events, world.sweep, world.crashes, world.old_plans)


def _tidy(world: World, named: bool) -> World:
    """The same world in as few forms as possible: workers in order, without what nobody can ask for any more.

    A worker that has lost its case and can only leave has left; a task that ended in a round before is forgotten
    where no worker is in that round.
    """
    workers = tuple(IDLE if w.hold is Hold.GONE and w.at in _CAN_ONLY_LEAVE else w for w in world.workers)
    tasks = tuple(task for task in world.tasks if not task.end or _asked_for(world, workers, task))
    return world._replace(workers=workers if named else tuple(sorted(workers)), tasks=tasks)


def _asked_for(world: World, workers: tuple[Worker, ...], task: Task) -> bool:
    case = world.cases[task.case]
    if case and case.round == task.round and case.state is not State.CLOSED:
        return True
    return any(w.at and w.case == task.case and w.read.round == task.round for w in workers)


def _sweep_steps(world: World) -> Steps:
    """The sweep: a case that nobody works on gets a new ticket; then the ticket is put on the queue."""
    if world.sweep.at:
        yield "the sweep puts the ticket on the queue", sent(world, world.sweep.case)._replace(sweep=RESTING)
        if world.crashes:
            yield "the sweep dies", world._replace(sweep=RESTING, crashes=world.crashes - 1)
        return
    for place, case in enumerate(world.cases):
        if case and case.lease is not Lease.RUNS and case.state is not State.CLOSED:
            fresh = moved(world, place, case._replace(lease=Lease.NONE))._replace(sweep=Sweep("S3", place))
            yield f"the sweep writes a new ticket into the case of {case_name(place)}", fresh


def _azure_steps(scenario: Scenario, world: World) -> Steps:
    """Azure Policy scans; tasks become visible, and end."""
    for number, news in enumerate(scenario.news):
        earlier = [n for n in range(number) if scenario.news[n].resource == news.resource]
        if world.scanned[number] < 0 and all(world.scanned[n] >= 0 for n in earlier):
            words = f"Azure Policy finds r{news.resource + 1} {'non-compliant' if news.bad else 'compliant'}"
            yield words, world._replace(scanned=replaced(world.scanned, number, world.clock))
    for task in world.tasks:
        if not task.visible:
            yield "the task shows", with_task(world, task._replace(visible=True))
        elif not task.end and (scenario.quick or not _about_to_put(world, task)):
            yield from _ends(scenario, world, task)


def _about_to_put(world: World, task: Task) -> bool:
    """A task outlives the moment between a worker's look (GET) and its PUT."""
    return any(worker.at == "PUT" and worker.case == task.case for worker in world.workers)


def _ends(scenario: Scenario, world: World, task: Task) -> Steps:
    """A task of one resource has its scope; a wider one takes any of its group, up to its count."""
    clock = world.clock + 1
    within = task.plan if len(task.plan) == 1 else tuple(range(len(world.rows)))
    count = min(scenario.count, len(task.plan))
    choices = [task.plan] if count == len(task.plan) else combinations(within, count)
    for got in choices:
        mended = tuple(clock if r in got else end for r, end in enumerate(world.mended))
        after = world._replace(clock=clock, mended=mended)
        words = f"the task of {case_name(task.case)} ends: {names(got)} remediated"
        yield words, with_task(after, task._replace(end=clock, got=got))
