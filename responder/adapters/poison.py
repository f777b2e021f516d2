"""Poison messages: the queues that Functions moves them to, and the table where each is a recorded fact.

Functions puts a poison message without a time to live (its queue extension's `AddMessageAndCreateIfNotExistsAsync`), so
it lives for seven days (learn.microsoft.com, Put Message). What lies there longer would be lost in silence, so whoever
looks after them puts such a message again, without an end.
"""

import base64
import binascii
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError

from responder.adapters import row_ticks
from responder.adapters.conditional_table import ConditionalTable, Conflict, Entity
from responder.core import instant
from responder.core.poison import Poison
from responder.core.redrive import POISON

if TYPE_CHECKING:
    from azure.storage.queue import QueueMessage
    from azure.storage.queue.aio import QueueClient, QueueServiceClient

POISONED = "responderpoison"
AT_ONCE = 32
"""As many messages as a queue gives or shows in one request."""
_NEVER_EXPIRES = -1
_FAR_AHEAD = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """One message of a poison queue; `body` is what the app's function would get, `text` what lies in the queue."""

    id: str
    receipt: str
    text: str
    expires: datetime | None

    @property
    def body(self) -> bytes:
        """The body; a message that is not base64 is its own text, because that is why it lies here."""
        try:
            return base64.b64decode(self.text, validate=True)
        except (binascii.Error, ValueError):
            return self.text.encode("utf-8", "surrogatepass")

    def expires_some_day(self, now: datetime) -> bool:
        """Whether storage will delete it by itself: one put without an end carries a date in the year 9999."""
        return self.expires is not None and self.expires < now + _FAR_AHEAD


class PoisonQueue:
    """The poison queue of one queue of the app. A queue that is missing is empty."""

    def __init__(self, queues: "QueueServiceClient", queue: str) -> None:
        self.name = queue
        self._poison: QueueClient = queues.get_queue_client(queue + POISON)
        self._home: QueueClient = queues.get_queue_client(queue)

    async def waiting(self) -> int:
        """How many messages lie there, hidden ones included; storage says about how many."""
        try:
            return int((await self._poison.get_queue_properties()).approximate_message_count or 0)
        except ResourceNotFoundError:
            return 0

    async def peek(self) -> list[WaitingMessage]:
        """The first of them (at most `AT_ONCE`), left as they are."""
        try:
            return [_waiting(each) for each in await self._poison.peek_messages(AT_ONCE)]
        except ResourceNotFoundError:
            return []

    async def receive(self, hidden: timedelta) -> list[WaitingMessage]:
        """Take some (at most `AT_ONCE`) out of everybody's sight for a while; they come back by themselves."""
        seconds = int(hidden.total_seconds())
        pages = self._poison.receive_messages(
            messages_per_page=AT_ONCE, max_messages=AT_ONCE, visibility_timeout=seconds
        )
        try:
            return [_waiting(each) async for each in pages]
        except ResourceNotFoundError:
            return []

    async def show(self, message: WaitingMessage) -> None:
        """Give a received message back; one that somebody else has by now is left to him."""
        try:
            await self._poison.update_message(message.id, message.receipt, visibility_timeout=0)
        except ResourceNotFoundError:
            return

    async def delete(self, message: WaitingMessage) -> None:
        """Delete a received message; one that somebody else has by now is left to him."""
        try:
            await self._poison.delete_message(message.id, message.receipt)
        except ResourceNotFoundError:
            return

    async def keep(self, message: WaitingMessage) -> None:
        """Make a received message stay until a person drives or drops it: first put again, then deleted."""
        await self._poison.send_message(message.text, time_to_live=_NEVER_EXPIRES)
        await self.delete(message)

    async def drive(self, body: bytes) -> None:
        """Put a body on the app's own queue, as the app expects it."""
        text = base64.b64encode(body).decode()
        try:
            await self._home.send_message(text, time_to_live=_NEVER_EXPIRES)
        except ResourceNotFoundError:
            await _created(self._home)
            await self._home.send_message(text, time_to_live=_NEVER_EXPIRES)


async def _created(queue: "QueueClient") -> None:
    try:
        await queue.create_queue()
    except ResourceExistsError:
        return


def _waiting(message: "QueueMessage") -> WaitingMessage:
    expires = message.expires_on
    return WaitingMessage(
        id=str(message.id),
        receipt=message.pop_receipt or "",
        text=str(message.content),
        expires=expires.astimezone(UTC) if expires else None,
    )


class PoisonRecords:
    """The table of what became poison, a row for each body."""

    def __init__(self, table: ConditionalTable) -> None:
        self._table = table

    async def read(self, queue: str, record: str) -> Poison | None:
        """One record, or `None`."""
        found = await self._table.get(queue, record)
        return _poison(found[0]) if found else None

    async def write(self, poison: Poison) -> None:
        """Record one message; another with the same body counts up. The table is made when it is first needed."""
        await self._change(poison, lambda before: replace(poison, times=before.times + 1))

    async def close(self, poison: Poison, fate: str) -> None:
        """Record what a person did with a message; what was recorded of it before stays."""
        await self._change(replace(poison, fate=fate), lambda before: replace(before, fate=fate))

    async def _change(self, fresh: Poison, again: Callable[[Poison], Poison]) -> None:
        while True:
            found = await self._table.get(fresh.queue, fresh.record)
            row = _row(again(_poison(found[0])) if found else fresh)
            try:
                await self._written(row, found[1] if found else None)
            except Conflict:
                continue
            return

    async def _written(self, row: dict[str, Any], etag: str | None) -> None:
        if etag is not None:
            await self._table.replace(row, etag)
            return
        try:
            await self._table.insert(row)
        except ResourceNotFoundError:
            await self._table.create()
            await self._table.insert(row)

    async def all(self, queue: str) -> AsyncIterator[Poison]:
        """Every record of one queue."""
        try:
            async for row in self._table.query("PartitionKey eq @queue", {"queue": queue}):
                yield _poison(row)
        except ResourceNotFoundError:
            return


def _row(poison: Poison) -> dict[str, Any]:
    return {
        "PartitionKey": poison.queue,
        "RowKey": poison.record,
        "message": poison.message,
        "reason": poison.reason,
        "because": poison.because,
        "body": poison.body,
        "size": poison.size,
        "deliveries": poison.deliveries,
        "at": row_ticks.column(instant.of(poison.at)),
        "times": poison.times,
        "fate": poison.fate,
    }


def _poison(row: Entity) -> Poison:
    return Poison(
        queue=str(row["PartitionKey"]),
        message=str(row.get("message", "")),
        reason=str(row.get("reason", "")),
        because=str(row.get("because", "")),
        body=bytes(row.get("body", b"")),
        size=int(row.get("size", 0)),
        deliveries=int(row.get("deliveries", 0)),
        at=instant.moment(int(getattr(row.get("at"), "value", row.get("at")) or 0)),
        record=str(row["RowKey"]),
        times=int(row.get("times", 1)),
        fate=str(row.get("fate", "")),
    )
