"""A comparison of two rules files, for a person and for a pull request."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from responder.commands.survey_markdown import table
from responder.commands.survey_table import print_table, short
from responder.core.survey_lines import ChangeDocument, ChangeLine

_HEADS = ("old rule", "new rule", "assignment", "resources", "for example", "because")
Cells = tuple[object, ...]


def change_tables(document: ChangeDocument, named: str, console: Console) -> None:
    """Print the comparison."""
    console.print(Text(_summary(document, named), style="bold"))
    for title, rows in _parts(document):
        print_table(console, title, _HEADS, rows)


def change_markdown(document: ChangeDocument, named: str) -> str:
    """The comparison as one text."""
    lines = [f"### What changes\n\n{_summary(document, named)}"]
    for title, rows in _parts(document):
        lines += table(title, _HEADS, rows)
    return "\n".join(lines) + "\n"


def _summary(document: ChangeDocument, named: str) -> str:
    totals, mode = document["totals"], document["mode"]
    told = (
        f"Compared with {named}, over {totals['nonCompliant']} non-compliant resources: "
        f"{totals['newlyRemediated']} newly remediated, {totals['noLongerRemediated']} no longer, "
        f"{totals['otherRule']} by another rule."
    )
    if mode["old"] != mode["new"]:
        return f"{told} The mode changes from {mode['old']} to {mode['new']}."
    return (
        f"{told} Both are in mode observe: this is what mode enforce would open." if mode["new"] == "observe" else told
    )


def _parts(document: ChangeDocument) -> Iterator[tuple[str, list[Cells]]]:
    yield "Newly remediated", [_cells(line) for line in document["newlyRemediated"]]
    yield "No longer remediated", [_cells(line) for line in document["noLongerRemediated"]]
    yield "Remediated by another rule", [_cells(line) for line in document["otherRule"]]


def _cells(line: ChangeLine) -> Cells:
    example = (line["examples"] or [""])[0]
    return (
        line["oldRule"] or "-",
        line["newRule"] or "-",
        short(line["assignment"]),
        line["resources"],
        example,
        line["because"],
    )
