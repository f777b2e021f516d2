"""A survey for a person: the sum in one sentence, then tables; what cannot be shown whole says so."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from responder.core.survey_lines import ObstacleLine, SurveyDocument

MOST_LINES = 20
RULE_HEADS = ("rule", "action", "tasks", "resources", "asks for approval", "observed", "left alone")
OBSERVED = "The rules are in mode observe: nothing would be opened. This is what mode enforce would open."


def survey_tables(document: SurveyDocument, console: Console) -> None:
    """Print the report."""
    console.print(Text(summary(document), style="bold"))
    if document["mode"] == "observe":
        console.print(Text(OBSERVED, style="cyan"))
    _rules(document, console)
    _assignments(document, console)
    for obstacle in document["inTheWay"]:
        _obstacle(obstacle, console)
    _missing_roles(document, console)
    _left_alone(document, console)
    _surprises(document, console)


def summary(document: SurveyDocument) -> str:
    """The report in some words."""
    totals = document["totals"]
    told = (
        f"{_many(totals['tasks'], 'task')} at {_many(totals['scopes'], 'scope')} would be opened, "
        f"for {totals['resources']} of {totals['nonCompliant']} non-compliant resources; "
        f"something stands in the way of {totals['inTheWay']}, "
        f"{totals['observed']} are only observed, {totals['leftAlone']} are left alone."
    )
    if totals["asking"]:
        told = f"{told} Of the {totals['resources']}, {totals['asking']} wait for somebody's approval first."
    unreadable = totals["unreadable"]
    return f"{told} {unreadable} rows could not be understood." if unreadable else told


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def rule_rows(document: SurveyDocument) -> list[tuple[object, ...]]:
    """The lines of rules, with `RULE_HEADS` above them."""
    return [
        (
            line["rule"],
            line["action"],
            line["tasks"],
            line["resources"],
            line["asking"],
            line["observed"],
            line["leftAlone"],
        )
        for line in document["rules"]
    ]


def window_notes(document: SurveyDocument) -> list[str]:
    """Which rules open their tasks only in a window: what is counted is not opened at once."""
    return [
        f"Rule {line['rule']!r} opens its tasks only in window {line['during']}."
        for line in document["rules"]
        if line["during"] and line["tasks"]
    ]


def short(text: str) -> str:
    """An id's last name, which a table has room for."""
    return text.rpartition("/")[2] or text


def in_group(resource: str) -> str:
    """An id from its resource group on; the whole subscription id says little to a person."""
    return resource.rpartition("/resourcegroups/")[2]


def _rules(document: SurveyDocument, console: Console) -> None:
    print_table(console, "By rule", RULE_HEADS, rule_rows(document))
    for note in window_notes(document):
        console.print(Text(f"  {note}", style="cyan"))


def _assignments(document: SurveyDocument, console: Console) -> None:
    rows = [
        (short(line["assignment"]), line["nonCompliant"], line["tasks"], line["resources"], line["inTheWay"])
        for line in document["assignments"]
    ]
    heads = ("assignment", "non-compliant", "tasks", "resources", "in the way")
    print_table(console, "By assignment", heads, rows)


def _obstacle(obstacle: ObstacleLine, console: Console) -> None:
    title = f"In the way: {obstacle['reason']}, {obstacle['resources']} resources"
    rows = [(short(line["assignment"]), line["resources"], line["because"]) for line in obstacle["assignments"]]
    print_table(console, title, ("assignment", "resources", "for example"), rows)
    console.print(Text(f"  {obstacle['mend']}", style="yellow"))


def _missing_roles(document: SurveyDocument, console: Console) -> None:
    rows = [(short(line["assignment"]), line["resources"], line["command"]) for line in document["missingRoles"]]
    print_table(console, "Roles that identities lack", ("assignment", "resources", "what grants it"), rows)


def _left_alone(document: SurveyDocument, console: Console) -> None:
    rows = [
        (line["reason"], line["rule"] or "-", line["resources"], (line["examples"] or [""])[0])
        for line in document["leftAlone"]
    ]
    print_table(console, "Left alone", ("reason", "rule", "resources", "for example"), rows)


def _surprises(document: SurveyDocument, console: Console) -> None:
    surprises = document["surprises"]
    rows = [
        (in_group(line["resource"]), line["fate"], line["rule"], f"{line['neighbours']} are {line['theirFate']}")
        for line in surprises["shown"]
    ]
    differ = (
        "1 resource differs from its"
        if surprises["total"] == 1
        else f"{surprises['total']} resources differ from their"
    )
    title = f"Surprises: {differ} neighbours"
    print_table(console, title, ("resource", "fate", "rule", "neighbours"), rows)


def print_table(console: Console, title: str, heads: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    """One table; nothing where there is nothing. Names come from elsewhere and are never read as markup."""
    if not rows:
        return
    console.print(Text(f"\n{title}", style="bold"))
    table = Table(*heads, box=None, pad_edge=True)
    for column, cell in zip(table.columns, rows[0], strict=True):
        column.justify = "right" if isinstance(cell, int) else "left"
        column.overflow = "fold"
    for row in rows[:MOST_LINES]:
        table.add_row(*(Text(str(cell)) for cell in row))
    console.print(table)
    if len(rows) > MOST_LINES:
        console.print(Text(f"  … and {len(rows) - MOST_LINES} more; --json has them all.", style="dim"))
