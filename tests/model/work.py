"""What a worker does with a case that it has claimed: confirm it, hand it over, open its task, look at its end.

All of it works from the case as it was claimed. A worker whose lease was taken over does not know it before W4.
"""

from collections.abc import Callable, Iterator

from responder.core.case import State
from tests.model.events import tell
from tests.model.world import (
    Case,
    Design,
    Hold,
    Lease,
    Row,
    Scenario,
    Task,
    Worker,
    World,
    case_name,
    names,
    newest,
    sent,
    task_of,
    with_row,
    with_task,
    with_worker,
)

Steps = Iterator[tuple[str, World]]
Step = Callable[[Scenario, Design, World, int], Steps]


def _then(world: World, number: int, after: Case) -> World:
    """The step is taken; W4 is to write this."""
    return with_worker(world, number, world.workers[number]._replace(at="W4", after=after, todo=()))


def _over(world: World, place: int, round_: int) -> Case:
    """The round is over: another begins where something is left to do."""
    return Case(round_ + 1) if listed(world, place) else Case(round_, State.CLOSED)


# Confirm --------------------------------------------------------------------------------------------------------


def listed(world: World, place: int) -> tuple[int, ...]:
    """The resources that a case holds and whose news asks for a task."""
    return tuple(number for number, row in enumerate(world.rows) if row and row.case == place and row.pending)


def _list(_: Scenario, _design: Design, world: World, number: int) -> Steps:
    """W2."""
    worker = world.workers[number]
    found = listed(world, worker.case)
    yield f"lists {names(found)} (W2)", with_worker(world, number, worker._replace(at="W3", todo=found))


def _confirm(scenario: Scenario, design: Design, world: World, number: int) -> Steps:
    """W3: Azure's states are read. What is non-compliant still is planned, or handed over; the rest is shown."""
    worker = world.workers[number]
    wanted = tuple(resource for resource in worker.todo if bad_now(scenario, world, resource))
    for resource in worker.todo:
        if resource not in wanted:
            world = with_row(world, resource, _shown(scenario, world, resource))
    if not wanted:
        yield "finds nothing left to do (W3)", _then(world, number, Case(worker.read.round, State.CLOSED))
    elif scenario.splits and worker.case == 0:
        yield f"plans to hand over {names(wanted)} (W3)", _then(world, number, Case(worker.read.round, moves=wanted))
    elif worker.read.state is State.OPENING:  # only where the design plans again
        read = worker.read._replace(plan=wanted)
        again = with_worker(world, number, worker._replace(at="GET", read=read, todo=()))
        yield f"makes the plan anew, for {names(wanted)} (W3)", again
    else:
        plan = Case(worker.read.round, State.OPENING, plan=wanted)
        yield f"plans a task for {names(wanted)} (W3)", _then(world, number, plan)


def bad_now(scenario: Scenario, world: World, resource: int) -> bool:
    """Whether Azure Policy's present state of a resource is non-compliant."""
    news = newest(scenario, world, resource)
    return news is None or scenario.news[news].bad


def _shown(scenario: Scenario, world: World, resource: int) -> Row:
    row, news = world.rows[resource], newest(scenario, world, resource)
    assert row is not None
    assert news is not None
    return row._replace(scan=(world.scanned[news], news), bad=False)


# Hand over ------------------------------------------------------------------------------------------------------


def _move(_: Scenario, design: Design, world: World, number: int) -> Steps:
    """The row first; then the case that now holds it is told, unless the row's news was dealt with."""
    worker = world.workers[number]
    if design.tells_first:
        yield from _tell(_, design, world, number)
        return
    words, world, pending = _row_moved(world, worker.todo[0])
    yield words, with_worker(world, number, worker._replace(at="TELL") if pending else _next_move(worker))


def _row_moved(world: World, resource: int) -> tuple[str, World, bool]:
    row = world.rows[resource]
    assert row is not None
    words = f"moves the row of r{resource + 1} to its own case"
    return words, with_row(world, resource, row._replace(case=1 + resource)), row.pending


def _tell(_: Scenario, design: Design, world: World, number: int) -> Steps:
    """E2 and E3, as an event does."""
    worker = world.workers[number]
    to = 1 + worker.todo[0]
    words, world, sends = tell(design, world, to, bad=True)
    then = worker._replace(at="HAND", to=to if sends else -1) if sends or design.tells_first else _next_move(worker)
    yield words, with_worker(world, number, then)


def _hand(_: Scenario, design: Design, world: World, number: int) -> Steps:
    """E4."""
    worker = world.workers[number]
    resource = worker.todo[0]
    world = sent(world, worker.to) if worker.to >= 0 else world
    words = f"puts the ticket of r{resource + 1} on the queue"
    then = worker._replace(at="LATE", to=-1) if design.tells_first else _next_move(worker)
    yield words, with_worker(world, number, then)


def _move_late(_: Scenario, _design: Design, world: World, number: int) -> Steps:
    """Only where the design tells first."""
    worker = world.workers[number]
    words, world, _pending = _row_moved(world, worker.todo[0])
    yield words, with_worker(world, number, _next_move(worker))


def _next_move(worker: Worker) -> Worker:
    """After the last resource the list is erased."""
    left = worker.todo[1:]
    if left:
        return worker._replace(at="MOVE", todo=left, to=-1)
    return worker._replace(at="W4", todo=(), to=-1, after=Case(worker.read.round))


# Open -----------------------------------------------------------------------------------------------------------


def _get(_: Scenario, _design: Design, world: World, number: int) -> Steps:
    """GET the planned name: found is followed; else it is to be created, or the plan has grown too old."""
    worker = world.workers[number]
    task = task_of(world, worker.case, worker.read.round, worker.read.plan)
    if task and task.visible:
        yield "finds the task under its name (GET: 200)", _then(world, number, _running(worker))
        return
    yield "finds no task (GET: 404)", with_worker(world, number, worker._replace(at="PUT"))
    if world.old_plans and task is None:
        fewer = world._replace(old_plans=world.old_plans - 1)
        yield "finds no task, and its plan too old", _then(fewer, number, Case(worker.read.round + 1))


def _running(worker: Worker) -> Case:
    return Case(worker.read.round, State.RUNNING, plan=worker.read.plan)


def _put(scenario: Scenario, design: Design, world: World, number: int) -> Steps:
    """The rest of the lease is looked at and the PUT is sent; nothing comes between, unless the process freezes."""
    worker = world.workers[number]
    case = world.cases[worker.case]
    if worker.hold < Hold.NEWS or case is None or case.lease is not Lease.RUNS:
        yield "finds its lease over and sends nothing", _then(world, number, worker.read)
        return
    yield from _send_put(scenario, design, world, number)
    if design.freezes:
        yield "freezes just before its PUT", with_worker(world, number, worker._replace(at="FROZEN"))


def _send_put(scenario: Scenario, _design: Design, world: World, number: int) -> Steps:
    """PUT: a task that runs is left alone (400), one that has ended would be run again."""
    worker = world.workers[number]
    task = task_of(world, worker.case, worker.read.round, worker.read.plan)
    after = _then(world, number, _running(worker))
    if task and not task.end:
        yield "sends its PUT: the task is there already (400)", after
        return
    fresh = Task(worker.case, worker.read.round, worker.read.plan, True, 1 + (task.creations if task else 0))
    words = (
        f"opens the task of {case_name(worker.case)}, round {worker.read.round}, for {names(worker.read.plan)} (PUT)"
    )
    yield words, with_task(after, fresh)
    if scenario.late:
        yield f"{words}; it does not show yet", with_task(after, fresh._replace(visible=False))


# Look -----------------------------------------------------------------------------------------------------------


def _look(_: Scenario, _design: Design, world: World, number: int) -> Steps:
    """GET: the task still runs, or what it did is to be written down."""
    worker = world.workers[number]
    task = task_of(world, worker.case, worker.read.round, worker.read.plan)
    if task and task.end:
        yield "finds the task ended", with_worker(world, number, worker._replace(at="FACTS", todo=worker.read.plan))
    else:
        yield "finds the task running", _then(world, number, worker.read)


def _facts(_: Scenario, design: Design, world: World, number: int) -> Steps:
    """What each planned resource got is written, one row at a time; each is a fact that may be written twice."""
    worker = world.workers[number]
    if not worker.todo:
        yield "lists what is left", _then(world, number, _over(world, worker.case, worker.read.round))
        return
    task = task_of(world, worker.case, worker.read.round, worker.read.plan)
    resource = worker.todo[0]
    row = world.rows[resource]
    assert task is not None
    assert row is not None
    row, words = _fact(design, task, row, resource)
    after = with_worker(with_row(world, resource, row), number, worker._replace(todo=worker.todo[1:]))
    yield f"writes that r{resource + 1} was {words}", after


def _fact(design: Design, task: Task, row: Row, resource: int) -> tuple[Row, str]:
    if resource in task.got:
        return row._replace(dealt=max(row.dealt, task.end)), "remediated"
    in_vain = not set(task.got) & set(task.plan)
    if in_vain and not design.counts_nothing and task.end > row.tried:
        return row._replace(tried=task.end, tries=row.tries + 1), "left over, once more in vain"
    return row, "left over"


STEPS: dict[str, Step] = {
    "W2": _list,
    "W3": _confirm,
    "MOVE": _move,
    "TELL": _tell,
    "HAND": _hand,
    "LATE": _move_late,
    "GET": _get,
    "PUT": _put,
    "FROZEN": _send_put,
    "LOOK": _look,
    "FACTS": _facts,
}
