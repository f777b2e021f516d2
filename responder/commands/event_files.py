"""Events as people keep them: one object, an array, JSON lines, the dead letters of Event Grid.

The fields that Event Grid adds to a dead letter are taken off: what is posted again is the event as it first came.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from responder.core.dead_letter import as_first_sent

_ENDINGS = (".json", ".jsonl", ".ndjson")


class EventFileError(Exception):
    """A file cannot be read as events; the message names the file, and the line where there is one."""


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """One event, and where it was found: `file`, `file:line` or `file[number]`."""

    event: Mapping[str, object]
    where: str

    @property
    def is_cloud_event(self) -> bool:
        """Whether it is a CloudEvent; anything else is meant to be of the Event Grid schema."""
        return "specversion" in self.event


def read_events(names: Sequence[str]) -> list[FoundEvent]:
    """Read files, folders and `-` (standard input), in this order. `EventFileError` for what is no event."""
    return [found for name in names for file, text in _texts(name) for found in _events(file, text)]


def _texts(name: str) -> Iterator[tuple[str, str]]:
    if name == "-":
        yield "-", sys.stdin.read()
        return
    path = Path(name)
    files = _in_folder(path) if path.is_dir() else [path]
    for file in files:
        yield str(file), _text(file)


def _in_folder(folder: Path) -> list[Path]:
    files = sorted(file for file in folder.rglob("*") if file.suffix in _ENDINGS and file.is_file())
    if not files:
        raise EventFileError(f"{folder} holds no file that ends in {', '.join(_ENDINGS)}.")
    return files


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EventFileError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise EventFileError(f"{file} is not UTF-8 text.") from error


def _events(file: str, text: str) -> Iterator[FoundEvent]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        yield from _lines(file, text, error)
        return
    except (ValueError, RecursionError) as error:
        raise _unreadable(file, error) from error
    yield from _items(file, content)


def _lines(file: str, text: str, whole: json.JSONDecodeError) -> Iterator[FoundEvent]:
    """Read one event, or one array, for each line; where not even the first is one, tell of the whole text."""
    lines = [(number, line) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if not lines:
        raise EventFileError(f"{file} is empty.")
    for number, line in lines:
        try:
            content = json.loads(line)
        except json.JSONDecodeError as error:
            told, at = (whole, whole.lineno) if number == lines[0][0] else (error, number)
            raise EventFileError(f"{file}:{at}: not JSON: {told.msg}.") from error
        except (ValueError, RecursionError) as error:
            raise _unreadable(f"{file}:{number}", error) from error
        yield from _items(f"{file}:{number}", content)


def _unreadable(where: str, error: Exception) -> EventFileError:
    what = "nested too deep" if isinstance(error, RecursionError) else "a number in it is too long"
    return EventFileError(f"{where} is JSON that cannot be read: {what}.")


def _items(where: str, content: object) -> Iterator[FoundEvent]:
    items = content if isinstance(content, list) else [content]
    for number, item in enumerate(items):
        place = f"{where}[{number}]" if isinstance(content, list) else where
        if not isinstance(item, dict):
            raise EventFileError(f"{place}: an event is an object, not {json.dumps(item)[:40]}.")
        yield FoundEvent(as_first_sent(item), place)
