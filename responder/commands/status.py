"""`status`: one page for the person on duty: what needs a person, and where everything stands."""

import argparse
import asyncio
import json
import sys
from datetime import UTC, datetime

from responder.adapters.settings import BadSettings, read_settings
from responder.commands.cases import wide_console
from responder.commands.open_ledger import NO_LEDGER, NoLedger, ledger_exists, open_storage_of, told_environment
from responder.commands.status_facts import Looker
from responder.commands.status_view import document_of, print_status
from responder.commands.terminal import plain
from responder.core.duty import Duty, needs

_EXAMPLE = """\
examples:
  python -m responder status
  python -m responder status --json

Exit code 0: all is well; 1: something needs a person; 2: the ledger cannot be read.
The ledger is found through AzureWebJobsStorage, or local.settings.json in this folder."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "status",
        help="what needs a person, and where everything stands",
        description="Tells on one page what needs a person, and where cases, limits, queues and the sweep stand.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--json", action="store_true", help="print it as JSON")


def run(args: argparse.Namespace) -> int:
    """Tell: 0 where all is well, 1 where something needs a person, 2 where the ledger cannot be read."""
    try:
        duty = asyncio.run(_look())
    except (NoLedger, BadSettings) as error:
        print(f"error: {plain(str(error))}", file=sys.stderr)
        return 2
    wanted = needs(duty)
    if args.json:
        print(json.dumps(document_of(duty, wanted), indent=2))
    else:
        print_status(duty, wanted, wide_console())
    return 1 if wanted else 0


async def _look() -> Duty:
    environment = told_environment()
    async with open_storage_of(environment) as clients:
        settings = read_settings(environment)
        if not await ledger_exists(clients):
            raise NoLedger(NO_LEDGER)
        return await Looker(clients, settings, datetime.now(UTC)).look()
