"""What the app declares: its functions and what triggers each of them.

The worker hands every binding over as a JSON text, the same that Core Tools would read from function.json.
It is parsed here once; a trigger or an output this host does not have is refused by name, at start.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from responder.local.host.app_settings import AppSettings
from responder.local.host.messages import RpcFunctionMetadata
from responder.local.host.ncrontab import Schedule, ScheduleError
from responder.local.host.trouble import HostError

_ALL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


@dataclass(frozen=True, slots=True)
class EventGridTrigger:
    """Runs for each event that is posted to the webhook."""


@dataclass(frozen=True, slots=True)
class QueueTrigger:
    """Runs for each message of a storage queue; `connection` names an app setting."""

    queue: str
    connection: str


@dataclass(frozen=True, slots=True)
class TimerTrigger:
    """Runs by the clock, in UTC."""

    schedule: Schedule
    run_on_startup: bool


@dataclass(frozen=True, slots=True)
class HttpTrigger:
    """Answers HTTP requests below the route prefix."""

    route: str
    methods: tuple[str, ...]


Trigger = EventGridTrigger | QueueTrigger | TimerTrigger | HttpTrigger


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the app; `parameter` is the name its trigger's value goes by."""

    name: str
    id: str
    parameter: str
    trigger: Trigger


def read_functions(found: Sequence[RpcFunctionMetadata], settings: AppSettings) -> tuple[Function, ...]:
    """Read what the worker has indexed. `HostError` for what this host cannot run."""
    return tuple(_read_function(each, settings) for each in found)


def _read_function(found: RpcFunctionMetadata, settings: AppSettings) -> Function:
    bindings = [_fields(text) for text in found.raw_bindings]
    triggers = [each for each in bindings if str(each["type"]).endswith("Trigger")]
    others = [each for each in bindings if each not in triggers]
    for other in others:
        if (other["type"], str(other["direction"]).upper()) != ("http", "OUT"):
            raise HostError(
                f"Function {found.name} has a binding of type {other['type']}, which this host does not have; "
                "use the service's SDK instead, or Core Tools (`func start`)."
            )
    trigger = triggers[0]
    return Function(found.name, found.function_id, str(trigger["name"]), _read_trigger(found.name, trigger, settings))


def _read_trigger(name: str, fields: Mapping[str, object], settings: AppSettings) -> Trigger:
    def text(key: str, default: str = "") -> str:
        return settings.resolve(str(fields.get(key) or default), f"{key} of function {name}")

    match fields["type"]:
        case "eventGridTrigger":
            return EventGridTrigger()
        case "queueTrigger":
            return QueueTrigger(text("queueName"), text("connection", "AzureWebJobsStorage"))
        case "timerTrigger":
            return TimerTrigger(_schedule(name, text("schedule")), bool(fields.get("runOnStartup")))
        case "httpTrigger":
            return HttpTrigger(text("route", name), _methods(fields.get("methods")))
        case other:
            raise HostError(
                f"Function {name} has the trigger {other}; this host has eventGridTrigger, queueTrigger, "
                "timerTrigger and httpTrigger. Use Core Tools (`func start`) for others."
            )


def _schedule(name: str, expression: str) -> Schedule:
    try:
        return Schedule.parse(expression)
    except ScheduleError as error:
        raise HostError(f"Function {name} cannot be scheduled: {error}") from error


def _methods(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        return _ALL_METHODS
    return tuple(str(method).upper() for method in value)


def _fields(text: str) -> dict[str, object]:
    fields: dict[str, object] = json.loads(text)
    return fields
