"""Poison messages, driven again: each goes back to the queue it failed in.

Messages are hidden while this runs, so that a second person does not drive the same ones, and what is kept is shown
again at the end; where this is killed they come back by themselves. A dry run only peeks, and a queue shows no more
than its first 32.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from responder.adapters.due_queue import BadTicket, read_ticket
from responder.adapters.event_grid import from_queue
from responder.adapters.poison import PoisonQueue, PoisonRecords, WaitingMessage
from responder.commands.redrive_driver import Answer, Driver, Finding, kept
from responder.core.poison import NOT_RECORDED, record_of, recorded
from responder.core.redrive import DROPPABLE, EVENTS, POISON, Keep, Kept

_HIDDEN = timedelta(minutes=10)


class PoisonDrive:
    """Goes through one poison queue. With `drop_void`, what can never be driven is recorded and deleted."""

    def __init__(self, driver: Driver, queue: PoisonQueue, records: PoisonRecords, drop_void: bool) -> None:
        self._driver = driver
        self._queue = queue
        self._records = records
        self._drop_void = drop_void

    async def run(self, tell: Callable[[Finding], None]) -> int:
        """Drive what may be driven; `tell` hears what came of each message. How many were not looked at."""
        waiting = await self._queue.waiting()
        if not waiting:
            return 0
        return max(0, waiting - await (self._peek if self._driver.dry_run else self._work)(waiting, tell))

    async def _peek(self, _waiting: int, tell: Callable[[Finding], None]) -> int:
        first = await self._queue.peek()
        for message in first:
            tell(await self._told(message, await self._judged(message)))
        return len(first)

    async def _work(self, waiting: int, tell: Callable[[Finding], None]) -> int:
        """At most as many as lay there at the beginning: what comes back meanwhile is left for the next run."""
        staying: list[WaitingMessage] = []
        handled = 0
        try:
            while handled < waiting and (received := await self._queue.receive(_HIDDEN)):
                for message in received:
                    staying.append(message)
                    finding = await self._judged(message)
                    told = await self._told(message, finding)
                    if finding.done:
                        await self._done(message, finding)
                        staying.remove(message)
                    tell(told)
                handled += len(received)
        finally:
            for message in staying:
                await self._queue.show(message)
        return handled

    async def _judged(self, message: WaitingMessage) -> Finding:
        where = f"{self._queue.name}{POISON}/{message.id}"
        if self._queue.name == EVENTS:
            finding = await self._driver.event(where, from_queue(message.body))
        else:
            finding = await self._ticket(where, message)
        return replace(finding, answer=Answer.DROPPED) if self._drop_void and finding.reason in DROPPABLE else finding

    async def _told(self, message: WaitingMessage, finding: Finding) -> Finding:
        """The finding with why the message failed, as its last attempt recorded it."""
        body = message.body
        record = (
            None if finding.because else await self._records.read(self._queue.name, record_of(self._queue.name, body))
        )
        return replace(finding, because=f"It failed as {record.reason}: {record.because}") if record else finding

    async def _ticket(self, where: str, message: WaitingMessage) -> Finding:
        try:
            ticket = read_ticket(message.body)
        except BadTicket as error:
            return kept(where, "no ticket", Kept(Keep.UNREADABLE, f"{error}."))
        return await self._driver.ticket(where, ticket)

    async def _done(self, message: WaitingMessage, finding: Finding) -> None:
        """Recorded, then deleted."""
        because = finding.because or "It was driven again before anybody recorded why it failed."
        body, at = message.body, self._driver.now
        poison = recorded(self._queue.name, message.id, body, finding.reason or NOT_RECORDED, because, 0, at)
        await self._records.close(poison, f"{finding.answer} by {self._driver.who}")
        await self._queue.delete(message)
