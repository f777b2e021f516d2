"""An exported survey: the states and answers of a notebook as one gzip file of JSON lines.

First a line that says what it is, then one for each state and each answer, last one that counts them, so that a file
that was cut off is noticed. It is written and read line by line, whatever its size.
"""

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from responder.adapters.survey_notebook import Answer, Notebook

VERSION = 1
_PAGE = 1000


class BadSurveyFile(ValueError):
    """A file that is no export, or not a whole one, and what to do."""


def write_survey(notebook: Notebook, file: Path) -> None:
    """Write the notebook out; raises `BadSurveyFile` where the file cannot be written."""
    try:
        with gzip.open(file, "wt", encoding="utf-8", compresslevel=6) as out:
            for line in _lines(notebook):
                out.write(json.dumps(line) + "\n")
    except OSError as error:
        raise BadSurveyFile(f"{file} cannot be written: {error.strerror}.") from error


def _lines(notebook: Notebook) -> Iterator[Mapping[str, object]]:
    head = {"survey": VERSION, "endpoint": notebook.endpoint, "scopes": notebook.scopes}
    yield {**head, "made": notebook.made.isoformat(), "unreadable": notebook.unreadable}
    count = 0
    for row in notebook.rows():
        count += 1
        yield {"state": row}
    answers = 0
    for answer in notebook.answers():
        answers += 1
        yield {"answer": {"request": answer.request, "status": answer.status, "body": answer.body}}
    yield {"end": {"states": count, "answers": answers}}


def read_survey(file: Path, notebook: Notebook) -> None:
    """Fill an empty notebook from a file; raises `BadSurveyFile`."""
    try:
        with gzip.open(file, "rt", encoding="utf-8") as text:
            _fill((_parsed(line, file) for line in text), notebook, file)
    except FileNotFoundError as error:
        raise BadSurveyFile(f"{file} does not exist; write it with: python -m responder export {file}") from error
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise BadSurveyFile(f"{file} is no whole export ({error}); export it again.") from error


def _parsed(line: str, file: Path) -> Mapping[str, object]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise BadSurveyFile(f"{file} holds a line that is not JSON; export it again.") from error
    if not isinstance(value, Mapping):
        raise BadSurveyFile(f"{file} holds a line that is no object; export it again.")
    return value


def _fill(lines: Iterator[Mapping[str, object]], notebook: Notebook, file: Path) -> None:
    head = next(lines, {})
    scopes = head.get("scopes")
    if head.get("survey") != VERSION or not isinstance(scopes, list) or not scopes:
        raise BadSurveyFile(f"{file} is no export of version {VERSION}; write one with: python -m responder export")
    notebook.begin(str(head.get("endpoint") or ""), map(str, scopes), _made(head, file))
    notebook.add_unreadable(_number(head.get("unreadable")))
    states: list[Mapping[str, object]] = []
    counts, told = {"states": 0, "answers": 0}, None
    for line in lines:
        if isinstance(state := line.get("state"), Mapping):
            states.append(state)
            counts["states"] += 1
        elif isinstance(answer := line.get("answer"), Mapping):
            notebook.add_answer(_answer(answer))
            counts["answers"] += 1
        else:
            told = line.get("end")
        if len(states) >= _PAGE:
            notebook.add_states(states)
            states = []
    notebook.add_states(states)
    notebook.finish()
    if told != counts:
        raise BadSurveyFile(f"{file} is cut off; export it again.")


def _made(head: Mapping[str, object], file: Path) -> datetime:
    try:
        made = datetime.fromisoformat(str(head.get("made")))
    except ValueError as error:
        raise BadSurveyFile(f"{file} does not say when it was made; export it again.") from error
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _answer(answer: Mapping[str, object]) -> Answer:
    return Answer(str(answer.get("request")), _number(answer.get("status")), str(answer.get("body") or ""))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
