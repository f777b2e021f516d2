"""A table and a queue in memory with the behaviour of the real ones, and a turn before every operation.

The table keeps what Azure Tables promise: each operation is atomic, a write is conditional, and a write whose answer
is lost may have happened (the SDK repeats it and finds its own first attempt in the way, which reads as a conflict).
The queue keeps what Azure Queues promise, which is little: a message may be lost, late or doubled.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from azure.data.tables import EntityProperty

from responder.adapters import case_rows
from responder.adapters.conditional_table import MOST_TOGETHER, ConditionalTable, Conflict, Write
from responder.adapters.due_queue import DueQueue, Ticket
from responder.core.case import Case
from tests.scenarios.interleaving import Mood, Turn

Entity = Mapping[str, Any]
_OVERDUE = re.compile(r"due gt 0L and due lt (\d+)L")
_SLICE = re.compile(
    r"PartitionKey ge @low and PartitionKey lt @high and "
    r"(?:arrived lt (\d+)L|state eq @state and Timestamp lt @before)"
)


class MemoryTable(ConditionalTable):
    """The rows of one table, each with the number of its last write as its ETag."""

    def __init__(self, name: str, turn: Turn) -> None:
        self.name = name
        self._turn = turn
        self._rows: dict[tuple[str, str], tuple[Entity, str]] = {}
        self._writes = 0

    async def create(self) -> bool:
        return False

    async def get(self, partition: str, row: str) -> tuple[Entity, str] | None:
        await self._turn(f"read a row of {self.name}")
        return self._rows.get((partition, row))

    async def insert(self, entity: Entity) -> str:
        mood = await self._turn(f"insert into {self.name}")
        if _key(entity) in self._rows:
            raise Conflict(f"{self.name}: the row exists")
        return self._written(entity, mood)

    async def replace(self, entity: Entity, etag: str) -> str:
        mood = await self._turn(f"replace in {self.name}")
        if self._rows.get(_key(entity), ({}, ""))[1] != etag:
            raise Conflict(f"{self.name}: the row changed")
        return self._written(entity, mood)

    async def write_together(self, writes: Sequence[Write]) -> None:
        mood = await self._turn(f"write rows of {self.name} together")
        assert len({write.entity["PartitionKey"] for write in writes}) == 1
        assert len(writes) <= MOST_TOGETHER
        if any(self._rows.get(_key(write.entity), ({}, None))[1] != write.etag for write in writes):
            raise Conflict(f"{self.name}: one of the rows changed")
        for write in writes:
            self._written(write.entity, Mood.WELL)
        if mood is Mood.UNHEARD:
            raise Conflict(f"{self.name}: the answer was lost")

    async def delete(self, partition: str, row: str, etag: str) -> None:
        mood = await self._turn(f"delete from {self.name}")
        if self._rows.get((partition, row), ({}, ""))[1] != etag:
            raise Conflict(f"{self.name}: the row changed")
        del self._rows[partition, row]
        if mood is Mood.UNHEARD:
            raise Conflict(f"{self.name}: the answer was lost")

    async def tagged(self, condition: str, parameters: Mapping[str, Any]) -> AsyncIterator[tuple[Entity, str]]:
        await self._turn(f"list {self.name}")
        for _, (entity, etag) in sorted(self._rows.items(), key=lambda row: row[0]):
            if _meets(entity, condition, parameters):
                yield entity, etag

    async def query(self, condition: str, parameters: Mapping[str, Any]) -> AsyncIterator[Entity]:
        await self._turn(f"list {self.name}")
        for entity, _ in list(self._rows.values()):
            if _meets(entity, condition, parameters):
                yield entity

    def entities(self) -> list[Entity]:
        """Every row in it, read at once and without a turn."""
        return [entity for entity, _ in self._rows.values()]

    def put_at_once(self, entity: Entity) -> None:
        """Write a row without a turn: for what stands there before anything happens."""
        self._written(entity, Mood.WELL)

    def cases(self) -> list[Case]:
        """Every case in it, read at once and without a turn."""
        return [case_rows.from_entity(entity) for entity, _ in self._rows.values()]

    def _written(self, entity: Entity, mood: Mood) -> str:
        self._writes += 1
        self._rows[_key(entity)] = (dict(entity), str(self._writes))
        if mood is Mood.UNHEARD:
            raise Conflict(f"{self.name}: the answer was lost")
        return str(self._writes)


def _key(entity: Entity) -> tuple[str, str]:
    return entity["PartitionKey"], entity["RowKey"]


def _meets(entity: Entity, condition: str, parameters: Mapping[str, Any]) -> bool:
    if condition == "state eq 'opening' or state eq 'running'":
        return entity.get("state") in ("opening", "running")
    if condition == "PartitionKey eq @partition":
        return bool(entity["PartitionKey"] == parameters["partition"])
    if sliced := _SLICE.fullmatch(condition):
        within = parameters["low"] <= entity["PartitionKey"] < parameters["high"]
        old = sliced[1] is None or _number(entity["arrived"]) < int(sliced[1])
        return within and old and entity.get("state", "closed") == "closed"
    if overdue := _OVERDUE.fullmatch(condition):
        return 0 < _number(entity["due"]) < int(overdue[1])
    if condition == "version ge 0":
        return True
    if condition == "version ge 0 and PartitionKey gt @after":
        return bool(entity["PartitionKey"] > parameters["after"])
    raise NotImplementedError(f"the table in memory does not know the condition {condition!r}")


def _number(value: object) -> int:
    return int(value.value if isinstance(value, EntityProperty) else str(value))


@dataclass(frozen=True, slots=True)
class Message:
    """A ticket on the queue, and when it becomes visible."""

    ticket: Ticket
    at: datetime


class MemoryQueue(DueQueue):
    """The messages that are out, whoever put them there."""

    def __init__(self, turn: Turn) -> None:
        self.messages: list[Message] = []
        self._turn = turn

    async def ensure(self) -> None:
        return None

    async def put(self, ticket: Ticket, at: datetime, now: datetime) -> None:
        await self._turn("put a message on the queue")
        self.messages.append(Message(ticket, max(at, now)))

    def visible(self, now: datetime) -> list[Message]:
        """The messages that a worker could take now."""
        return [message for message in self.messages if message.at <= now]
