"""Resource rows as table entities: one per resource and policy, all plain columns.

A partition holds what one policy says about one resource group (one subscription where there is no group), so
that a case's resources always lie together and are listed by one query. Ids contain `/`, which no table key
may, and can be longer than a key's 1,024 characters: keys are hashes, the ids stand beside them.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from azure.data.tables import EdmType, EntityProperty

from responder.adapters.case_rows import BadRow, NewerRow
from responder.core import instant
from responder.core.case import CaseKey, Kind
from responder.core.legible import legible
from responder.core.resource_id import resource_id
from responder.core.resource_row import Admitted, ResourceRow
from responder.core.span import Link

VERSION = 2  # 1 knew no retries
_TICKS = ("scan", "covered_at", "tried_until", "missed_from", "cool_until", "settled", "retry_at", "verified")

Entity = dict[str, Any]


def partition(key: CaseKey) -> str:
    """The partition of every resource that a case of this key can hold."""
    return _hash(key.assignment, key.policy, resource_id(key.place).group.text)


def row_key(resource: str) -> str:
    """The row's key within its partition."""
    return _hash(resource)


def to_entity(row: ResourceRow) -> Entity:
    """The table row of a resource."""
    return {
        "PartitionKey": partition(row.key),
        "RowKey": row_key(row.resource),
        "version": VERSION,
        "resource": row.resource,
        "case": row.key.id,
        "assignment": row.key.assignment,
        "policy": row.key.policy,
        "kind": row.key.kind.value,
        "place": row.key.place,
        "definition": row.definition,
        "reference": row.reference,
        "compliance": row.compliance,
        "arrived": EntityProperty(instant.of(row.arrived), EdmType.INT64),
        "event_id": row.event_id,
        "trace_id": row.link.trace_id if row.link else "",
        "span_id": row.link.span_id if row.link else "",
        **_admitted_columns(row.admitted),
        "attempts": row.attempts,
        "owed": row.owed,
        "mended": row.mended,
        "given_up": row.given_up,
        "comebacks": ",".join(map(str, row.comebacks)),
        "because": legible(row.because),
        "error_code": legible(row.error_code),
        **{name: EntityProperty(getattr(row, name), EdmType.INT64) for name in _TICKS},
    }


def from_entity(entity: Mapping[str, Any]) -> ResourceRow:
    """The resource of a table row; raises `NewerRow`, which an older app must not write over, or `BadRow`."""
    try:
        return _read(entity)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BadRow(
            f"Resource row {entity.get('RowKey')!r} in {entity.get('PartitionKey')!r} cannot be read: {error!r}. "
            "Delete it; the next news of its resource begins it anew."
        ) from error


def _read(entity: Mapping[str, Any]) -> ResourceRow:
    if int(entity.get("version", 0)) > VERSION:
        raise NewerRow(f"The row of {entity.get('resource')} was written by a newer version of this app.")
    ticks = {name: _number(entity.get(name, 0)) for name in _TICKS}
    linked = bool(entity.get("trace_id")) and bool(entity.get("span_id"))
    return ResourceRow(
        resource=str(entity["resource"]),
        key=CaseKey(str(entity["assignment"]), str(entity["policy"]), Kind(entity["kind"]), str(entity["place"])),
        definition=str(entity["definition"]),
        reference=str(entity["reference"]),
        compliance=str(entity["compliance"]),
        arrived=_moment(entity["arrived"]),
        event_id=str(entity.get("event_id", "")),
        link=Link(str(entity["trace_id"]), str(entity["span_id"])) if linked else None,
        admitted=_admitted(entity),
        attempts=_number(entity.get("attempts", 0)),
        owed=bool(entity.get("owed", False)),
        mended=bool(entity.get("mended", ticks["covered_at"] > 0)),
        given_up=str(entity.get("given_up", "")),
        comebacks=tuple(int(scan) for scan in str(entity.get("comebacks", "")).split(",") if scan),
        because=str(entity.get("because", "")),
        error_code=str(entity.get("error_code", "")),
        scan=ticks["scan"],
        covered_at=ticks["covered_at"],
        tried_until=ticks["tried_until"],
        missed_from=ticks["missed_from"],
        cool_until=ticks["cool_until"],
        settled=ticks["settled"],
        retry_at=ticks["retry_at"],
        verified=ticks["verified"],
    )


def _admitted_columns(admitted: Admitted | None) -> Entity:
    told = admitted or Admitted("", "", "", "")
    return {"answer": told.answer, "rule": told.rule, "reason": told.reason, "digest": told.digest}


def _admitted(entity: Mapping[str, Any]) -> Admitted | None:
    if not entity.get("answer"):
        return None
    return Admitted(*(str(entity.get(name, "")) for name in ("answer", "rule", "reason", "digest")))


def _moment(value: object) -> datetime:
    return instant.moment(_number(value))


def _number(value: object) -> int:
    return int(value.value) if isinstance(value, EntityProperty) else int(str(value))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]
