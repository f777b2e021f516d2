"""Ticks as a column of a table row: 64 bits, which the SDK writes and gives back wrapped in its own type."""

from azure.data.tables import EdmType, EntityProperty


def column(ticks: int) -> EntityProperty:
    """The column; a bare int of more than 32 bits would be refused."""
    return EntityProperty(ticks, EdmType.INT64)


def ticks_in(value: object) -> int:
    """The ticks of a column; 0 where there is none."""
    return int(value.value) if isinstance(value, EntityProperty) else int(str(value or 0))
