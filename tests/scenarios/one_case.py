"""An app in memory that a test moves by hand: events are delivered when it says so, and time passes as it says.

The searches over schedules find what nobody thought of; here a story is told that somebody did think of.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from handlers import case_due, policy_state_change, sweep_tick
from responder.adapters import resource_rows
from responder.adapters.arm_error import ArmError
from responder.core.case import Case, State
from responder.core.resource_row import ResourceRow
from responder.core.rules import Rules, read_rules
from responder.core.task import Task
from tests.core.builders import ASSIGNMENT, START, SUBSCRIPTION
from tests.scenarios.interleaving import Mood
from tests.scenarios.memory_table import MemoryTable
from tests.scenarios.personas import GROUPS, Persona, Resource
from tests.scenarios.stand_ins import set_stage
from tests.scenarios.world import World

Hook = Callable[[str], Awaitable[Mood | None]]
TEXT = f"""
version: 1
mode: enforce
within: ["{SUBSCRIPTION}"]
defaults:
  gather: {{by: resourceGroup, for: PT30S, atMost: PT2M}}
  grace: none
  poll: {{first: PT30S, most: PT10M}}
  verify: {{after: PT5M, atMost: PT1H}}
  cooldown: PT1H
  retry: {{attempts: 3, wait: PT15M, factor: 2}}
rules:
  - name: vaults
    match: {{resource: "**/vaults/*"}}
    action: remediate
"""


def rules(more: str = "") -> Rules:
    """Rules that remediate every vault; `more` are further lines of the one rule."""
    return read_rules(TEXT + "".join(f"    {line}\n" for line in more.splitlines()))


class App:
    """The app, its Azure and what it asked for. `hooks` see every call before it is made, and may spoil it."""

    def __init__(self, resources: int = 1, rules: Rules | None = None, fates: tuple[int, ...] = ()) -> None:
        self.calls: list[str] = []
        self.hooks: list[Hook] = []
        self.resources = [Resource(Persona("kv", "vaults"), number, GROUPS[0]) for number in range(resources)]
        self.world = World(self.resources, fates=fates)
        self.stage = set_stage(self.world, self._turn)
        self.stage.promises.asked = lambda *_: None  # type: ignore[method-assign]  # it knows other rules
        self.parts = replace(self.stage.parts, rules=rules or read_rules(TEXT))

    async def _turn(self, what: str) -> Mood:
        self.calls.append(what)
        for hook in list(self.hooks):
            if mood := await hook(what):
                return mood
        return Mood.WELL

    def asked(self, what: str) -> int:
        """How many calls began so."""
        return sum(call.startswith(what) for call in self.calls)

    async def hears(self, number: int = 0, *, compliant: bool = False) -> None:
        """A resource changes, is scanned, and its event arrives."""
        name = self.resources[number].id
        self.world.drift(ASSIGNMENT, name, noncompliant=not compliant)
        self.world.scan(ASSIGNMENT, name)
        await policy_state_change.handle(self.world.news[-1], "", self.parts)

    async def works(self) -> None:
        """Take every message that is visible now."""
        queue = self.stage.queue
        for _ in range(200):
            if not (visible := queue.visible(self.world.now)):
                return
            queue.messages.remove(visible[0])
            ticket = visible[0].ticket
            body = json.dumps({"case": ticket.case, "ticket": ticket.ticket}).encode()
            await case_due.handle(body, self.parts)

    async def passes(self, minutes: float, step: float = 0.5) -> None:
        """Let time pass; messages are taken at every step."""
        end = self.world.now + timedelta(minutes=minutes)
        while self.world.now < end:
            self.world.wait(min(end, self.world.now + timedelta(minutes=step)))
            await self.works()

    async def reaches(self, state: State) -> None:
        """Let time pass until the only case is in a state."""
        while not self.cases() or self.case.state is not state:
            assert self.world.now - START < timedelta(hours=2), f"the case never was {state}"
            await self.passes(0.5)

    async def sweeps(self) -> None:
        """One tick of the sweep, and the work that comes of it."""
        await sweep_tick.handle("0 * * * * *", self.parts)
        await self.works()

    def cases(self) -> list[Case]:
        """All cases."""
        return self.stage.cases.cases()

    @property
    def case(self) -> Case:
        """The only case."""
        [case] = self.cases()
        return case

    def rows(self) -> dict[str, ResourceRow]:
        """What is remembered of each resource, by its short name."""
        table = self.parts.ledger._resources
        assert isinstance(table, MemoryTable)
        found = [resource_rows.from_entity(entity) for entity in table.entities()]
        return {row.resource.rpartition("/")[2]: row for row in found}


def no_task_is_shown(app: App, status: int = 403, code: str = "AuthorizationFailed") -> None:
    """From now on Azure refuses to show a task."""

    async def task(scope: object, name: str) -> Task | None:
        raise ArmError("reading the task", name, status, code, "no")

    app.parts.insights.task = task  # type: ignore[method-assign]
