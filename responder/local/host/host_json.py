"""The part of `host.json` that this host keeps to: queues and the route prefix.

https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue#host-json
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from responder.local.host.trouble import HostError

# In Azure a poll may wait up to a minute; at a desk nobody wants to.
_LONGEST_POLL = timedelta(seconds=1)
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


def read_host_json(folder: Path) -> HostOptions:
    """Read the app's host.json. `HostError` when it is missing or says what cannot be understood."""
    path = folder / "host.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise HostError(f'{path} is missing; a function app needs one, at least {{"version": "2.0"}}.') from error
    except ValueError as error:
        raise HostError(f"{path} is not JSON: {error}.") from error
    prefix = _Section(path, content).at("extensions").at("http").text("routePrefix", "api")
    return HostOptions(_queue_options(_Section(path, content).at("extensions").at("queues")), prefix)


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
