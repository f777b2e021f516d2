"""What the demo leaves on disk, so that a person can look further and play it again by hand."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from responder.commands.case_view import document_of
from responder.local.demo import landing_zone
from responder.local.demo.account import Account
from responder.local.demo.story import EVENTS

TRACES = "traces.jsonl"
_OURS = (TRACES, "host.log", "cases.json", "estate.json", "events.jsonl")


def read_events() -> dict[str, Mapping[str, object]]:
    """The event files by their names without the ending, in order."""
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(EVENTS.glob("*.json"))}


class CannotWrite(Exception):
    """The folder cannot be used; the message says which, why, and what to do."""


def prepare(out: Path) -> None:
    """Make the folder, take away what an earlier run left, write the estate; raises `CannotWrite`."""
    try:
        _prepare(out)
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotWrite(f"{error.filename or out} cannot be written ({why}); name a folder with --out.") from error


def _prepare(out: Path) -> None:
    (out / "facts").mkdir(parents=True, exist_ok=True)
    for name in _OURS:
        (out / name).unlink(missing_ok=True)
    events = read_events()
    _write(out / "estate.json", landing_zone.estate(events.values()))
    for name, event in events.items():
        if facts := landing_zone.facts(event):
            _write(out / "facts" / f"{name}.json", facts)


def write_account(account: Account, out: Path) -> None:
    """The cases as `show --json` prints them, and every event that arrived, one a line."""
    _write(out / "cases.json", [document_of(case, account.rows[case.id]) for case in account.cases])
    arrived = [*(each.event for each in account.delivered), *account.raised]
    (out / "events.jsonl").write_text("".join(f"{json.dumps(event)}\n" for event in arrived), encoding="utf-8")


def _write(file: Path, document: Mapping[str, object] | Sequence[object]) -> None:
    file.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
