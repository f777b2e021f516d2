"""A worker: it claims (W1), lists (W2), takes the step (W3) and writes what came of it (W4), each a step of its own."""

from collections.abc import Callable, Iterator

from responder.core.case import State
from tests.model import work
from tests.model.world import (
    IDLE,
    Case,
    Design,
    Hold,
    Lease,
    Scenario,
    Worker,
    World,
    case_name,
    claimed,
    moved,
    names,
    replaced,
    sent,
    task_of,
    with_worker,
)

Steps = Iterator[tuple[str, World]]
Step = Callable[[Scenario, Design, World, int], Steps]
_LEFT_ALONE = (Lease.NONE, Lease.OVER)


def worker_steps(scenario: Scenario, design: Design, world: World) -> Steps:
    """What each worker may do next."""
    for number, worker in enumerate(world.workers):
        me = f"worker {number + 1}"
        steps = _STEPS[worker.at](scenario, design, world, number)
        yield from ((f"{me} {words}", after) for words, after in steps)
        if worker.at and world.crashes:
            yield f"{me} dies", with_worker(world, number, IDLE)._replace(crashes=world.crashes - 1)


def _take(_: Scenario, design: Design, world: World, number: int) -> Steps:
    """A message is taken; the queue may deliver it once more, or never again whatever becomes of the worker."""
    for place, case in enumerate(world.cases):
        if case is None or not world.sent[place] or case.lease not in _LEFT_ALONE or _runs(world, place, case):
            continue
        if design.lists_first and case.state is State.GATHERING:
            found = work.listed(world, place)
            worker = Worker("W1", place, case, Hold.FRESH, found)
            yield f"takes the ticket of {case_name(place)} and lists {names(found)}", with_worker(world, number, worker)
            continue
        yield _claim(design, world, number, place)
        lost = world._replace(sent=replaced(world.sent, place, False))
        words, after = _claim(design, lost, number, place)
        yield f"{words}; the message is gone", after


def _runs(world: World, place: int, case: Case) -> bool:
    """Looks at a task that still runs change nothing and are left out."""
    task = task_of(world, place, case.round, case.plan) if case.state is State.RUNNING else None
    return task is not None and not task.end


def _claim(
    design: Design, world: World, number: int, place: int, found: tuple[int, ...] | None = None
) -> tuple[str, World]:
    """W1: claim and lease are written and `news` is cleared; what is next is asked of the case as it is now."""
    case = world.cases[place]
    assert case is not None
    read = case._replace(lease=Lease.RUNS, news=False)
    worker = Worker(_next_step(design, read), place, read, Hold.FRESH, case.moves)
    if found is not None and worker.at == "W2":
        worker = worker._replace(at="W3", todo=found)
    world = with_worker(claimed(world, place, read), number, worker)
    return f"claims the case of {case_name(place)}, {case.state} (W1)", world


def _next_step(design: Design, case: Case) -> str:
    if case.moves:
        return "MOVE"
    if case.state is State.RUNNING:
        return "LOOK"
    return "GET" if case.state is State.OPENING and not design.plans_again else "W2"


def _claim_late(_: Scenario, design: Design, world: World, number: int) -> Steps:
    """Only where the design lists first."""
    worker = world.workers[number]
    case = world.cases[worker.case]
    if worker.hold is Hold.GONE or case is None or case.lease not in _LEFT_ALONE:
        yield "leaves: the case has moved on", with_worker(world, number, IDLE)
    else:
        yield _claim(design, world, number, worker.case, worker.todo)


def _settle(_: Scenario, design: Design, world: World, number: int) -> Steps:
    """W4: under W1's ETag; where the case was written since, it is claimed again, or left to whoever has it now."""
    worker = world.workers[number]
    case = world.cases[worker.case]
    assert case is not None
    if worker.hold is Hold.FRESH:
        yield _settled(design, world, number)
    elif worker.hold is Hold.GONE or (worker.hold is Hold.TAKEN and case.lease is Lease.RUNS):
        yield "leaves: the case has moved on (W4: 412)", with_worker(world, number, IDLE)
    else:
        words, after = _claim(design, world, number, worker.case)
        yield f"finds the case changed (W4: 412) and {words}", after


def _settled(design: Design, world: World, number: int) -> tuple[str, World]:
    worker = world.workers[number]
    after = worker.after
    if design.forgets and after.round > worker.read.round:
        world = world._replace(rows=tuple(row and row._replace(dealt=0) for row in world.rows))
    world = moved(world, worker.case, after)
    worker = IDLE if after.state is State.CLOSED else Worker("W5", worker.case, to=worker.case)
    round_ = f", round {after.round}" if after.round > 1 else ""
    return f"writes the case of {case_name(world.workers[number].case)}: {after.state}{round_} (W4)", with_worker(
        world, number, worker
    )


def _send(_: Scenario, _design: Design, world: World, number: int) -> Steps:
    world = sent(world, world.workers[number].to)
    yield "puts the new ticket on the queue", with_worker(world, number, IDLE)


_STEPS: dict[str, Step] = {
    "": _take,
    "W1": _claim_late,
    "W4": _settle,
    "W5": _send,
    **work.STEPS,
}
