"""`cases`: every case in the ledger and where it stands."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from responder.commands.case_view import row_of
from responder.commands.narrow import shortened, widths
from responder.commands.open_ledger import NoLedger, ledger_of, open_storage_of
from responder.commands.switching import why_paused_now
from responder.commands.terminal import Terminal, plain
from responder.core.case import Case, State
from responder.core.outcome import Outcome
from responder.core.resource_id import Level, resource_id

Row = tuple[str, ...]
COLOURS = {
    State.GATHERING: "cyan",
    State.HELD: "yellow",
    State.OPENING: "blue",
    State.RUNNING: "blue",
    State.VERIFYING: "magenta",
    State.CLOSED: "green",
    State.STOPPED: "red",
}
_HEADINGS = ("case", "state", "reason / outcome", "rule", "assignment", "place", "round", "due (UTC)")
_NAMES = (3, 4, 5)  # the columns that may be shortened
_PADDING = 2  # beside each column
_EXAMPLE = """\
examples:
  python -m responder cases
  python -m responder cases --state held
  python -m responder cases --outcome canceled
  python -m responder cases --assignment deploy-diag --json

The ledger is found through AzureWebJobsStorage, or local.settings.json in this folder."""


def wide_console() -> Console:
    """A console that cuts nothing off where no terminal says how wide it is, such as in a pipe or a log."""
    console = Terminal()
    return console if console.is_terminal or "COLUMNS" in os.environ else Terminal(width=200)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "cases",
        help="every case in the ledger and where it stands",
        description="Lists the cases of the ledger: state, reason, rule, place, and when something comes next.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--state", choices=[state.value for state in State], help="only cases in this state")
    parser.add_argument("--assignment", metavar="TEXT", help="only cases whose assignment's id contains this")
    parser.add_argument("--outcome", choices=[outcome.value for outcome in Outcome], help="only rounds that ended so")
    parser.add_argument("--reason", metavar="WORD", help="only cases held or stopped for this, such as given-up")
    parser.add_argument("--rule", metavar="NAME", help="only cases of this rule")
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List the cases; 2 where the ledger cannot be read."""
    try:
        found, paused = asyncio.run(_cases(args))
    except NoLedger as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps([row_of(case) for case in found], indent=2))
    else:
        print_cases(found, wide_console(), narrowed=_narrowed(args))
        for because in paused:
            print(plain(because), file=sys.stderr)
    return 0


def print_cases(cases: list[Case], console: Console, narrowed: bool = False) -> None:
    """A table for people; `narrowed` where only some of the ledger's cases were asked for."""
    if not cases:
        nothing = "No case is like that; `cases` alone lists them all." if narrowed else "No case is in the ledger."
        console.print(nothing)
        return
    rows = [_row(case, datetime.now(UTC)) for case in cases]
    table = Table(*_HEADINGS, box=None)
    for case, row in zip(cases, _fitted(rows, console.width) if console.is_terminal else rows, strict=True):
        words = [escape(text) for text in row]
        words[1] = f"[{COLOURS[case.state]}]{words[1]}[/]"
        table.add_row(*words)
    console.print(table)
    many = f"{len(cases)} cases" if len(cases) != 1 else "1 case"
    console.print(f"{many}. `python -m responder show CASE` says why one is where it is.", style="dim")


def _row(case: Case, now: datetime) -> Row:
    why, assignment = case.reason or str(case.outcome or ""), case.key.assignment.rpartition("/")[2]
    names = rule_of(case), assignment, place_of(case)
    return case.id[:10], case.state.value, why, *names, str(case.round), _due(case.due, now)


def _fitted(rows: Sequence[Row], width: int) -> list[Row]:
    """The rows with the names of rules, assignments and places as short as the terminal wants them."""
    columns = list(zip(_HEADINGS, *rows, strict=True))
    fixed = sum(max(map(len, column)) for place, column in enumerate(columns) if place not in _NAMES)
    room = width - fixed - _PADDING * len(columns)
    most = dict(zip(_NAMES, widths([columns[place] for place in _NAMES], room), strict=True))
    return [tuple(shortened(text, most.get(place, len(text))) for place, text in enumerate(row)) for row in rows]


def _due(due: datetime | None, now: datetime) -> str:
    """The time of the day, with the date where that is not today."""
    if due is None:
        return ""
    return f"{due:%H:%M:%S}" if due.date() == now.date() else f"{due:%Y-%m-%d %H:%M:%S}"


def rule_of(case: Case) -> str:
    """Which rule decided; before that, the first that may: it gave the case its timing."""
    undecided = case.plan is None and case.state in (State.GATHERING, State.HELD)
    return f"may be: {case.rule}" if undecided and case.rule else case.rule


def place_of(case: Case) -> str:
    """Where a case is, as people call it. Group and name: two groups may have resources of the same name."""
    place = resource_id(case.key.place)
    if place.level is Level.RESOURCE and place.resource_group:
        return f"{place.resource_group}/{place.name}"
    if place.level is Level.RESOURCE_GROUP:
        return place.name
    return place.text


def _narrowed(args: argparse.Namespace) -> bool:
    return any((args.state, args.assignment, args.outcome, args.reason, args.rule))


def _wanted(case: Case, args: argparse.Namespace) -> bool:
    return (
        (args.assignment or "").lower() in case.key.assignment
        and (not args.outcome or case.outcome == args.outcome)
        and (not args.reason or case.reason == args.reason.lower())
        and (not args.rule or case.rule.casefold() == args.rule.casefold())
    )


async def _cases(args: argparse.Namespace) -> tuple[list[Case], list[str]]:
    """The cases that are asked for, and why some or all of them open nothing at present, where that is so."""
    async with open_storage_of() as clients:
        found = await ledger_of(clients).cases(args.state)
        paused = await why_paused_now(clients)
    chosen = (case for case in found if _wanted(case, args))
    return sorted(chosen, key=lambda case: (case.state, case.id)), paused
