"""The part of `host.json` that this host keeps to: queues and the route prefix.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue#host-json
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from responder.local.host.trouble import HostError

# In Azure a poll may wait up to a minute; at a desk nobody wants to.
_LONGEST_POLL = timedelta(seconds=1)
_SETTING = "AzureFunctionsJobHost__"
_TIME = re.compile(r"(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """How queues are read. The defaults are those of the storage extension, version 5."""

    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    visibility_timeout: timedelta = timedelta(0)
    max_polling_interval: timedelta = _LONGEST_POLL
    base64: bool = True


@dataclass(frozen=True, slots=True)
class HostOptions:
    """What host.json says to this host."""

    queues: QueueOptions = QueueOptions()
    route_prefix: str = "api"


def read_host_json(folder: Path, settings: Mapping[str, str] | None = None) -> HostOptions:
    """Read the app's host.json. `HostError` when it is missing or says what cannot be understood.

    A setting such as `AzureFunctionsJobHost__extensions__queues__visibilityTimeout` wins over the file
    (https://learn.microsoft.com/azure/azure-functions/functions-host-json#override-hostjson-values).
    """
    path = folder / "host.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise HostError(f'{path} is missing; a function app needs one, at least {{"version": "2.0"}}.') from error
    except ValueError as error:
        raise HostError(f"{path} is not JSON: {error}.") from error
    for name, text in (settings or {}).items():
        if name.startswith(_SETTING) and isinstance(content, dict):
            _override(content, name.removeprefix(_SETTING).split("__"), text)
    prefix = _Section(path, content).at("extensions").at("http").text("routePrefix", "api")
    return HostOptions(_queue_options(_Section(path, content).at("extensions").at("queues")), prefix)


def _override(content: dict[str, object], names: list[str], text: str) -> None:
    """Put one value where its setting says, on top of what the file says there."""
    *sections, last = names
    for name in sections:
        inner = content.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        content = inner
    content[last] = int(text) if text.isdecimal() else text


def _queue_options(queues: _Section) -> QueueOptions:
    encoding = queues.text("messageEncoding", "base64").lower()
    if encoding not in ("base64", "none"):
        raise HostError(f"{queues.path}: messageEncoding must be base64 or none, not {encoding}.")
    return QueueOptions(
        batch_size=queues.number("batchSize", 16, least=1, most=32),
        new_batch_threshold=queues.number("newBatchThreshold", 8, least=0, most=1000),
        max_dequeue_count=queues.number("maxDequeueCount", 5, least=1, most=1000),
        visibility_timeout=queues.time("visibilityTimeout", timedelta(0)),
        max_polling_interval=min(queues.time("maxPollingInterval", _LONGEST_POLL), _LONGEST_POLL),
        base64=encoding == "base64",
    )


class _Section:
    """One object of the file, which tells what is wrong with the values in it."""

    def __init__(self, path: Path, content: object) -> None:
        if not isinstance(content, dict):
            raise HostError(f"{path}: an object is expected, not {json.dumps(content)}.")
        self.path = path
        self._content = content

    def at(self, name: str) -> _Section:
        return _Section(self.path, self._content.get(name, {}))

    def text(self, name: str, default: str) -> str:
        return str(self._content.get(name, default))

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        value = self._content.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise HostError(f"{self.path}: {name} must be a number from {least} to {most}, not {value}.")
        return value

    def time(self, name: str, default: timedelta) -> timedelta:
        value = self._content.get(name)
        if value is None:
            return default
        found = _TIME.fullmatch(str(value))
        if found is None:
            raise HostError(f"{self.path}: {name} must be a time like 00:00:30, not {value}.")
        days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
