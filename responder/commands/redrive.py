"""`redrive`: what failed for good is tried again: Event Grid's dead letters and both poison queues."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.dead_letters import open_dead_letters
from responder.adapters.poison import POISONED, PoisonQueue, PoisonRecords
from responder.adapters.settings import BadSettings, Settings, read_settings
from responder.adapters.storage import StorageClients, StorageTrouble
from responder.commands.cases import wide_console
from responder.commands.open_ledger import NO_LEDGER, NoLedger, ledger_exists, open_storage_of, told_environment
from responder.commands.person import name
from responder.commands.redrive_dead_letters import drive_dead_letters
from responder.commands.redrive_driver import Answer, Driver, Finding
from responder.commands.redrive_poison import PoisonDrive
from responder.commands.terminal import Terminal, plain
from responder.core.redrive import QUEUES, Terms

_MOST = 3
_SHOWN = 30
_BEHIND = "lie behind those that a dry run can see"
_HIDDEN = "are in somebody else's hands just now; run this again in a while"
_KEYS = {Answer.DRIVEN: "driven", Answer.BEFORE: "drivenBefore", Answer.KEPT: "kept", Answer.DROPPED: "dropped"}
_COLOURS = {Answer.DRIVEN: "green", Answer.BEFORE: "dim", Answer.KEPT: "yellow", Answer.DROPPED: "dim"}
_EXAMPLE = """\
examples:
  python -m responder redrive --dry-run
  python -m responder redrive
  python -m responder redrive --most 5
  python -m responder redrive --drop-void

Nothing is driven more often than --most says, however it comes back. What is kept stays where it is.
The storage is found through AzureWebJobsStorage, or local.settings.json in this folder; RESPONDER_DEAD_LETTERS
names the container, RESPONDER_RETENTION says what is too old."""


@dataclass(slots=True)
class _Report:
    """What came of everything, and how much a dry run could not look at."""

    findings: list[Finding] = field(default_factory=list)
    unseen: int = 0

    def count(self, answer: Answer) -> int:
        return sum(finding.answer is answer for finding in self.findings)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "redrive",
        help="try again what failed for good: dead letters and poison messages",
        description="Puts Event Grid's dead letters and the messages of both poison queues back on their queues.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--dry-run", action="store_true", help="change nothing; say what would be done")
    parser.add_argument("--most", type=_positive, default=_MOST, metavar="N", help="at most N times each (default: 3)")
    parser.add_argument(
        "--drop-void",
        action="store_true",
        help="delete poison messages that can never be driven (void, unreadable, too old); each stays recorded",
    )
    parser.add_argument("--json", action="store_true", help="print what came of each as JSON")


def run(args: argparse.Namespace) -> int:
    """Drive: 0 where nothing was kept back, 1 where something was, 2 where the storage cannot be used."""
    try:
        report = asyncio.run(_redrive(args))
    except (NoLedger, BadSettings, StorageTrouble) as error:
        print(f"error: {plain(str(error))}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(_document(report, args.dry_run), indent=2))
    else:
        _print(report, args.dry_run, wide_console())
    return 1 if report.count(Answer.KEPT) or (report.unseen and not args.dry_run) else 0


async def _redrive(args: argparse.Namespace) -> _Report:
    environment = told_environment()
    report = _Report()
    async with open_storage_of(environment) as clients:
        settings = read_settings(environment)
        if not await ledger_exists(clients):
            raise NoLedger(NO_LEDGER)
        with _progress() as progress:
            shown = progress.add_task("looking", total=None)

            def tell(finding: Finding) -> None:
                report.findings.append(finding)
                progress.update(shown, advance=1, description=finding.where[:60])

            await _all(clients, settings, args, report, tell)
    return report


async def _all(
    clients: StorageClients,
    settings: Settings,
    args: argparse.Namespace,
    report: _Report,
    tell: Callable[[Finding], None],
) -> None:
    terms = Terms(args.most, settings.retention, datetime.now(UTC))
    driver = Driver(clients, terms, name(), args.dry_run)
    if not args.dry_run:
        await driver.redriven.ensure()
    records = PoisonRecords(ConditionalTable(clients.tables, POISONED))
    for queue in QUEUES:
        drive = PoisonDrive(driver, PoisonQueue(clients.queues, queue), records, args.drop_void)
        report.unseen += await drive.run(tell)
    async with open_dead_letters(clients, settings.dead_letters) as letters:
        await drive_dead_letters(driver, letters, tell)


def _progress() -> Progress:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.completed} looked at"),
        TextColumn("{task.description}", markup=False),
    )
    return Progress(*columns, console=Terminal(stderr=True), transient=True, disable=not sys.stderr.isatty())


def _print(report: _Report, dry_run: bool, console: Console) -> None:
    if not (report.findings or report.unseen):
        console.print("Nothing failed for good: no dead letters, no poison messages.")
        return
    table = Table(box=None)
    for column in ("where", "what", "answer", "driven", "why"):
        table.add_column(column, overflow="fold")
    for finding in _shown(report):
        colour = _COLOURS[finding.answer]
        answer = f"[{colour}]{_word(finding.answer, dry_run)}{f' ({finding.reason})' if finding.reason else ''}[/]"
        table.add_row(
            *(escape(finding.where), escape(_short(finding.about)), answer, str(finding.times), escape(finding.because))
        )
    console.print(table)
    console.print(_total(report, dry_run), style="dim")


def _word(answer: Answer, dry_run: bool) -> str:
    return f"would be {answer}" if dry_run and answer in (Answer.DRIVEN, Answer.DROPPED) else str(answer)


def _shown(report: _Report) -> list[Finding]:
    """All that was kept, and of the rest a screenful."""
    rest = [finding for finding in report.findings if finding.done]
    return [finding for finding in report.findings if not finding.done] + rest[:_SHOWN]


def _short(about: str) -> str:
    """Group and name of a resource; anything else as it is."""
    parts = about.split("/")
    return f"{parts[4]}/{parts[-1]}" if len(parts) > 5 and parts[1].lower() == "subscriptions" else about


def _total(report: _Report, dry_run: bool) -> str:
    counts = ", ".join(f"{report.count(answer)} {_word(answer, dry_run)}" for answer in Answer if report.count(answer))
    hidden = sum(finding.done for finding in report.findings) - _SHOWN
    parts = [f"{len(report.findings)} looked at: {counts}."]
    if hidden > 0:
        parts.append(f"{hidden} more than are shown; --json lists all.")
    if report.unseen:
        parts.append(f"{report.unseen} messages {_BEHIND if dry_run else _HIDDEN}.")
    if dry_run:
        parts.append("A dry run: nothing was changed.")
    return " ".join(parts)


def _document(report: _Report, dry_run: bool) -> dict[str, object]:
    return {
        "dryRun": dry_run,
        **{_KEYS[answer]: report.count(answer) for answer in Answer},
        "notLookedAt": report.unseen,
        "items": [
            {
                "where": finding.where,
                "about": finding.about,
                "answer": finding.answer.value,
                "reason": finding.reason,
                "because": finding.because,
                "times": finding.times,
            }
            for finding in report.findings
        ],
    }


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of times; write 1 or more")
    return int(text)
