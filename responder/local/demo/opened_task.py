"""A remediation task as the simulated Azure remembers it, from its PUT to its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from responder.core import instant


@dataclass(frozen=True, slots=True)
class Row:
    """One deployment of a task."""

    resource: str
    status: str
    error: str  # code and message; empty where it went well


@dataclass(frozen=True, slots=True)
class OpenedTask:
    """One task. `states` are its states with the seconds since its PUT."""

    scope: str
    name: str
    mode: str
    states: tuple[tuple[str, float], ...]
    rows: tuple[Row, ...]

    @property
    def failures(self) -> tuple[Row, ...]:
        """The deployments that failed."""
        return tuple(row for row in self.rows if row.status == "Failed")


def read_tasks(told: object) -> list[OpenedTask]:
    """The tasks of `GET /_simulator/remediations`."""
    assert isinstance(told, list)
    return [_task(each) for each in told]


def _task(told: Mapping[str, Any]) -> OpenedTask:
    began = instant.ticks(told["createdOn"])
    return OpenedTask(
        scope=told["scope"],
        name=told["name"],
        mode=told["body"]["properties"].get("resourceDiscoveryMode", "ExistingNonCompliant"),
        states=tuple((each["state"], _seconds(each["at"], began)) for each in told["states"]),
        rows=tuple(_row(row) for row in told["deployments"]),
    )


def _row(told: Mapping[str, Any]) -> Row:
    error = told.get("error")
    words = f"{error['code']}: {error['message']}" if error else ""
    return Row(told["remediatedResourceId"], told["status"], words)


def _seconds(moment: str, began: int) -> float:
    return (instant.ticks(moment) - began) / instant.TICKS_PER_SECOND
