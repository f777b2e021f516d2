"""`changes`: every resource that our tasks touched lately, with what became of it."""

import argparse
import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta

from azure.core.exceptions import AzureError
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.journal import CHANGES, Journal
from responder.commands.cases import wide_console
from responder.commands.open_ledger import NO_LEDGER, NoLedger, ledger_exists, open_storage_of
from responder.core import instant
from responder.core.duration import BadDuration, duration
from responder.core.touched import Touched, TouchedResource

_EXAMPLE = """\
examples:
  python -m responder changes --since PT2H
  python -m responder changes --since P7D --assignment deploy-diag --json

A resource is listed once for each task that deployed something for it. What a task did is Azure's word for the
deployment; `result` is how the round came out, after Azure Policy has looked again."""
_COLOURS = {"succeeded": "green", "failed": "red", "canceled": "red"}

Row = tuple[Touched, TouchedResource]


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "changes",
        help="every resource that our tasks touched, with rule, task and outcome",
        description="Lists the resources that tasks of this app have deployed something for, newest first.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--since", type=_length, default="P1D", metavar="DURATION", help="how far back; PT2H, P7D")
    parser.add_argument("--assignment", metavar="TEXT", help="only tasks whose assignment's id contains this")
    parser.add_argument("--rule", metavar="NAME", help="only tasks of this rule")
    parser.add_argument("--resource", metavar="TEXT", help="only resources whose id contains this")
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    parser.set_defaults(run=run)


def _length(text: str) -> timedelta:
    try:
        return duration(text)
    except BadDuration as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def run(args: argparse.Namespace) -> int:
    """List them: 0, or 2 where the journal cannot be read."""
    try:
        entries = asyncio.run(_since(datetime.now(UTC) - args.since))
    except NoLedger as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    entries = [entry for entry in entries if _wanted(entry, args.assignment, args.rule)]
    found = [
        (entry, row) for entry in entries for row in entry.resources if (args.resource or "").lower() in row.resource
    ]
    if args.json:
        print(json.dumps([_document(*each) for each in found], indent=2))
    else:
        _print(found, sum(entry.left_out for entry in entries), wide_console())
    return 0


async def _since(moment: datetime) -> list[Touched]:
    """What ended since then, newest first. A ledger without a journal is of a version that kept none."""
    async with open_storage_of() as clients:
        journal = Journal(ConditionalTable(clients.tables, CHANGES))
        try:
            return [entry async for entry in journal.since(moment)][::-1]
        except AzureError as error:
            if getattr(error, "status_code", 0) != 404:
                raise
        if not await ledger_exists(clients):
            raise NoLedger(NO_LEDGER)
        return []


def _wanted(entry: Touched, assignment: str | None, rule: str | None) -> bool:
    return (assignment or "").lower() in entry.assignment and (not rule or entry.rule.casefold() == rule.casefold())


def _print(found: list[Row], left_out: int, console: Console) -> None:
    if not found:
        console.print("Nothing was touched in that time.")
        return
    resource = Column("resource", overflow="fold")
    table = Table(resource, "at (UTC)", "rule", "assignment", "task", "result", "deployment", box=None)
    for entry, row in found:
        words = (
            row.resource,
            f"{entry.at:%Y-%m-%d %H:%M:%S}",
            entry.rule,
            entry.assignment.rpartition("/")[2],
            entry.task,
        )
        table.add_row(*(escape(word) for word in words), entry.result, _status(row))
    console.print(table)
    tasks = len({entry.key for entry, _ in found})
    resources = len({row.resource for _, row in found})
    told = f"{_many(len(found), 'deployment')} for {_many(resources, 'resource')}, by {_many(tasks, 'task')}."
    console.print(f"{told}{_missing(left_out)}", style="dim")


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def _status(row: TouchedResource) -> str:
    colour = _COLOURS.get(row.status.lower(), "yellow")
    error = f" {escape(row.error_code)}" if row.error_code else ""
    outside = " [red]outside the plan[/]" if row.outside else ""
    return f"[{colour}]{escape(row.status)}[/]{error}{outside}"


def _missing(left_out: int) -> str:
    return f" {left_out} more did not fit into the journal; the traces have them." if left_out else ""


def _document(entry: Touched, row: TouchedResource) -> dict[str, object]:
    return {
        "resource": row.resource,
        "at": instant.iso(entry.key.ended),
        "rule": entry.rule,
        "assignment": entry.assignment,
        "reference": entry.reference,
        "case": entry.key.case,
        "round": entry.key.round,
        "task": entry.task,
        "scope": entry.scope,
        "outcome": entry.outcome.value,
        "verified": entry.verified or None,
        "status": row.status,
        "errorCode": row.error_code or None,
        "deploymentId": row.deployment_id or None,
        "outside": row.outside,
    }
