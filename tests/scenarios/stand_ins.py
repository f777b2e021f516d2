"""The parts that the handlers use, with the model of Azure behind them and a turn before every call.

Only what reaches outside is stood in for; the handlers, the ledger and the core are the real ones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, cast

from responder.adapters.arm_error import ArmError
from responder.adapters.breakers import Breakers
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.journal import Journal
from responder.adapters.ledger import CASES, RESOURCES, Ledger
from responder.adapters.policy_facts import Facts, PolicyFacts
from responder.adapters.policy_insights import PolicyInsights
from responder.adapters.restraint import RESTRAINT
from responder.adapters.slots import SlotStore
from responder.adapters.switches import Switches
from responder.adapters.telemetry import Telemetry
from responder.adapters.throttles import Throttles
from responder.core.case import Case
from responder.core.facts import Assignment, Definition, Surroundings, Unread
from responder.core.observed_state import ObservedState
from responder.core.outcome import Outcome
from responder.core.resource_id import ResourceId, resource_id
from responder.core.rights import Rights
from responder.core.rules import Rules
from responder.core.span import Span
from responder.core.task import Deployment, Task
from responder.core.touched import Touched, TouchedKey
from responder.wiring import Parts
from tests.core.builders import DEFINITION, START, SUBSCRIPTION
from tests.scenarios.interleaving import Mood, Turn
from tests.scenarios.memory_table import MemoryQueue, MemoryTable
from tests.scenarios.personas import RULES
from tests.scenarios.promises import Promises
from tests.scenarios.world import Refusal, World

if TYPE_CHECKING:
    from responder.adapters.arm import ArmClients
    from responder.adapters.storage import StorageClients

LEASE = timedelta(minutes=1)
_NOT_READ = Unread("it could not be read")


class InsightsOfTheWorld(PolicyInsights):
    """Policy states and tasks, from the model; a PUT that comes later than its time limit is not sent."""

    def __init__(self, world: World, promises: Promises, turn: Turn) -> None:
        self._world, self._promises, self._turn = world, promises, turn

    async def states(
        self, scope: ResourceId, assignment: ResourceId, definition: ResourceId, reference: str
    ) -> tuple[ObservedState, ...]:
        _answered(await self._turn(f"read the policy states of {scope.name}"), "reading the states", scope)
        return self._world.states(assignment.text, scope.text)

    async def task(self, scope: ResourceId, name: str) -> Task | None:
        _answered(await self._turn(f"GET {name} at {scope.name}"), "reading the task", scope)
        found = self._world.task(scope.text, name)
        return found.look(self._world.now) if found else None

    async def deployments(self, scope: ResourceId, name: str) -> tuple[Deployment, ...]:
        _answered(await self._turn(f"list the deployments of {name}"), "listing the deployments", scope)
        found = self._world.task(scope.text, name)
        return found.deployments(self._world.now) if found else ()

    async def create(
        self, scope: ResourceId, name: str, body: Mapping[str, object], timeout: timedelta = LEASE
    ) -> Task:
        began = self._world.now
        mood = await self._turn(f"PUT {name} at {scope.name}")
        if self._world.now - began > timeout:
            mood = Mood.REFUSED
        if mood is Mood.REFUSED:
            _answered(mood, "opening the task", scope)
        cases = await self._promises.cases()
        try:
            opened = self._world.put(scope.text, name, body)
        except Refusal as refusal:
            self._promises.asked(scope.text, name, body, None, cases)
            raise ArmError("opening the task", name, 400, refusal.code, refusal.message) from refusal
        self._promises.asked(scope.text, name, body, opened, cases)
        _answered(mood, "opening the task", scope)
        return opened.look(self._world.now)


def _answered(mood: Mood, call: str, scope: ResourceId) -> None:
    if mood is Mood.REFUSED:
        raise ArmError(call, scope.text, 429, "TooManyRequests", "slow down", timedelta(seconds=45))
    if mood is Mood.UNHEARD:
        raise ArmError(call, scope.text, None, "NoAnswer", "the connection broke")


class FactsOfTheWorld(PolicyFacts):
    """Every assignment can remediate; the door knows so once somebody has read it."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._read = False

    async def about(
        self, assignment: ResourceId, definition: ResourceId, reference: str, place: ResourceId | None = None
    ) -> Facts:
        if await self._turn("read the policy's facts") is not Mood.WELL:
            return _NOT_READ, _NOT_READ, _NOT_READ
        self._read = True
        return self.known(assignment, definition, reference)

    async def around(self, assigned: object, defined: object, place: ResourceId) -> Surroundings:
        return Surroundings(exemptions=(), rights=Rights(()), as_of=START)

    def known(
        self, assignment: ResourceId, definition: ResourceId, reference: str, place: ResourceId | None = None
    ) -> Facts:
        if not self._read:
            return _NOT_READ, _NOT_READ, _NOT_READ
        assigned = Assignment(assignment, SUBSCRIPTION, DEFINITION, "systemassigned")
        return assigned, Definition(resource_id(DEFINITION), "deployIfNotExists"), None


class SwitchesOfTheWorld(Switches):
    """The pause switch."""

    def __init__(self, world: World, turn: Turn) -> None:
        self._world, self._turn = world, turn

    async def paused(self, *, rule: str = "", assignment: str = "", subscription: str = "") -> str | None:
        await self._turn("read the pause switch")
        return "paused by the test" if self._world.paused else None


class JournalOfNobody(Journal):
    """Keeps nothing: what tasks touched is for people."""

    def __init__(self) -> None:
        return None

    async def write(self, entry: Touched) -> None:
        return None

    async def judged(self, key: TouchedKey, outcome: Outcome) -> None:
        return None


class TelemetryInMemory(Telemetry):
    """Keeps the spans of rounds for the promises, and numbers for nobody."""

    def __init__(self, promises: Promises, turn: Turn) -> None:
        self._promises, self._turn = promises, turn
        self._exports = False

    @property
    def listens(self) -> bool:
        return False

    def tell_all(self, spans: Sequence[Span]) -> None:
        self._promises.told(spans)

    async def flush(self) -> None:
        await self._turn("flush the trace")

    async def flush_all(self) -> None:
        return None

    def wants_event(self, trace_id: str, decision: str) -> bool:
        return False

    async def close(self) -> None:
        return None

    def log_change_of_state(self, before: Case, after: Case) -> None:
        return None


class WritesTogether(Ledger):
    """Writes the rows of few resources in one transaction, as the ledger does with those of many."""

    few = 0


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that one run plays on."""

    world: World
    promises: Promises
    cases: MemoryTable
    queue: MemoryQueue
    parts: Parts


MakeLedger = Callable[[MemoryTable, MemoryTable, MemoryQueue, timedelta], Ledger]


def set_stage(world: World, turn: Turn, make_ledger: MakeLedger = Ledger, rules: Rules = RULES) -> Stage:
    """The parts over tables and a queue in memory."""
    cases, resources = MemoryTable(CASES, turn), MemoryTable(RESOURCES, turn)
    restraint = MemoryTable(RESTRAINT, turn)
    queue = MemoryQueue(turn)

    async def read_cases() -> list[Any]:
        return cases.cases()

    promises = Promises(world, read_cases)
    ledger = make_ledger(cases, resources, queue, LEASE)
    return Stage(world, promises, cases, queue, parts_of(world, promises, ledger, turn, restraint, rules))


def parts_of(
    world: World, promises: Promises, ledger: Ledger, turn: Turn, restraint: ConditionalTable, rules: Rules = RULES
) -> Parts:
    """The parts over a ledger; nothing here talks to a network."""
    ids = count(1)
    return Parts(
        rules=rules,
        lease=LEASE,
        ledger=ledger,
        switches=SwitchesOfTheWorld(world, turn),
        slots=SlotStore(restraint, rules.limits, ledger.holders),
        breakers=Breakers(restraint, rules.breaker_bad_rounds),
        throttles=Throttles(restraint),
        journal=JournalOfNobody(),
        facts=FactsOfTheWorld(turn),
        insights=InsightsOfTheWorld(world, promises, turn),
        telemetry=TelemetryInMemory(promises, turn),
        clock=world.clock,
        new_id=lambda digits: f"{next(ids):0{digits}x}",
        arm=cast("ArmClients", None),
        storage=cast("StorageClients", None),
    )
