"""A value's JSON as columns of a table row: compressed, in pieces that a property holds.

A property holds 64 KiB and a row 1 MiB (Azure Table storage, data model), and Azurite refuses neither, so whoever
writes a row asks `fits` first.
"""

import zlib
from collections.abc import Mapping
from typing import Any

_CHUNK = 60_000
MOST_BYTES = 14 * _CHUNK


def packed(json: bytes) -> bytes:
    """The document as it lies in the row."""
    return zlib.compress(json, 6)


def fits(document: bytes) -> bool:
    """Whether a packed document fits into one row."""
    return len(document) <= MOST_BYTES


def columns(document: bytes) -> dict[str, Any]:
    """The columns of a packed document."""
    chunks = [document[at : at + _CHUNK] for at in range(0, len(document), _CHUNK)]
    return {"chunks": len(chunks), **{f"document{number}": chunk for number, chunk in enumerate(chunks)}}


def json_of(entity: Mapping[str, Any]) -> bytes:
    """The JSON of a row; raises `KeyError`, `ValueError`, `TypeError` or `zlib.error` where it cannot be read."""
    document = b"".join(bytes(entity[f"document{number}"]) for number in range(int(entity["chunks"])))
    return zlib.decompress(document)
