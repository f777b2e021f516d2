"""`stop`: nothing more is opened, and what runs is canceled."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime

from responder.adapters.storage import StorageClients
from responder.commands.away import warn_if_away
from responder.commands.cancel import CANCEL
from responder.commands.open_ledger import NoLedger, open_storage_of
from responder.commands.ordering import Given, give_all
from responder.commands.ordering_view import print_given
from responder.commands.person import name
from responder.commands.switching import (
    add_any_name,
    add_switch,
    open_cases,
    scope_of,
    set_switch,
    warn_of_no_ledger,
    warn_of_nothing,
)
from responder.core.case import Case, Word
from responder.core.switch import SwitchScope


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    does = "open nothing more, and cancel what runs; what is held stays held"
    parser, _ = add_switch(subparsers, "stop", does, "the template deletes settings")
    add_any_name(parser)
    parser.add_argument("--dry-run", action="store_true", help="tell what would be canceled, no more")
    parser.add_argument("--json", action="store_true", help="print a JSON list of what is canceled")


def run(args: argparse.Namespace) -> int:
    """Pause, then cancel: 0, for what ended meanwhile too; 2 where there is no ledger or the options name nothing."""
    try:
        scope, given = asyncio.run(_stop(args))
    except NoLedger as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if given or args.json:
        print_given(CANCEL.done, CANCEL.meant, given, args.json, args.dry_run)
    else:
        print(f"No task{scope.of} runs.")
    return 0


async def _stop(args: argparse.Namespace) -> tuple[SwitchScope, list[Given]]:
    """The switch first: whoever has yet to read it opens nothing, and whoever read it before is in the list."""
    async with open_storage_of() as clients:
        scope = await scope_of(clients, args)
        await warn_of_no_ledger(clients)
        if args.dry_run:
            cases = await _with_task(clients, scope)
            return scope, [Given(case, True, f"It {CANCEL.meant}.") for case in cases]
        await set_switch(clients, scope, True, args.reason)
        print(f"Paused: nothing more{scope.of} is opened.", file=sys.stderr, flush=True)
        word = Word(name(), args.reason, datetime.now(UTC))
        cases = await _with_task(clients, scope)
        given = await give_all(clients, CANCEL, cases, word, f"stop {scope}") if cases else []
        await warn_of_nothing(clients, scope)
        if given:
            await warn_if_away(clients)
        return scope, given


async def _with_task(clients: StorageClients, scope: SwitchScope) -> list[Case]:
    """The cases of a scope that have a task, or may have one."""
    return [case for case in await open_cases(clients, scope, CANCEL.states) if CANCEL.fits(case)]
