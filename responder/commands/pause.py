"""`pause`: nothing more is opened until somebody resumes."""

import argparse
import asyncio
import sys

from responder.commands.open_ledger import NoLedger, open_storage_of
from responder.commands.switching import (
    add_any_name,
    add_switch,
    open_cases,
    scope_of,
    set_switch,
    warn_of_no_ledger,
    warn_of_nothing,
)
from responder.core.case import State


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    does = "open nothing more; what runs goes on and is followed"
    parser, _ = add_switch(subparsers, "pause", does, "change freeze until Monday")
    add_any_name(parser)


def run(args: argparse.Namespace) -> int:
    """Set the switch: 0, or 2 where there is no ledger or the options name nothing."""
    try:
        asyncio.run(_pause(args))
    except NoLedger as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


async def _pause(args: argparse.Namespace) -> None:
    async with open_storage_of() as clients:
        scope = await scope_of(clients, args)
        await warn_of_no_ledger(clients)
        await set_switch(clients, scope, True, args.reason)
        print(f"Paused: nothing more{scope.of} is opened.", flush=True)
        running = len(await open_cases(clients, scope, (State.RUNNING,)))
        if running:
            tasks = "1 task goes on and is" if running == 1 else f"{running} tasks go on and are"
            print(f"{tasks} followed; `stop` cancels what runs.")
        await warn_of_nothing(clients, scope)
