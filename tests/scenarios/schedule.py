"""A schedule: what happens next, move by move, chosen by Hypothesis; then quiet, until nothing is due any more.

A move says what, which of those there are, and how. Every choice is taken modulo what there is, so that any list of
moves is a schedule and a shorter list is a simpler one.
"""

import json
import logging
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from handlers import case_due, policy_state_change, sweep_tick
from responder.adapters.ledger import Ledger
from responder.core import orders
from responder.core.case import Case, Hold, State, Word
from responder.core.orders import NotPossible
from responder.core.rules import Rules
from tests.scenarios.interleaving import Mood, Process, turn
from tests.scenarios.memory_table import Message
from tests.scenarios.personas import RULES
from tests.scenarios.stand_ins import LEASE, MakeLedger, Stage, set_stage
from tests.scenarios.world import World

EVERY_MINUTE = "0 * * * * *"
MOST_AT_ONCE = 5
_TWO_TICKS = timedelta(minutes=2)
_STOPS = ("", ("replace in respondercases", "insert into respondercases", "PUT"), "PUT", "the end")
_WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 35, 130, 4000))
_LAGS = tuple(timedelta(minutes=minutes) for minutes in (0, 0, 0, 10))
_LONGEST_QUIET = 3000


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that happens: `what`, the number of which, and how."""

    what: str
    which: int = 0
    how: int = 0


@dataclass
class Run:
    """One schedule being played."""

    stage: Stage
    processes: list[Process] = field(default_factory=list)
    taken: dict[str, Message] = field(default_factory=dict)
    waiting: list[int] = field(default_factory=list)  # numbers of news that nobody has acknowledged
    heard: int = 0
    story: list[str] = field(default_factory=list)
    started: int = 0

    @property
    def world(self) -> World:
        """The model of Azure, and the clock."""
        return self.stage.world

    def play(self, moves: Sequence[Move]) -> None:
        """Make every move; raises `AssertionError` where a promise is broken."""
        for move in moves:
            getattr(self, f"_{move.what}")(move.which, move.how)

    # Moves -----------------------------------------------------------------------------------------------------

    def _event(self, which: int, how: int) -> None:
        """Event Grid delivers: the newest that waits, any that waits, or one that was acknowledged long ago."""
        self._collect()
        numbers = list(self.waiting if self.waiting and how < 3 else range(len(self.world.news)))
        if numbers:
            number = numbers[-1] if how < 2 else numbers[which // 2 % len(numbers)]
            self._go_on(self._deliver(number), which % 2 * 3)

    def _message(self, which: int, how: int) -> None:
        """A worker takes a ticket, once one is visible; the last way leaves it there, and another may take it too."""
        queue = self.stage.queue
        if queue.messages and not queue.visible(self.world.now):
            self._pass(min(message.at for message in queue.messages))
        if visible := queue.visible(self.world.now):
            self._go_on(self._work(visible[which % len(visible)], keep=how == 3), which % 4)

    def _step(self, which: int, how: int) -> None:
        if self.processes:
            self._go_on(self.processes[which % len(self.processes)], how)

    def _go_on(self, process: Process | None, how: int) -> None:
        """A process goes on: by one effect, to its next write of a case or task, to its next PUT, or to its end."""
        if process and not process.done:
            self._go(process, Mood.WELL)
            while not process.done and not process.before.startswith(_STOPS[how]):
                self._go(process, Mood.WELL)

    def _trouble(self, which: int, how: int) -> None:
        if self.processes:
            self._go(self.processes[which % len(self.processes)], Mood.UNHEARD if how % 2 else Mood.REFUSED)

    def _crash(self, which: int, how: int) -> None:
        """A process dies; its message comes back after a while, or is lost."""
        if self.processes:
            process = self.processes[which % len(self.processes)]
            self._tell(f"{process.name} dies before: {process.before}")
            process.die()
            self.processes.remove(process)
            message = self.taken.pop(process.name, None)
            if message and how < 3:
                self.stage.queue.messages.append(Message(message.ticket, self.world.now + LEASE))

    def _lose(self, which: int, how: int) -> None:
        messages = self.stage.queue.messages
        if messages:
            self._tell("a message is lost")
            messages.pop(which % len(messages))

    def _wait(self, which: int, how: int) -> None:
        self._pass(self.world.now + _WAITS[how])

    def _sweep(self, which: int, how: int) -> None:
        self._start("sweep", sweep_tick.handle(EVERY_MINUTE, self.stage.parts))

    def _scan(self, which: int, how: int) -> None:
        """Somebody changes a resource or not, and Azure Policy looks."""
        world = self.world
        assignment = world.assignments[which % len(world.assignments)]
        resource = world.resources[which // len(world.assignments) % len(world.resources)].id
        if how:
            world.drift(assignment, resource, noncompliant=how > 1)
        world.scan(assignment, resource, _LAGS[which % len(_LAGS)])
        scan = world.newest(assignment, resource)
        self._tell(f"{resource.rpartition('/')[2]} is scanned: {scan}")

    def _pause(self, which: int, how: int) -> None:
        self.world.paused = not self.world.paused
        self._tell(f"paused: {self.world.paused}")

    def _person(self, which: int, how: int) -> None:
        """Somebody approves a plan, or ends the wait for another attempt."""
        cases = [case for case in self.stage.cases.cases() if _order_for(case) and case.approval is None]
        if cases:
            case = cases[which % len(cases)]
            self._start(f"a person for {case.id[:6]}", self._ordered(case))

    async def _ordered(self, case: Case) -> None:
        order, now = _order_for(case), self.world.now
        if order is orders.retry:
            self.stage.promises.hurried.append(now)
            await self.stage.parts.ledger.hurry(case, now)
        if order is not None:
            await self.stage.parts.ledger.order(case.id, lambda found: order(found, Word("ada", "ok", now)), now)

    # How processes come and go ---------------------------------------------------------------------------------

    def _collect(self) -> None:
        self.waiting.extend(range(self.heard, len(self.world.news)))
        self.heard = len(self.world.news)

    def _deliver(self, number: int) -> Process | None:
        event = self.world.news[number]
        return self._start(f"event {number}", self._acknowledged(number, event))

    async def _acknowledged(self, number: int, event: dict[str, object]) -> None:
        await policy_state_change.handle(event, "", self.stage.parts)
        if number in self.waiting:
            self.waiting.remove(number)

    def _work(self, message: Message, *, keep: bool) -> Process | None:
        ticket = message.ticket
        body = json.dumps({"case": ticket.case, "ticket": ticket.ticket}).encode()
        process = self._start(f"worker of {ticket.case[:6]}", case_due.handle(body, self.stage.parts))
        if process and not keep:
            self.stage.queue.messages.remove(message)
            if not process.done:
                self.taken[process.name] = message
        return process

    def _start(self, name: str, work: Coroutine[str, Mood | None, None]) -> Process | None:
        if len(self.processes) >= MOST_AT_ONCE:
            work.close()
            return None
        self.started += 1
        process = Process(f"{name} ({self.started})", work)
        self.processes.append(process)
        self._go(process, Mood.WELL)
        return process

    def _go(self, process: Process, mood: Mood) -> None:
        self._tell(f"{process.name}: {process.before}{'' if mood is Mood.WELL else f' ({mood})'}")
        process.step(mood)
        if process.done:
            self.processes.remove(process)
            self.taken.pop(process.name, None)

    def _pass(self, until: datetime) -> None:
        self._tell(f"time passes until {until:%d %H:%M:%S}")
        self.world.wait(until)

    def _tell(self, what: str) -> None:
        self.story.append(f"{self.world.now:%d %H:%M:%S} {what}")

    # Quiet -----------------------------------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        """No more faults: everybody goes on, every event is delivered, time runs, until nothing is due."""
        self._tell("the faults stop")
        self.world.paused = False
        for _ in range(_LONGEST_QUIET):
            if not self._move_on():
                return
        raise AssertionError(f"it never comes to rest; still due: {self._due()}")

    def _move_on(self) -> bool:
        self._collect()
        if self.processes:
            self._go(self.processes[0], Mood.WELL)
        elif self.waiting:
            self._deliver(self.waiting[0])
        elif visible := self.stage.queue.visible(self.world.now):
            self._work(visible[0], keep=False)
        elif any(due < self.world.now - _TWO_TICKS for due in self._due()):
            self._sweep(0, 0)
        else:
            return self._wait_for_the_next()
        return True

    def _wait_for_the_next(self) -> bool:
        cases = [case for case in self.stage.cases.cases() if case.approval is None]
        if asking := next((case for case in cases if _order_for(case) is orders.approve), None):
            self._start(f"a person for {asking.id[:6]}", self._ordered(asking))
            return True
        second = timedelta(seconds=1)
        times = [message.at for message in self.stage.queue.messages]
        times += [entry[0] for entry in self.world.agenda]
        times += [due + _TWO_TICKS + second for due in self._due()]
        if times:
            self._pass(min(times))
        return bool(times)

    def _due(self) -> list[datetime]:
        return [case.due for case in self.stage.cases.cases() if case.due is not None]


def _order_for(case: Case) -> Callable[[Case, Word], Case | NotPossible] | None:
    """What a person would order for a case that stands there."""
    if case.state is not State.HELD:
        return None
    match case.reason:
        case Hold.WAITING_FOR_APPROVAL:
            return orders.approve
        case Hold.WAITING_FOR_RETRY if case.plan is None:
            return orders.retry
        case _:
            return None


def play(
    world: World,
    moves: Sequence[Move],
    make_ledger: MakeLedger = Ledger,
    rules: Rules = RULES,
    make_run: Callable[[Stage], Run] = Run,
) -> Run:
    """Play one schedule to its quiet end and check every promise; the story of a broken one hangs on the error."""
    run = make_run(set_stage(world, turn, make_ledger, rules))
    logging.getLogger("responder").setLevel(logging.ERROR)  # a sweep that finds work says so at length
    try:
        run.play(moves)
        run.come_to_rest()
        _finish(run)
    except Exception as error:
        error.add_note("\n".join(run.story))
        raise
    finally:
        logging.getLogger("responder").setLevel(logging.NOTSET)
        for process in run.processes:
            process.die()
    return run


def _finish(run: Run) -> None:
    """The last look awaits nothing that stops, so one step takes it to its end."""
    look = Process("the end", run.stage.promises.hold_at_the_end())
    look.step()
    assert look.done
