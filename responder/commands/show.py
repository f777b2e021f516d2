"""`show`: one case, why it is where it is, what comes next and when, what blocks it."""

import argparse
import asyncio
import json
import sys

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.outcome_rows import OUTCOMES, Kept, OutcomeRows
from responder.commands.approval_view import order_rows
from responder.commands.case_view import document_of, last_word, next_words
from responder.commands.cases import COLOURS, rule_of, wide_console
from responder.commands.open_ledger import NoLedger, ledger_of, open_storage_of
from responder.core import instant
from responder.core.case import Case
from responder.core.resource_row import ResourceRow

_EXAMPLE = """\
examples:
  python -m responder show 3f9c2a71
  python -m responder show 3f9c2a71 --json

The first digits of a case's id are enough. The ledger is found through AzureWebJobsStorage, or
local.settings.json in this folder."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "show",
        help="one case: why it is where it is, what comes next, what blocks it",
        description="Shows one case with its resources, plan, task, deployments and history.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("case", metavar="CASE", help="its id, or the first digits of it")
    parser.add_argument("--json", action="store_true", help="print a JSON object")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show the case; 2 where the ledger cannot be read or no single case has that id."""
    try:
        case, rows, untold = asyncio.run(_found(args.case.lower()))
    except NoLedger as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps({**document_of(case, rows), "untold": [_untold(kept) for kept in untold]}, indent=2))
    else:
        print_case(case, rows, wide_console())
        for kept in untold:
            print(f"still to be published since {kept.since:%Y-%m-%d %H:%M:%S} UTC: {kept.event.type}")
    return 0


def _untold(kept: Kept) -> dict[str, str]:
    """An outcome event that its topic has not taken yet."""
    return {"id": kept.event.id, "type": kept.event.type.value, "since": kept.since.isoformat()}


def print_case(case: Case, rows: tuple[ResourceRow, ...], console: Console) -> None:
    """The case for people."""
    head = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    state = f"[{COLOURS[case.state]}]{case.state}[/]"
    why = case.reason or str(case.outcome or "")
    head.add_row("case", case.id)
    head.add_row("state", f"{state}{escape(f' ({why})') if why else ''}, round {case.round}")
    head.add_row("because", escape(case.because))
    head.add_row("next", next_words(case) + (f", at {case.due:%Y-%m-%d %H:%M:%S} UTC" if case.due else ""))
    head.add_row("rule", escape(rule_of(case)))
    head.add_row("assignment", escape(case.key.assignment))
    if case.reference:
        head.add_row("reference", escape(case.reference))
    head.add_row("place", escape(f"{case.key.place} ({case.key.kind})"))
    _add_task(case, head)
    for heading, sentence in order_rows(case):
        head.add_row(heading, escape(sentence))
    console.print(head)
    _print_resources(case, rows, console)
    _print_deployments(case, console)
    _print_history(case, console)


def _add_task(case: Case, head: Table) -> None:
    if case.plan:
        head.add_row("plan", escape(f"{_resources(len(case.plan.resources))} at {case.plan.scope}"))
        head.add_row("decided by", escape(f"{case.plan.rule} ({case.plan.reason}), text {case.plan.digest[:12]}"))
        facts = (f"{name} {_plain(value)}" for name, value in case.plan.facts.items() if value not in (None, ""))
        head.add_row("decided from", escape(", ".join(facts)))
    if case.task:
        task = case.task
        counts = f"{task.succeeded} succeeded, {task.failed} failed of {task.total}"
        head.add_row("task", escape(f"{task.name}: {task.state}, {counts}"))


def _resources(count: int) -> str:
    return "1 resource" if count == 1 else f"{count} resources"


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _print_resources(case: Case, rows: tuple[ResourceRow, ...], console: Console) -> None:
    mine = [row for row in rows if row.key == case.key]
    if mine:
        # An id is folded, never cut: somebody wants to copy it.
        resource = Column("resource", overflow="fold")
        table = Table(resource, "compliance", "scanned", "tasks", Column("last word", overflow="fold"), box=None)
        for row in mine:
            scanned = f"{instant.moment(row.scan):%Y-%m-%d %H:%M:%S}"
            table.add_row(escape(row.resource), row.compliance, scanned, str(row.attempts), escape(last_word(row)))
        console.print(table)


def _print_deployments(case: Case, console: Console) -> None:
    for row in case.deployments:
        colour = "red" if row.failed else "green"
        error = f" {row.error_code}: {row.error_message}" if row.failed else ""
        console.print(f"[{colour}]{escape(row.status)}[/] {escape(row.resource)}{escape(error)}")


def _print_history(case: Case, console: Console) -> None:
    for moment in case.history:
        reason = f" ({moment.reason})" if moment.reason else ""
        text = escape(f"{moment.state}{reason}: {moment.because}")
        console.print(f"[dim]{moment.at:%Y-%m-%d %H:%M:%S}[/] {text}")


async def _found(wanted: str) -> tuple[Case, tuple[ResourceRow, ...], list[Kept]]:
    async with open_storage_of() as clients:
        ledger, untold = ledger_of(clients), OutcomeRows(ConditionalTable(clients.tables, OUTCOMES))
        exact = await ledger.case(wanted) if len(wanted) == 24 else None
        cases = [exact] if exact else [case for case in await ledger.cases() if case.id.startswith(wanted)]
        if len(cases) != 1:
            many = f"{len(cases)} cases have" if cases else "No case has"
            raise NoLedger(f"{many} an id that starts with {wanted!r}; `cases` lists them all.")
        return cases[0], await ledger.rows(cases[0].key), await untold.of(cases[0].id)
