"""What arrived, what was decided about it, and why: one row for each delivery."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from responder.core.telemetry_names import Attr
from responder.local.demo.account import Account, Delivered
from responder.local.demo.spoken import spoken
from responder.local.demo.told_span import ToldSpan

_COLOURS = {
    "remediate": "green",
    "observe": "cyan",
    "unknown": "yellow",
    "ignore": "bright_black",
    "withdrawn": "magenta",
    "stale": "bright_black",
    "blocked": "red",
    "rejected": "red",
}

_NOT_KNOWN_YET = (
    "[yellow]unknown[/] is neither a yes nor a no: a rule asks for tags, which no event carries. The news is taken, "
    "and its case reads them before anything is opened."
)


def print_events(account: Account, console: Console) -> None:
    """The table of deliveries, from the spans that the app told, and a line about Azure's own news."""
    table = Table("event", "decision", "why", box=None, padding=(0, 1, 1, 0), header_style="bold")
    table.columns[0].width = 31
    table.columns[1].width = 22
    table.columns[2].overflow = "fold"
    for delivered, span in account.answers():
        table.add_row(_event(delivered), _decision(span), _why(span))
    console.print(table)
    console.print(_NOT_KNOWN_YET)
    console.print(
        f"{len(account.delivered)} deliveries, and {len(account.raised)} more events that Azure Policy raised when it "
        "saw what the tasks had done."
    )


def _event(delivered: Delivered) -> str:
    subject = spoken(str(delivered.event.get("subject", "")))
    return f"{delivered.episode.number} {escape(delivered.episode.shows)}\n[bright_black]{escape(subject)}[/]"


def _decision(span: ToldSpan | None) -> str:
    if span is None:
        return "[red]no span[/]"
    decision, reason = span.text(Attr.DECISION), span.text(Attr.REASON)
    return f"[{_COLOURS.get(decision, 'white')}]{escape(decision)}[/]\n[bright_black]{escape(reason)}[/]"


def _why(span: ToldSpan | None) -> str:
    return escape(spoken(span.text(Attr.BECAUSE))) if span else ""
