"""`resume`: tasks may be opened again."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime

from responder.adapters.breakers import Breakers
from responder.adapters.case_rows import BadRow, NewerRow
from responder.adapters.conditional_table import ConditionalTable, Conflict
from responder.adapters.restraint import RESTRAINT, Crowded
from responder.adapters.storage import StorageClients
from responder.commands.open_ledger import NoLedger, open_storage_of
from responder.commands.ordering import keep
from responder.commands.person import name
from responder.commands.switching import (
    add_switch,
    scope_of,
    set_switch,
    switches_of,
    warn_of_no_ledger,
    why_paused_now,
)
from responder.commands.terminal import plain
from responder.core.orders import Ordered
from responder.core.resource_id import BadResourceId, resource_id
from responder.core.switch import THE_APP, Switch, SwitchScope


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    does = "let tasks be opened again, or for the first time after the ledger lost its switch"
    _, scope = add_switch(subparsers, "resume", does, "the change freeze is over")
    scope.add_argument("--definition", metavar="ID", help="close the breaker of this policy definition, by its id")


def run(args: argparse.Namespace) -> int:
    """Set the switch: 0; 1 where it was not paused; 2 where there is no ledger or the options name nothing."""
    try:
        return asyncio.run(_close(args.definition, args.reason) if args.definition else _resume(args))
    except NoLedger as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


async def _resume(args: argparse.Namespace) -> int:
    async with open_storage_of() as clients:
        scope = await scope_of(clients, args)
        await warn_of_no_ledger(clients)
        if not await _is_paused(clients, scope):
            print(f"{str(scope)[0].upper()}{str(scope)[1:]} was not paused; nothing was changed.", file=sys.stderr)
            await _tell_the_rest(clients)
            return 1
        await set_switch(clients, scope, False, args.reason)
        print(f"Resumed: cases{scope.of} that were held as paused go on at their next look.")
        await _tell_the_rest(clients)
        return 0


async def _is_paused(clients: StorageClients, scope: SwitchScope) -> bool:
    if scope == THE_APP:  # a switch that is missing or cannot be understood counts as paused
        return await switches_of(clients).paused() is not None
    switches = await switches_of(clients).all()
    return any(isinstance(switch, Switch) and switch.scope.row == scope.row and switch.paused for switch in switches)


async def _tell_the_rest(clients: StorageClients) -> None:
    for because in await why_paused_now(clients):
        print(f"In force: {plain(because)}")


async def _close(definition: str, reason: str) -> int:
    """Close a breaker. How many bad rounds open one is the app's setting, and nothing to a breaker that closes."""
    try:
        folded = resource_id(definition.strip()).text
    except BadResourceId as error:
        raise NoLedger(f"{definition!r} is no id of a policy definition: {error}.") from error
    async with open_storage_of() as clients:
        breakers = Breakers(ConditionalTable(clients.tables, RESTRAINT), 1)
        try:
            closed = await breakers.close(folded, name(), reason, datetime.now(UTC))
        except (NewerRow, BadRow, Crowded, Conflict) as error:
            raise NoLedger(f"The breaker could not be closed: {error}") from error
        if not closed:
            print(f"The breaker of {folded} is not open; nothing was changed.", file=sys.stderr)
            return 1
        await keep(clients, Ordered(name(), reason, datetime.now(UTC), f"close the breaker of {folded}"))
    print(f"Closed the breaker of {folded}: its cases go on at their next look.")
    return 0
