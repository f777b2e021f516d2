"""Rows as Azure Table storage writes them: JSON, where a property that JSON cannot tell apart has its type beside it.

Only the types that our rows have; any other is refused, because a value that is silently written as a text would
come back as one (learn.microsoft.com/rest/api/storageservices/payload-format-for-table-service-operations).
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from azure.data.tables import EdmType, EntityProperty

Entity = Mapping[str, Any]
_TYPE = "@odata.type"
_INT64 = "Edm.Int64"
_BINARY = "Edm.Binary"


def to_json(entity: Entity) -> bytes:
    """The row as a request's body; raises `TypeError` for a value that has no type of ours."""
    told: dict[str, object] = {}
    for name, value in entity.items():
        kind = type(value)
        if kind is str or kind is bool:
            told[name] = value
        elif kind is int:
            told[name] = _int32(name, value)
        elif isinstance(value, EntityProperty) and value.edm_type is EdmType.INT64:
            told[name], told[name + _TYPE] = str(value.value), _INT64
        elif isinstance(value, bytes):
            told[name], told[name + _TYPE] = b64encode(value).decode(), _BINARY
        elif isinstance(value, str):  # a word of an enumeration
            told[name] = str(value)
        else:
            raise TypeError(f"column {name} holds a {kind.__name__}, which no row of ours has")
    return json.dumps(told).encode()


def from_json(body: bytes) -> Entity:
    """The row of an answer."""
    told: dict[str, Any] = json.loads(body)
    return _entity(told)


def page_of(body: bytes) -> list[tuple[Entity, str]]:
    """The rows of one page of a list, each with its ETag."""
    return [(_entity(told), str(told.get("odata.etag", ""))) for told in json.loads(body)["value"]]


def _int32(name: str, value: int) -> int:
    if not -(2**31) <= value < 2**31:
        raise TypeError(f"column {name} holds {value}, which needs more than 32 bits: write it as an Int64")
    return value


def _entity(told: dict[str, Any]) -> Entity:
    kinds = {name.removesuffix(_TYPE): kind for name, kind in told.items() if name.endswith(_TYPE)}
    return {
        name: _value(value, kinds[name]) if name in kinds else value
        for name, value in told.items()
        if "odata." not in name
    }


def _value(value: Any, kind: str) -> Any:
    match kind:
        case "Edm.Int64":
            return EntityProperty(int(value), EdmType.INT64)
        case "Edm.Binary":
            return b64decode(value)
        case _:
            return value
