"""Rows as the app tells them, made by hand: for what takes hours in the world."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from responder.core.telemetry_names import Attr, LogName, MetricName
from tests.queries.scalars import Row

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)  # a Saturday night


def ago(minutes: float) -> datetime:
    """So many minutes before now."""
    return NOW - timedelta(minutes=minutes)


def a_number(minutes: float, metric: MetricName, value: float, **dimensions: str) -> Row:
    """A metric that was told so many minutes ago; its dimensions by the names of `Attr`."""
    told = {"name": metric.value, "value": value, "valueSum": value, "valueCount": 1}
    return {"timestamp": ago(minutes), **told, "customDimensions": _named(dimensions)}


def a_line(minutes: float, log: LogName, **attributes: str) -> Row:
    """A line of log that was told so many minutes ago."""
    return {"timestamp": ago(minutes), "message": str(log), "customDimensions": {Attr.LOG: log, **_named(attributes)}}


def every_minute(since: int, until: int, metric: MetricName, value: float, **dimensions: str) -> list[Row]:
    """A gauge that was told at each tick from so many minutes ago until so many minutes ago."""
    return [a_number(minutes, metric, value, **dimensions) for minutes in range(since, until - 1, -1)]


def metrics(*rows: Row | Iterable[Row]) -> Mapping[str, list[Row]]:
    """Tables with these metrics."""
    return {"customMetrics": [row for each in rows for row in ([each] if isinstance(each, dict) else each)]}


def _named(given: Mapping[str, str]) -> dict[str, str]:
    return {Attr[name.upper()].value: value for name, value in given.items()}
