"""The parts, built once per process.

Settings and rules are read when the app is indexed: a bad one stops it there, with every problem named. What
talks to the network is built at the first event, inside the worker's event loop, because its clients belong to it.
"""

import asyncio
import gc
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from responder.adapters.ignored_lines import IgnoredLines
from responder.adapters.rules_file import read_rules_file
from responder.adapters.settings import Settings, read_settings
from responder.core.rules import Rules

if TYPE_CHECKING:
    from responder.adapters.arm import ArmClients
    from responder.adapters.breakers import Breakers
    from responder.adapters.journal import Journal
    from responder.adapters.ledger import Ledger
    from responder.adapters.outcome_rows import OutcomeRows
    from responder.adapters.outcome_topic import OutcomeTopic
    from responder.adapters.policy_facts import PolicyFacts
    from responder.adapters.policy_insights import PolicyInsights
    from responder.adapters.slots import SlotStore
    from responder.adapters.storage import StorageClients
    from responder.adapters.switches import Switches
    from responder.adapters.telemetry import Telemetry
    from responder.adapters.throttles import Throttles


@dataclass(frozen=True, slots=True)
class Setup:
    """What is known before anything is built: the settings and the rules that are in force."""

    settings: Settings
    rules: Rules


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Where outcome events wait, and where they go."""

    rows: "OutcomeRows"
    topic: "OutcomeTopic"


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything the handlers use. `clock` gives aware UTC, `new_id` random digits, `lease` is a step's time."""

    rules: Rules
    lease: timedelta
    ledger: "Ledger"
    switches: "Switches"
    slots: "SlotStore"
    breakers: "Breakers"
    throttles: "Throttles"
    journal: "Journal"
    facts: "PolicyFacts"
    insights: "PolicyInsights"
    telemetry: "Telemetry"
    clock: Callable[[], datetime]
    new_id: Callable[[int], str]
    arm: "ArmClients"
    storage: "StorageClients"
    settings: Settings | None = None  # None where only cases are driven, as in tests without storage
    outcomes: Outcomes | None = None  # None where no topic is set
    ignored: IgnoredLines = field(default_factory=IgnoredLines)

    async def close(self) -> None:
        """Close every client and tell what is still to be told."""
        self.ignored.tell_rest()
        await self.telemetry.close()
        await self.arm.close()
        if self.outcomes is not None:
            await self.outcomes.topic.close()
        await self.storage.close()


def read_setup(environment: Mapping[str, str]) -> Setup:
    """Read the settings and the rules they name; raises `BadSettings` or `BadRules` with every problem."""
    settings = read_settings(environment)
    rules = read_rules_file(settings.rules)
    return Setup(settings, rules.adapted(settings.mode, settings.own_scopes))


def utc_now() -> datetime:
    """The clock of the app."""
    return datetime.now(UTC)


class Wiring:
    """Builds the parts when they are first asked for, once, however many ask at the same time."""

    def __init__(self, setup: Setup, clock: Callable[[], datetime] = utc_now) -> None:
        self.setup = setup
        self._clock = clock
        self._parts: Parts | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def parts(self) -> Parts:
        """The parts; raises `StorageTrouble` where the ledger cannot be reached, and tries again the next time."""
        if self._parts is None:
            async with self._lock:
                if self._parts is None:
                    self._parts = await build(self.setup, self._clock)
                    gc.freeze()  # what was imported and built stays: the collector need not look through it again
                    self._keeper = asyncio.create_task(_keep(self._parts), name="keeper of the parts")
        return self._parts


async def _keep(parts: Parts) -> None:
    """Functions tells nobody that it stops, but the loop cancels its tasks then: close what is open."""
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        await parts.close()


async def build(setup: Setup, clock: Callable[[], datetime] = utc_now) -> Parts:
    """Build everything and make sure that the ledger's tables and queue are there."""
    from responder.adapters.storage import open_storage

    storage = open_storage(setup.settings.storage)
    try:
        parts = _assembled(setup, storage, clock)
        await _ledger_ready(parts)
    except BaseException:
        await storage.close()
        raise
    return parts


def _assembled(setup: Setup, storage: "StorageClients", clock: Callable[[], datetime]) -> Parts:
    from responder.adapters.arm import ArmClients
    from responder.adapters.breakers import Breakers
    from responder.adapters.conditional_table import ConditionalTable
    from responder.adapters.due_queue import DueQueue
    from responder.adapters.journal import CHANGES, Journal
    from responder.adapters.ledger import CASES, RESOURCES, Ledger
    from responder.adapters.policy_facts import PolicyFacts
    from responder.adapters.policy_insights import PolicyInsights
    from responder.adapters.restraint import RESTRAINT
    from responder.adapters.slots import SlotStore
    from responder.adapters.switches import SWITCHES, Switches
    from responder.adapters.telemetry import start_telemetry
    from responder.adapters.throttles import Throttles

    settings = setup.settings
    telemetry = start_telemetry(settings)
    restraint = ConditionalTable(storage.tables, RESTRAINT)
    throttles = Throttles(restraint)
    arm = ArmClients(settings, telemetry.count_arm, clock, throttles)
    cases, resources = ConditionalTable(storage.tables, CASES), ConditionalTable(storage.tables, RESOURCES)
    ledger = Ledger(cases, resources, DueQueue(storage.queues), settings.lease)
    return Parts(
        rules=setup.rules,
        lease=settings.lease,
        ledger=ledger,
        switches=Switches(ConditionalTable(storage.tables, SWITCHES)),
        slots=SlotStore(restraint, setup.rules.limits, ledger.holders),
        breakers=Breakers(restraint, setup.rules.breaker_bad_rounds),
        throttles=throttles,
        journal=Journal(ConditionalTable(storage.tables, CHANGES)),
        facts=PolicyFacts(arm, clock),
        insights=PolicyInsights(arm),
        telemetry=telemetry,
        clock=clock,
        new_id=lambda digits: secrets.token_hex(digits // 2),
        arm=arm,
        storage=storage,
        settings=settings,
        outcomes=_outcomes(settings, storage),
    )


def _outcomes(settings: Settings, storage: "StorageClients") -> Outcomes | None:
    """Nothing of it, not even its code, where no topic is set."""
    if settings.outcome_topic is None:
        return None
    from responder.adapters.conditional_table import ConditionalTable
    from responder.adapters.outcome_rows import OUTCOMES, OutcomeRows
    from responder.adapters.outcome_topic import OutcomeTopic

    rows = OutcomeRows(ConditionalTable(storage.tables, OUTCOMES))
    return Outcomes(rows, OutcomeTopic(settings, settings.outcome_topic))


async def _ledger_ready(parts: Parts) -> None:
    from azure.core.exceptions import AzureError

    from responder.adapters.conditional_table import ConditionalTable
    from responder.adapters.restraint import RESTRAINT
    from responder.adapters.storage import in_words

    try:
        await parts.switches.begin(parts.storage.tables, parts.clock())
        await parts.ledger.ensure()
        await ConditionalTable(parts.storage.tables, RESTRAINT).create()
        await parts.journal.ensure()
        if parts.outcomes is not None:
            await parts.outcomes.rows.ensure()
    except AzureError as error:
        raise in_words(error, "open the ledger's tables and queue") from error
