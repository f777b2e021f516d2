"""The slots in the ledger: one row that says who may run a task, changed by every instance under its ETag.

A slot is taken only after the case's row says that it is opening, and given back once its task has ended. What cannot
be read is a no: nothing is opened without a slot. A lost row is made again from the cases that are opening or running.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from pydantic import TypeAdapter

from responder.adapters.conditional_table import ConditionalTable, Conflict
from responder.adapters.restraint import TROUBLE, Rows, breathe, trouble_in_words
from responder.core.rule_settings import Bounds
from responder.core.slots import Denied, Holder, Slots, Want, given_back, held, left, next_up, rebuilt, taken

_ROW = "app"
_WHAT = "the row of the slots"
_CODEC: TypeAdapter[Slots] = TypeAdapter(Slots)

Rebuild = Callable[[], Awaitable[tuple[Holder, ...]]]
Alive = Callable[[Holder], Awaitable[bool]]


class SlotStore:
    """Slots for any number of instances. Times are the caller's; one row, so one writer of this process at a time."""

    def __init__(self, table: ConditionalTable, bounds: Bounds, rebuild: Rebuild) -> None:
        self._rows = Rows(table, "slots", _CODEC)
        self._bounds = bounds
        self._rebuild = rebuild
        self._turn = asyncio.Lock()

    async def take(self, want: Want, now: datetime) -> str | None:
        """Take a slot: `None` where the case holds one now, else why not. Whatever goes wrong is a no, in words."""
        try:
            if because := await self._denied(want, now):
                return because
            async with self._turn:
                return await self._take(want, now)
        except TROUBLE as error:
            return f"No slot could be taken. {trouble_in_words(error, 'take a slot')}"

    async def _denied(self, want: Want, now: datetime) -> str | None:
        """Why not, where the row says so already: thousands may ask, and need not wait for one another to read it."""
        found = await self._rows.read(_ROW)
        answer = taken(found[0], want, self._bounds, now) if found else None
        return answer.because if found and isinstance(answer, Denied) and answer.slots == found[0] else None

    async def _take(self, want: Want, now: datetime) -> str | None:
        tries = 0
        while True:
            await breathe(tries, _WHAT)
            tries += 1
            before, etag = await self._read()
            after = taken(before, want, self._bounds, now)
            # A row that is made anew is written even by who is denied: else nobody would know of it, and wake it.
            if isinstance(after, Denied) and after.slots == before and etag is not None:
                return after.because
            # A slot that is held already is written all the same: the sweep that just took its case for dead loses.
            if await self._written(after.slots if isinstance(after, Denied) else after, etag):
                return after.because if isinstance(after, Denied) else None

    async def hold(self, want: Want, now: datetime) -> None:
        """Hold a slot whatever the limits say, for a task that runs without one. Raises one of `TROUBLE`."""
        await self._change(lambda slots: held(slots, want, now))

    async def give_back(
        self,
        case: str,
        round: int,  # noqa: A002
        now: datetime,
        unused: bool = False,
    ) -> tuple[str, ...]:
        """Give the round's slot back; the ids of the cases to wake. Nothing is written where it holds none.

        `unused`: no PUT was sent, so the rolling hour gets the resources back. Raises one of `TROUBLE`.
        """
        return await self._freed(lambda slots: given_back(slots, case, round, unused), now)

    async def leave(self, case: str, now: datetime) -> tuple[str, ...]:
        """Take a case off the list that wants no slot any more, so that nobody waits behind it; the cases to wake."""
        return await self._freed(lambda slots: left(slots, case), now)

    async def _freed(self, change: Callable[[Slots], Slots], now: datetime) -> tuple[str, ...]:
        before, after = await self._change(change)
        return () if after == before else next_up(after, self._bounds, now)

    async def look(self) -> Slots:
        """What the row says, for people; empty where there is none. Raises one of `TROUBLE`."""
        found = await self._rows.read(_ROW)
        return found[0] if found else Slots()

    async def forget_dead(self, alive: Alive, now: datetime) -> tuple[str, ...]:
        """Free what no case holds any more; the ids of the cases to wake, also where nothing was freed.

        Where there is no row, nothing is known: the next who takes a slot makes it again.

        The row is read first and each case second, and it is freed under the row's ETag: a case that takes its slot
        in between writes the row, and then everything is read again. Raises one of `TROUBLE`.
        """
        tries = 0
        while True:
            await breathe(tries, _WHAT)
            tries += 1
            if (found := await self._rows.read(_ROW)) is None:
                return ()
            before, etag = found
            kept = [holder for holder in before.holders if await alive(holder)]
            after = replace(before, holders=tuple(kept))
            if after == before or await self._written(after, etag):
                return next_up(after, self._bounds, now)

    async def _change(self, change: Callable[[Slots], Slots]) -> tuple[Slots, Slots]:
        """The slots before and after; not written where nothing changes."""
        async with self._turn:
            tries = 0
            while True:
                await breathe(tries, _WHAT)
                tries += 1
                before, etag = await self._read()
                after = change(before)
                if after == before or await self._written(after, etag):
                    return before, after

    async def _read(self) -> tuple[Slots, str | None]:
        """The slots and their ETag; made again where the row is missing, and without an ETag then."""
        found = await self._rows.read(_ROW)
        return found if found is not None else (rebuilt(await self._rebuild()), None)

    async def _written(self, slots: Slots, etag: str | None) -> bool:
        try:
            await self._rows.write(_ROW, slots, etag)
        except Conflict:
            return False
        return True
