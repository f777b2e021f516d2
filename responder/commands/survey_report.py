"""The report of a survey, whatever its shape: told place by place, printed at the end (a CSV as it comes)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TextIO

from rich.console import Console

from responder.adapters.survey_notebook import Notebook
from responder.commands.survey_change_view import change_markdown, change_tables
from responder.commands.survey_csv import SurveyCsv
from responder.commands.survey_markdown import survey_markdown
from responder.commands.survey_table import survey_tables
from responder.commands.terminal import Terminal
from responder.core.place import Place
from responder.core.rules import Rules
from responder.core.survey import Survey
from responder.core.survey_change import Change, change_document, compared, enforced
from responder.core.survey_document import Read, survey_document


class BadOutput(ValueError):
    """A file that cannot be written; one sentence."""


class Report(Protocol):
    """What places are told to."""

    def add(self, place: Place) -> None:
        """Take in one place."""

    def read_from(self, notebook: Notebook) -> None:
        """All places were told; this is where they were read from."""

    def tell(self) -> None:
        """Write the report."""

    def exit_code(self, fail_over: int | None) -> int:
        """What the command ends with."""


@contextmanager
def open_report(
    shape: str, file: Path | None, rules: Rules, other: Rules | None, named: Path | None
) -> Iterator[Report]:
    """The report of this shape, written to a file or to standard output. Raises `BadOutput`."""
    with _output(file) as out:
        if other is not None and named is not None:
            yield ChangeReport(shape, out, other, rules, str(named))
        else:
            yield SurveyReport(shape, out, rules)


class SurveyReport:
    """What would become of everything under one rules file."""

    def __init__(self, shape: str, out: TextIO, rules: Rules) -> None:
        self._shape, self._out = shape, out
        self._rules, self._judged_by = rules, enforced(rules)
        self._survey, self._read = Survey(), Read((), 0)
        self._rows = SurveyCsv(out) if shape == "csv" else None

    def add(self, place: Place) -> None:
        """Count one place, and write its rows."""
        arranged = place.arranged(self._judged_by)
        self._survey.add(arranged)
        if self._rows is not None:
            self._rows.add(arranged)

    def read_from(self, notebook: Notebook) -> None:
        """Keep what the report says about the reading."""
        self._read = Read(notebook.scopes, notebook.unreadable)

    def tell(self) -> None:
        """Write the report."""
        if self._shape == "csv":
            return
        document = survey_document(self._survey, self._rules, self._read)
        if self._shape == "json":
            _write_json(document, self._out)
        elif self._shape == "markdown":
            self._out.write(survey_markdown(document))
        else:
            survey_tables(document, _console(self._out))

    def exit_code(self, fail_over: int | None) -> int:  # noqa: ARG002 - there is nothing to compare
        """Good: a survey finds what it finds."""
        return 0


class ChangeReport:
    """What changes from one rules file to another."""

    def __init__(self, shape: str, out: TextIO, old: Rules, new: Rules, named: str) -> None:
        if shape == "csv":
            raise BadOutput("--against has no rows to write as CSV; use --json or --markdown.")
        self._shape, self._out, self._named = shape, out, named
        self._old, self._new = old, new
        self._judged_by = compared(old, new)
        self._change, self._read = Change(), Read((), 0)

    def add(self, place: Place) -> None:
        """Compare one place."""
        old, new = self._judged_by
        self._change.add(place.arranged(old), place.arranged(new))

    def read_from(self, notebook: Notebook) -> None:
        """Keep what the report says about the reading."""
        self._read = Read(notebook.scopes, notebook.unreadable)

    def tell(self) -> None:
        """Write the comparison."""
        document = change_document(self._change, self._old, self._new, self._read)
        if self._shape == "json":
            _write_json(document, self._out)
        elif self._shape == "markdown":
            self._out.write(change_markdown(document, self._named))
        else:
            change_tables(document, self._named, _console(self._out))

    def exit_code(self, fail_over: int | None) -> int:
        """1 where more resources newly remediate than is allowed."""
        newly = self._change.newly_remediated
        if fail_over is None or newly <= fail_over:
            return 0
        print(f"{newly} resources would newly be remediated; --fail-over allows {fail_over}.", file=sys.stderr)
        return 1


@contextmanager
def _output(file: Path | None) -> Iterator[TextIO]:
    if file is None:
        yield sys.stdout
        return
    try:
        out = file.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise BadOutput(f"{file} cannot be written: {error.strerror}.") from error
    with out:
        yield out


def _write_json(document: object, out: TextIO) -> None:
    out.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def _console(out: TextIO) -> Console:
    """Tables keep their columns where nobody's terminal says how wide it is."""
    return Terminal(file=out, width=None if out.isatty() else 160)
