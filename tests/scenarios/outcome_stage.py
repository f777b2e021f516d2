"""The app in memory with a topic: what is published, and deaths before any one of its calls."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from responder.adapters.outcome_rows import OUTCOMES, OutcomeRows
from responder.adapters.outcome_topic import NotPublished, OutcomeTopic
from responder.core.outcome_event import EventType, OutcomeEvent
from responder.core.progress import Progress
from responder.core.rules import Rules
from responder.jobs import outcomes as job
from responder.wiring import Outcomes
from tests.scenarios.interleaving import Mood
from tests.scenarios.memory_table import MemoryTable
from tests.scenarios.one_case import App

VERIFIED = (0, 0, 0, 1)  # what chance decides of one task: its result, how long it runs, when it shows, a scan after it
FAILED = (2, 0, 0, 0)


class Died(BaseException):
    """The process is gone."""


class TopicInMemory(OutcomeTopic):
    """Takes events, a turn before and after; refuses while `away`."""

    def __init__(self, turn: Callable[[str], object], published: list[OutcomeEvent]) -> None:
        self._turn_ = turn
        self.published = published
        self.away = False
        self._refusals, self._rests_until = 0, None

    def forgives(self) -> None:
        """It may be asked again at once."""
        self._refusals, self._rests_until = 0, None

    async def publish(self, events: Sequence[OutcomeEvent], now: datetime) -> None:
        mood = await self._turn_("publish")  # type: ignore[misc]
        if self.away or mood is Mood.REFUSED:
            self.let_rest(now)
            raise NotPublished("the topic is away", theirs=False, rest=None)
        self.published.extend(events)
        if mood is Mood.UNHEARD:
            self.let_rest(now)
            raise NotPublished("the answer was lost", theirs=False, rest=None)


@dataclass
class Told:
    """An app, its topic and its table of events that wait."""

    app: App
    topic: TopicInMemory
    rows: MemoryTable
    published: list[OutcomeEvent] = field(default_factory=list)
    counted: list[tuple[str, str]] = field(default_factory=list)

    @property
    def words(self) -> list[tuple[str, str]]:
        """What was published: the last part of the type, and its outcome, reason or plan; a repeat must be the same."""
        once = dict.fromkeys((event.id, _word(event)) for event in self.topic.published)
        return [word for _, word in once]

    async def tick(self, minutes: float = 1) -> None:
        """One tick of the sweep, with its job of outcome events, and what comes until the next."""
        await self.app.sweeps()
        if job.is_due(Progress("outcomes"), self.app.parts, self.app.world.now):
            await job.run(self.app.parts, Progress("outcomes"), self.app.world.now)
        await self.app.passes(minutes, step=0.5)

    async def goes_on(self, minutes: int) -> None:
        """So many ticks, a minute apart."""
        for _ in range(minutes):
            await self.tick()


def _word(event: OutcomeEvent) -> tuple[str, str]:
    data = event.data
    kind = event.type.value.rpartition(".")[2]
    word = {EventType.CONCLUDED: "outcome", EventType.STOPPED: "reason"}.get(event.type, "plan")
    return kind, str(data[word])


def told(rules: Rules | None = None, fates: tuple[int, ...] = VERIFIED, resources: int = 1) -> Told:
    """An app with a topic."""
    app = App(resources, rules, fates)
    table = MemoryTable(OUTCOMES, app._turn)
    topic = TopicInMemory(app._turn, [])
    stage = Told(app, topic, table)
    app.parts = replace(app.parts, outcomes=Outcomes(OutcomeRows(table), topic))
    app.parts.telemetry.count_outcome_event = (  # type: ignore[method-assign]
        lambda event, result: stage.counted.append((event.rpartition(".")[2], result))
    )
    return stage


def dies_before(stage: Told, call: int, mood: Mood | None = None) -> list[str]:
    """From now on the app dies before its so-many-th call (or that call goes wrong); the call it was, once it came."""
    count, at = [0], list[str]()

    async def hook(what: str) -> Mood | None:
        count[0] += 1
        if count[0] == call:
            at.append(what)
            if mood is None:
                raise Died
            return mood
        return None

    stage.app.hooks.append(hook)
    return at


A_DAY = timedelta(hours=24)
