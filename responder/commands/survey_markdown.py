"""A survey as Markdown, for a pull request: the sum, and tables with the same columns as on a terminal."""

from collections.abc import Iterable, Iterator, Sequence

from responder.commands.survey_table import (
    MOST_LINES,
    OBSERVED,
    RULE_HEADS,
    in_group,
    rule_rows,
    short,
    summary,
    window_notes,
)
from responder.core.survey_lines import SurveyDocument


def survey_markdown(document: SurveyDocument) -> str:
    """The report as one text."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: SurveyDocument) -> Iterator[str]:
    yield f"### Survey\n\n{summary(document)}"
    if document["mode"] == "observe":
        yield f"\n> {OBSERVED}"
    yield from table("By rule", RULE_HEADS, rule_rows(document))
    for note in window_notes(document):
        yield f"\n{_cell(note)}"
    assignments = [
        (short(line["assignment"]), line["nonCompliant"], line["tasks"], line["resources"], line["inTheWay"])
        for line in document["assignments"]
    ]
    heads = ("assignment", "non-compliant", "tasks", "resources", "in the way")
    yield from table("By assignment", heads, assignments)
    obstacles = [
        (obstacle["reason"], short(line["assignment"]), line["resources"], line["because"], obstacle["mend"])
        for obstacle in document["inTheWay"]
        for line in obstacle["assignments"]
    ]
    yield from table("In the way", ("reason", "assignment", "resources", "for example", "what mends it"), obstacles)
    roles = [(short(line["assignment"]), line["resources"], line["command"]) for line in document["missingRoles"]]
    yield from table("Roles that identities lack", ("assignment", "resources", "what grants it"), roles)
    left = [(line["reason"], line["rule"] or "-", line["resources"]) for line in document["leftAlone"]]
    yield from table("Left alone", ("reason", "rule", "resources"), left)
    surprises = [
        (in_group(line["resource"]), line["fate"], line["rule"], f"{line['neighbours']} are {line['theirFate']}")
        for line in document["surprises"]["shown"]
    ]
    yield from table("Surprises", ("resource", "fate", "rule", "neighbours"), surprises)


def table(title: str, heads: Sequence[str], rows: Sequence[Iterable[object]]) -> Iterator[str]:
    """A table under its heading; nothing where there is nothing."""
    if not rows:
        return
    yield f"\n#### {title}\n"
    yield _row(heads)
    yield _row("---" for _head in heads)
    yield from (_row(row) for row in rows[:MOST_LINES])
    if len(rows) > MOST_LINES:
        yield f"\n… and {len(rows) - MOST_LINES} more."


def _row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(_cell(str(cell)) for cell in cells)} |"


def _cell(text: str) -> str:
    """Names come from elsewhere: nothing in them may end the cell, or be taken for a tag, a link or a mention."""
    folded = " ".join(text.split())
    marks: dict[str, str | int | None] = {character: f"\\{character}" for character in "\\|*_`[]<>#~"}
    return folded.translate(str.maketrans(marks)).replace("@", "@\N{ZERO WIDTH SPACE}")
