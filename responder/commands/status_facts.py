"""One look at everything that `status` tells. What cannot be read is said, and keeps nothing else from being read."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from responder.adapters.breakers import Breakers
from responder.adapters.canceling import cases_to_cancel
from responder.adapters.case_census import take_census
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.dead_letters import open_dead_letters
from responder.adapters.ledger import CASES
from responder.adapters.outcome_rows import OUTCOMES, OutcomeRows
from responder.adapters.poison import POISONED, PoisonQueue, PoisonRecords
from responder.adapters.progress import PROGRESS, ProgressRows
from responder.adapters.restraint import RESTRAINT, TROUBLE, trouble_in_words
from responder.adapters.rules_file import read_rules_file
from responder.adapters.settings import Settings
from responder.adapters.slots import SlotStore
from responder.adapters.storage import StorageClients, StorageTrouble
from responder.adapters.switches import SWITCHES, Switches
from responder.adapters.throttles import Throttles
from responder.core.breaker import Breaker
from responder.core.census import Census
from responder.core.duty import Duty, PoisonWaiting
from responder.core.orders import Ordered
from responder.core.poison import NOT_RECORDED, record_of
from responder.core.progress import Progress
from responder.core.redrive import QUEUES
from responder.core.rule_settings import Bounds
from responder.core.rules import BadRules
from responder.core.schedule import BadSchedule, longest_gap
from responder.core.slots import Holder, Slots
from responder.core.switch import Switch, Unclear, paused_parts, why_paused

MOST_CASES = 200_000
MOST_BLOBS = 5_000
MOST_EVENTS = 1_000
_ORDERS = 5
_SENTENCES = 3
_T = TypeVar("_T")


class Looker:
    """Looks at one thing after the other, and remembers what could not be read."""

    def __init__(self, clients: StorageClients, settings: Settings, now: datetime) -> None:
        self._clients, self._settings, self._now = clients, settings, now
        self._unreadable: list[str] = []
        self._began: datetime | None = None
        self._parts: tuple[str, ...] = ()

    async def look(self) -> Duty:
        """Everything."""
        return Duty(
            now=self._now,
            census=await self._read("cases", self._census, Census({})),
            paused=await self._read("switches", self._paused, ()),
            slots=await self._read("slots", self._slots, None),
            most_slots=_most_slots(self._settings),
            breakers=await self._read("breakers", self._breakers, ()),
            throttled=await self._read("throttles", self._throttled, ()),
            container=self._settings.dead_letters,
            dead_letters=await self._read("dead letters", self._dead_letters, 0),
            poison=await self._read("poison queues", self._poison, ()),
            sweep=await self._read("sweep's notes", self._sweep, ()),
            orders=await self._read("orders", self._orders, ()),
            unreadable=tuple(self._unreadable),
            sweep_gap=sweep_gap(self._settings),
            uncanceled=await self._read("tasks to be canceled", self._uncanceled, ()),
            began=self._began,
            paused_parts=self._parts,
            untold=await self._read("outcome events", self._untold, ()),
        )

    async def _read(self, what: str, read: Callable[[], Awaitable[_T]], nothing: _T) -> _T:
        try:
            return await read()
        except StorageTrouble as error:
            self._unreadable.append(f"The {what} could not be read. {error}")
        except TROUBLE as error:
            self._unreadable.append(f"The {what} could not be read. {trouble_in_words(error, f'read the {what}')}")
        return nothing

    def _table(self, name: str) -> ConditionalTable:
        return ConditionalTable(self._clients.tables, name)

    async def _census(self) -> Census:
        return await take_census(self._clients.tables, MOST_CASES)

    async def _uncanceled(self) -> tuple[str, ...]:
        return await cases_to_cancel(self._table(CASES), self._now)

    async def _paused(self) -> tuple[str, ...]:
        """Why nothing is opened, for the app and for each smaller scope that somebody paused."""
        switches: list[Switch | Unclear] = await Switches(self._table(SWITCHES)).all()
        self._began, self._parts = began(switches), paused_parts(switches)
        why = why_paused(switches)
        scoped = [each.because for each in switches if isinstance(each, Switch) and each.paused]
        return tuple(dict.fromkeys([*([why] if why else []), *scoped]))

    async def _slots(self) -> Slots:
        return await SlotStore(self._table(RESTRAINT), Bounds(), _nobody).look()

    async def _breakers(self) -> tuple[Breaker, ...]:
        breakers = await Breakers(self._table(RESTRAINT), 1).all()
        return tuple(breaker for breaker in breakers if breaker.opened_at)

    async def _throttled(self) -> tuple[tuple[str, datetime, str], ...]:
        throttles = await Throttles(self._table(RESTRAINT)).all(self._now)
        return tuple((where, each.until, each.because) for where, each in throttles)

    async def _dead_letters(self) -> int:
        async with open_dead_letters(self._clients, self._settings.dead_letters) as letters:
            return await letters.count(MOST_BLOBS)

    async def _poison(self) -> tuple[PoisonWaiting, ...]:
        return tuple([await self._poison_of(queue) for queue in QUEUES])

    async def _poison_of(self, name: str) -> PoisonWaiting:
        """The reasons of the first messages of a queue, as they were recorded."""
        queue, records = PoisonQueue(self._clients.queues, name), PoisonRecords(self._table(POISONED))
        found = [await records.read(name, record_of(name, message.body)) for message in await queue.peek()]
        reasons = Counter(each.reason if each else NOT_RECORDED for each in found)
        because = tuple(dict.fromkeys(f"{each.reason}: {each.because}" for each in found if each))[:_SENTENCES]
        return PoisonWaiting(name, max(await queue.waiting(), len(found)), reasons, because)

    async def _untold(self) -> tuple[datetime, ...]:
        waiting = await OutcomeRows(self._table(OUTCOMES)).waiting(MOST_EVENTS)
        return tuple(kept.since for kept in waiting)

    async def _sweep(self) -> tuple[Progress, ...]:
        return tuple(await ProgressRows(self._table(PROGRESS)).all())

    async def _orders(self) -> tuple[Ordered, ...]:
        return tuple(await Switches(self._table(SWITCHES)).orders(_ORDERS))


def began(switches: Sequence[Switch | Unclear]) -> datetime | None:
    """When the first of the switches was set: the app's own is set when it makes its ledger."""
    times = (switch.at for switch in switches if isinstance(switch, Switch))
    return min((moment for text in times if (moment := _moment(text))), default=None)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


async def _nobody() -> tuple[Holder, ...]:
    """A row that is missing is not made again by somebody who only looks."""
    return ()


def _most_slots(settings: Settings) -> int | None:
    try:
        return read_rules_file(settings.rules).limits.running
    except BadRules:
        return None


def sweep_gap(settings: Settings) -> timedelta:
    """How long the sweep rests at most, by its schedule; a minute where that cannot be read."""
    try:
        return longest_gap(settings.sweep)
    except BadSchedule:
        return timedelta(minutes=1)
