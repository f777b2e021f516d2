"""Cases as table rows: a few columns that queries need, and the whole case as one compressed document.

Rows carry a version: older ones are upgraded when they are read, newer ones are left alone.
"""

import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from typing import Any

from azure.data.tables import EntityProperty
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from responder.adapters import row_document, row_ticks
from responder.core import instant
from responder.core.case import Case

VERSION = 2  # 1 knew no retries, approvals or orders: what is missing reads as its default
_CODEC: TypeAdapter[Case] = TypeAdapter(Case)

Entity = dict[str, Any]


class NewerRow(Exception):
    """The row was written by a newer version of this app; it is left alone."""


class BadRow(Exception):
    """A row that cannot be read or written; the message says which and why."""


def partition(case_id: str) -> str:
    """The partition of a case's row: 256 of them, so that no partition carries all the load."""
    return case_id[:2]


def due_column(due: datetime | None) -> EntityProperty:
    """A time as the `due` column holds it: ticks, 0 where nothing is to come."""
    return row_ticks.column(instant.of(due) if due else 0)


def to_entity(case: Case) -> Entity:
    """The row of a case; raises `BadRow` where it does not fit into one."""
    document = row_document.packed(_json(case))
    if not row_document.fits(document):
        most = row_document.MOST_BYTES
        raise BadRow(f"Case {case.id} needs {len(document)} bytes; a table row holds at most {most}.")
    return {
        "PartitionKey": partition(case.id),
        "RowKey": case.id,
        "version": VERSION,
        "state": case.state.value,
        "reason": case.reason,
        "outcome": str(case.outcome or ""),
        "assignment": case.key.assignment,
        "policy": case.key.policy,
        "kind": case.key.kind.value,
        "place": case.key.place,
        "rule": case.rule,
        "round": case.round,
        "due": due_column(case.due),
        "overdueSince": due_column(case.overdue_since),
        "news": case.news,
        "ticket": case.ticket,
        **row_document.columns(document),
    }


def _json(case: Case) -> bytes:
    """The whole case; halves of surrogate pairs, which an answer's JSON can spell and no row can hold, are replaced."""
    try:
        return _CODEC.dump_json(case)
    except PydanticSerializationError:
        return _CODEC.dump_json(_writable(case))


def _writable(value: Any) -> Any:
    """The same value with every text such as can be written."""
    match value:
        case Enum():
            return value
        case str():
            return value.encode("utf-8", "replace").decode()
        case Mapping():
            return {_writable(name): _writable(each) for name, each in value.items()}
        case tuple() | list():
            return tuple(map(_writable, value))
        case _ if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{each.name: _writable(getattr(value, each.name)) for each in fields(value)})
    return value


def from_entity(entity: Mapping[str, Any]) -> Case:
    """The case of a row; raises `NewerRow` or `BadRow`."""
    try:
        version = int(entity.get("version", 0))
        if version > VERSION:
            raise NewerRow(
                f"Case {entity['RowKey']} was written by a newer version of this app ({version}, ours {VERSION})."
            )
        return _CODEC.validate_json(row_document.json_of(entity))
    except (KeyError, TypeError, ValueError, zlib.error, ValidationError) as error:
        why = ascii(" ".join(str(error).split())[:300])[1:-1]  # pydantic quotes what it found, over several lines
        raise BadRow(f"Case row {entity.get('RowKey')!r} cannot be read: {why}") from error
