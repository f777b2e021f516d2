"""Setting the pause switch: what `pause` and `resume` share."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.switches import SWITCHES, Switches
from responder.commands.open_ledger import NoLedger, open_storage_of
from responder.commands.person import add_reason, name


def add_switch(
    subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]", word: str, does: str, reason: str
) -> None:
    """Describe one of the two commands to argparse, with a reason that somebody might give."""
    parser = subparsers.add_parser(
        word,
        help=does,
        description=f"{does[0].upper()}{does[1:]}. Events are taken and cases are kept either way.",
        epilog=f'example:\n  python -m responder {word} --reason "{reason}"\n\n'
        "The ledger is found through AzureWebJobsStorage, or local.settings.json in this folder.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_reason(parser)


def switch(paused: bool, reason: str, said: str) -> int:
    """Set the switch: 0, or 2 and one sentence where the ledger cannot be reached."""
    try:
        asyncio.run(_set(paused, reason))
    except NoLedger as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(said)
    return 0


async def _set(paused: bool, reason: str) -> None:
    async with open_storage_of() as clients:
        table = ConditionalTable(clients.tables, SWITCHES)
        await table.create()  # a ledger that lost its switches counts as paused; resume is how it begins again
        await Switches(table).set_paused(paused, name(), reason, datetime.now(UTC))
