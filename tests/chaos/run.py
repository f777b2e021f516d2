"""Play a story on a site, until everything is over or the patience ends.

Deliveries that were not acknowledged are made again, as Event Grid does, until they are. The pause is set and ended
by the switch that the commands use, past the hosts.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import aiohttp

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.switches import SWITCHES, Switches
from responder.commands.open_ledger import ledger_of, open_storage_of
from responder.core.case import Case, State
from responder.local.simulator.documents import State as PolicyState
from responder.local.simulator.event import event_of
from responder.local.simulator.wire import stamp
from tests.chaos.checks import covers
from tests.chaos.evidence import Event, Evidence, Pause
from tests.chaos.gathering import event_seen, evidence_of
from tests.chaos.places import Vault, state_of, vaults_of
from tests.chaos.site import Site
from tests.chaos.size import Size
from tests.chaos.story import TIMES, Delivery, Meddling, News, Story, story_of

_SENDERS = 16
_AGAIN_AFTER = 0.4
_LOOK_EVERY = 1.0
_GLANCE = 0.02


@dataclass
class Play:
    """One run under way."""

    site: Site
    story: Story
    begun: float
    events: dict[int, dict[str, object]] = field(default_factory=dict)  # by number of the news
    acknowledged: dict[str, Event] = field(default_factory=dict)
    delivered: bool = False
    meddled: int = 0
    posts: int = 0
    repeats: int = 0
    pauses: list[Pause] = field(default_factory=list)
    lag: float = 0.0
    lags: set[asyncio.Task[None]] = field(default_factory=set)

    async def until(self, at: float) -> None:
        """Sleep until so many seconds after the beginning."""
        await asyncio.sleep(max(0.0, self.begun + at - time.monotonic()))

    async def news_and_deliveries(self) -> None:
        """Everything that Azure Policy and Event Grid do."""
        offered: asyncio.Queue[Delivery | None] = asyncio.Queue()
        senders = [asyncio.create_task(self._send(offered, number)) for number in range(_SENDERS)]
        for at, what in _in_order(self.story):
            await self.until(at)
            if isinstance(what, News):
                self._happens(what)
            else:
                offered.put_nowait(what)
        for _ in senders:
            offered.put_nowait(None)
        await asyncio.gather(*senders, *self.lags)
        self.delivered = True

    def _happens(self, news: News) -> None:
        """A scan: the event is raised, and the states show it, now or a little later."""
        world, now = self.site.simulator.world, self.site.now()
        state = PolicyState.model_validate(state_of(news.vault, news.compliance, stamp(now)))
        self.events[news.number] = event_of(state, "Changed", now, None)
        if news.lag:
            self.lags.add(asyncio.create_task(self._shown_later(state, news.lag)))
        else:
            world.tenant.change(state, now)

    async def _shown_later(self, state: PolicyState, lag: float) -> None:
        """The states catch up, unless a newer scan was faster."""
        await asyncio.sleep(lag)
        tenant = self.site.simulator.world.tenant
        shown = next(iter(tenant.states_at(state.resource_id)), None)  # each resource breaks one policy
        if shown is None or (shown.timestamp or "") < (state.timestamp or ""):
            tenant.change(state, self.site.now())

    async def _send(self, offered: "asyncio.Queue[Delivery | None]", number: int) -> None:
        chance = random.Random(self.story.seed * 100 + number)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
            while (delivery := await offered.get()) is not None:
                await self._acknowledged(session, [self.events[each] for each in delivery.news], chance)

    async def _acknowledged(
        self, session: aiohttp.ClientSession, events: Sequence[dict[str, object]], chance: random.Random
    ) -> None:
        """Offer events until a host takes them."""
        self.posts += 1
        while not await self.site.deliver(session, events, chance):
            self.repeats += 1
            await asyncio.sleep(_AGAIN_AFTER)
        self.acknowledged |= {str(event["id"]): event_seen(event) for event in events}

    async def meddle(self) -> None:
        """Somebody changes resources under tasks that run; the news of it comes three times, too."""
        chance = random.Random(self.story.seed)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
            for meddling in self.story.meddling:
                vault = await self._under_a_task(meddling)
                numbers = [await self._meddles(vault, *change) for change in meddling.changes]
                for number in chance.sample(numbers * TIMES, TIMES * len(numbers)):
                    await self._acknowledged(session, [self.events[number]], chance)

    async def _under_a_task(self, meddling: Meddling) -> Vault:
        """One of the resources that the task is for, as soon as the task is there."""
        await self._opened(meddling.task)
        scope = self.site.simulator.world.tasks[meddling.task - 1].scope.lower()
        here = [vault for vault in vaults_of(self.site.size) if covers(scope, vault.id)]
        return here[int(meddling.pick * len(here))]

    async def _opened(self, tasks: int) -> None:
        """Wait until so many tasks were opened."""
        while len(self.site.simulator.world.tasks) < tasks:  # noqa: ASYNC110 - the simulator tells nobody
            await asyncio.sleep(_GLANCE)

    async def _meddles(self, vault: Vault, after: float, compliance: str) -> int:
        await asyncio.sleep(after)
        number = len(self.story.news) + self.meddled
        self.meddled += 1
        self._happens(News(number, 0, vault, compliance))
        return number

    async def kills(self) -> None:
        """Hosts die until all is delivered, and as often as they are to; one that is just starting is left to it."""
        async with asyncio.TaskGroup() as group:
            for number, kill in enumerate(self.story.kills):
                if self.delivered and number >= self.site.size.kills:
                    return
                await self.until(kill.at)
                group.create_task(self.site.kill(kill.host, kill.down))

    async def pause(self) -> None:
        """Pause the whole app for a while, in the middle of its work."""
        await self._opened(self.story.pause_after)
        async with open_storage_of({"AzureWebJobsStorage": self.site.storage}) as clients:
            switches = Switches(ConditionalTable(clients.tables, SWITCHES))
            await switches.set_paused(True, "chaos", "A pause in the middle of it.", self.site.now())
            begin = self.site.now()
            await asyncio.sleep(self.site.size.pause)
            end = self.site.now()
            await switches.set_paused(False, "chaos", "It goes on.", self.site.now())
        self.pauses.append(Pause(begin, end))

    async def watch(self) -> None:
        """How late this machine is: what it owes the hosts must not be held against them."""
        while True:
            before = time.monotonic()
            await asyncio.sleep(_GLANCE)
            self.lag = max(self.lag, time.monotonic() - before - _GLANCE)

    async def over(self) -> list[Case]:
        """Every case once all are over, or as they stand when the patience ends."""
        async with open_storage_of({"AzureWebJobsStorage": self.site.storage}) as clients:
            ledger = ledger_of(clients)
            while True:
                cases = await ledger.cases()
                late = time.monotonic() > self.begun + self.site.size.patience
                if late or (cases and all(case.state in (State.CLOSED, State.STOPPED) for case in cases)):
                    return cases
                await asyncio.sleep(_LOOK_EVERY)


def _in_order(story: Story) -> Iterator[tuple[float, News | Delivery]]:
    """News before deliveries of the same moment."""
    both: Sequence[News | Delivery] = (*story.news, *story.deliveries)
    yield from sorted(((each.at, each) for each in both), key=lambda one: (one[0], isinstance(one[1], Delivery)))


@dataclass(frozen=True, slots=True)
class Played:
    """A run that is over. `posts` requests delivered events, `repeats` of them again."""

    evidence: Evidence
    cases: tuple[Case, ...]
    posts: int
    repeats: int
    spoiled: int
    seconds: float


async def play(folder: Path, seed: int, size: Size, storage: str = "") -> Played:
    """Play the story of a seed. `storage`: a connection string to use instead of an Azurite of its own."""
    begun = time.monotonic()
    async with _played(folder, seed, size, storage) as (site, run, cases):
        evidence = await evidence_of(site, tuple(run.acknowledged.values()), run.pauses, cases)
        evidence = replace(evidence, lag=timedelta(seconds=run.lag))
        spoiled = sum(int(str(fault["fired"])) for fault in site.simulator.world.faults.body())
    return Played(evidence, tuple(cases), run.posts, run.repeats, spoiled, time.monotonic() - begun)


@asynccontextmanager
async def _played(folder: Path, seed: int, size: Size, storage: str) -> AsyncIterator[tuple[Site, Play, list[Case]]]:
    story = story_of(seed, size, vaults_of(size))
    async with Site(folder, size, storage) as site:
        site.spoil(story.faults)
        run = Play(site, story, time.monotonic())
        watching = asyncio.create_task(run.watch())
        try:
            async with asyncio.timeout(size.patience), asyncio.TaskGroup() as group:
                for part in (run.news_and_deliveries, run.kills, run.pause, run.meddle):
                    group.create_task(part())
        except TimeoutError:
            print("The patience ended while events were still delivered.")
        cases = await run.over()
        await asyncio.sleep(2)  # whatever is said to be over may say something still
        watching.cancel()
        yield site, run, cases
