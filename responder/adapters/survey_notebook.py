"""Where a survey writes down what it reads: a SQLite file, a page of states at a time.

On disk and not in memory, because an estate has more states than a laptop should hold, and because Azure gives them in
an order of its own while a plan is made of all resources of one group together: the file's key puts them in order. A
page and the link to the next are written in one transaction, so that a survey that was broken off goes on where it
was, and a page that is read twice changes nothing. Every method may block for some milliseconds; a command may.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from responder.core.resource_id import resource_id
from responder.core.surveyed import KEPT, Policy, Surveyed, Unit, is_compliant, surveyed

_VERSION = 1
_NO_GROUP = "\uffff"  # sorts behind every resource group's name
_TABLES = """
create table if not exists about (name text primary key, value text not null);
create table if not exists scopes (
    scope text primary key, next text, done integer not null default 0, unreadable integer not null default 0);
create table if not exists states (
    subscription text, assignment text, definition text, reference text, place text, resource text,
    scan integer not null, row text not null,
    primary key (subscription, assignment, definition, reference, place, resource)) without rowid;
create table if not exists answers (request text primary key, status integer not null, body text not null);
"""
_UNIT = "subscription, assignment, definition, reference"
_PUT_STATE = """
insert into states values (?, ?, ?, ?, ?, ?, ?, ?)
on conflict do update set scan = excluded.scan, row = excluded.row where excluded.scan >= scan
"""


class BadNotebook(ValueError):
    """A progress file that cannot be used, and what to do."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A scope that is still to be read: from the start, or from a link to a next page."""

    scope: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What Resource Manager answered to a question about a policy."""

    request: str  # path and query
    status: int
    body: str


class Notebook:
    """One survey's states and answers. Close it at the end."""

    def __init__(self, file: Path) -> None:
        self.file = file
        try:
            self._rows = sqlite3.connect(file)
            self._rows.executescript(_TABLES)
        except sqlite3.Error as error:
            raise BadNotebook(
                f"{file} cannot be used as a progress file: {error}; name another, or delete it."
            ) from error

    def begin(self, endpoint: str, scopes: Iterable[str], made: datetime) -> None:
        """Say what this survey is about, and when; raises `BadNotebook` where the file is about something else."""
        about = {"version": str(_VERSION), "endpoint": endpoint, "scopes": json.dumps(sorted(scopes))}
        told = self._about()
        if any(told.get(name, value) != value for name, value in about.items()):
            raise BadNotebook(
                f"{self.file} is the progress of another survey ({told.get('endpoint')}, scopes {told.get('scopes')}); "
                "name the same scopes, or another file."
            )
        about["made"] = made.isoformat()
        with self._rows:
            self._rows.executemany("insert or ignore into about values (?, ?)", about.items())
            names = [(scope,) for scope in json.loads(about["scopes"])]
            self._rows.executemany("insert or ignore into scopes (scope) values (?)", names)

    def _about(self) -> dict[str, str]:
        return dict(self._rows.execute("select name, value from about"))

    @property
    def made(self) -> datetime:
        """When the survey was begun: whether an exemption has expired is judged by that."""
        return datetime.fromisoformat(self._about()["made"])

    @property
    def endpoint(self) -> str:
        """The Resource Manager that was read."""
        return self._about().get("endpoint", "")

    @property
    def scopes(self) -> tuple[str, ...]:
        """What is surveyed."""
        return tuple(scope for (scope,) in self._rows.execute("select scope from scopes order by scope"))

    def unfinished(self) -> list[Unfinished]:
        """The scopes that are still to be read."""
        rows = self._rows.execute("select scope, next from scopes where not done order by scope")
        return [Unfinished(scope, link) for scope, link in rows]

    def add_page(self, scope: str, rows: Iterable[Mapping[str, object]], link: str | None) -> int:
        """Write one page down, and where the next one is; returns how many states it held."""
        kept, unreadable = _kept(rows)
        with self._rows:
            self._rows.executemany(_PUT_STATE, kept)
            self._rows.execute(
                "update scopes set next = ?, done = ?, unreadable = unreadable + ? where scope = ?",
                (link, link is None, unreadable, scope),
            )
        return len(kept)

    def add_states(self, rows: Iterable[Mapping[str, object]]) -> None:
        """Write states down that come from no query."""
        with self._rows:
            self._rows.executemany(_PUT_STATE, _kept(rows)[0])

    def finish(self) -> None:
        """Nothing is left to be read."""
        with self._rows:
            self._rows.execute("update scopes set next = null, done = 1")

    def add_unreadable(self, count: int) -> None:
        """Count rows that could not be read elsewhere."""
        with self._rows:
            self._rows.execute("update scopes set unreadable = ? where scope = ?", (count, self.scopes[0]))

    def start_over(self, scope: str) -> None:
        """Forget where a scope's next page is; its states stay and are read again."""
        with self._rows:
            self._rows.execute("update scopes set next = null, unreadable = 0 where scope = ?", (scope,))

    def add_answer(self, answer: Answer) -> None:
        """Write an answer down; the last one to a question counts."""
        with self._rows:
            self._rows.execute(
                "insert or replace into answers values (?, ?, ?)", (answer.request, answer.status, answer.body)
            )

    def answer(self, request: str) -> Answer | None:
        """What was answered to a question."""
        row = self._rows.execute("select status, body from answers where request = ?", (request,)).fetchone()
        return Answer(request, *row) if row else None

    def answers(self) -> Iterator[Answer]:
        """Every answer, in the order of the questions."""
        return (
            Answer(*row) for row in self._rows.execute("select request, status, body from answers order by request")
        )

    def units(self) -> Iterator[Unit]:
        """Every policy in every subscription that a state speaks of, in the order of the states."""
        rows = self._rows.execute(f"select distinct {_UNIT} from states order by {_UNIT}")
        for subscription, assignment, definition, reference in rows:
            yield Unit(resource_id(subscription), Policy(resource_id(assignment), resource_id(definition), reference))

    def states(self) -> Iterator[Surveyed]:
        """Every state, those of one policy in one resource group together; outside any group behind the groups."""
        for row in self.rows():
            state = surveyed(row)
            if state is not None:
                yield state

    def rows(self) -> Iterator[Mapping[str, object]]:
        """The same as Azure gave them, without the columns that no decision depends on."""
        rows = self._rows.execute(f"select row from states order by {_UNIT}, place, resource")
        return (json.loads(text) for (text,) in rows)

    @property
    def count(self) -> int:
        """How many states there are."""
        (count,) = self._rows.execute("select count(*) from states").fetchone()
        return int(count)

    @property
    def unreadable(self) -> int:
        """How many rows held an id or a time that cannot be read."""
        (count,) = self._rows.execute("select coalesce(sum(unreadable), 0) from scopes").fetchone()
        return int(count)

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()


def _kept(rows: Iterable[Mapping[str, object]]) -> tuple[list[tuple[str | int, ...]], int]:
    """The rows to be written, and how many could not be understood."""
    kept, unreadable = [], 0
    for row in rows:
        state = surveyed(row)
        if state is not None:
            kept.append(_state_row(state, row))
        elif not is_compliant(row):
            unreadable += 1
    return kept, unreadable


def _state_row(state: Surveyed, row: Mapping[str, object]) -> tuple[str | int, ...]:
    resource, policy = state.resource, state.policy
    kept = {name: row[name] for name in KEPT if row.get(name) is not None}
    return (
        state.unit.subscription.text,
        policy.assignment.text,
        policy.definition.text,
        policy.reference,
        resource.resource_group or _NO_GROUP,
        resource.text,
        state.observed.scan,
        json.dumps(kept),
    )
