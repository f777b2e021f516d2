"""Setting a switch: what `pause`, `resume` and `stop` share.

The switch is set first and told at once; what it holds back is counted afterwards, because somebody may be in a hurry.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from azure.core.exceptions import AzureError

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.storage import StorageClients
from responder.adapters.switches import SWITCHES, Switches
from responder.commands.open_ledger import NoLedger, ledger_exists, ledger_of
from responder.commands.person import add_reason, name
from responder.commands.rule_names import check_rule
from responder.core.case import Case, State
from responder.core.resource_id import resource_id
from responder.core.switch import (
    THE_APP,
    BadScope,
    Switch,
    SwitchKind,
    SwitchScope,
    assignment_scope,
    rule_scope,
    subscription_scope,
)

OPEN = (State.GATHERING, State.HELD, State.OPENING, State.RUNNING)


def add_switch(
    subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]", word: str, does: str, reason: str
) -> tuple[argparse.ArgumentParser, argparse._MutuallyExclusiveGroup]:
    """Describe one of these commands to argparse, with a reason that somebody might give; and what names a scope."""
    parser = subparsers.add_parser(
        word,
        help=does,
        description=f"{does[0].upper()}{does[1:]}. Events are taken and cases are kept either way.",
        epilog=f'examples:\n  python -m responder {word} --reason "{reason}"\n'
        f'  python -m responder {word} --rule "key vault diagnostics" --reason "{reason}"\n\n'
        "The ledger is found through AzureWebJobsStorage, or local.settings.json in this folder.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument("--rule", metavar="NAME", help="only this rule, by its name")
    scope.add_argument("--assignment", metavar="ID", help="only this assignment; its full id, or a part if one fits")
    scope.add_argument("--subscription", metavar="ID", help="only this subscription")
    add_reason(parser)
    return parser, scope


def add_any_name(parser: argparse.ArgumentParser) -> None:
    """The option by which a rule may be named that the rules file does not have."""
    says = "take --rule as it is, though the rules file has no such rule: one that was renamed, or another file's"
    parser.add_argument("--any-name", action="store_true", help=says)


async def scope_of(clients: StorageClients, args: argparse.Namespace) -> SwitchScope:
    """What the options name, the whole app where they name nothing; raises `NoLedger` with what is wrong.

    A rule that is to be paused must be in the rules file; one that is resumed may be gone from it.
    """
    try:
        if args.rule is not None:
            scope = rule_scope(args.rule)
            if not getattr(args, "any_name", True):
                check_rule(args.rule)
            return scope
        if args.subscription is not None:
            return subscription_scope(args.subscription)
        if args.assignment is not None:
            return await _assignment(clients, args.assignment)
    except BadScope as error:
        raise NoLedger(f"{error}.") from error
    return THE_APP


async def _assignment(clients: StorageClients, text: str) -> SwitchScope:
    """A full id, whether or not the ledger knows it; a part of one only where exactly one known assignment has it."""
    try:
        return assignment_scope(text)
    except BadScope as error:
        known = sorted({case.key.assignment for case in await _cases(clients, tuple(State))})
        such = [assignment for assignment in known if text.strip().lower() in assignment]
        if len(such) == 1 and text.strip():
            return assignment_scope(such[0])
        told = "".join(f"\n  {assignment}" for assignment in such[:20])
        raise NoLedger(f"{error}, and {len(such)} known assignments contain it. Give the full id.{told}") from error


def switches_of(clients: StorageClients) -> Switches:
    """The switches in this storage account."""
    return Switches(ConditionalTable(clients.tables, SWITCHES))


async def warn_of_no_ledger(clients: StorageClients) -> None:
    """Tell whoever sets a switch where no app has ever worked: it may be the wrong storage account."""
    if not await ledger_exists(clients):
        said = "this storage account has no ledger yet; is it the app's? The switch is written here all the same"
        print(f"Warning: {said}, and stops or starts nothing that works elsewhere.", file=sys.stderr, flush=True)


async def set_switch(clients: StorageClients, scope: SwitchScope, paused: bool, reason: str) -> None:
    """Set the switch. A ledger that lost its switches counts as paused; setting one makes their table anew."""
    table = ConditionalTable(clients.tables, SWITCHES)
    await table.create()
    await Switches(table).set(scope, paused, name(), reason, datetime.now(UTC))


async def open_cases(clients: StorageClients, scope: SwitchScope, states: Sequence[State] = OPEN) -> list[Case]:
    """The cases of a scope that have yet to open a task, or whose task runs."""
    return [case for case in await _cases(clients, states) if covered(scope, case)]


def covered(scope: SwitchScope, case: Case) -> bool:
    """Whether a case lies in a switch's scope."""
    rule = case.plan.rule if case.plan else case.rule
    return scope.covers(rule, case.key.assignment, resource_id(case.key.place).subscription or "")


async def warn_of_nothing(clients: StorageClients, scope: SwitchScope) -> None:
    """Tell whoever names a scope that the ledger has never heard of: it may be misspelt."""
    if scope == THE_APP:
        return
    every = await _cases(clients, tuple(State))
    if any(covered(scope, case) for case in every):
        return
    known = sorted({case.rule for case in every if case.rule})
    rules = f" Its rules are: {', '.join(known[:20])}." if scope.kind is SwitchKind.RULE and known else ""
    print(f"Note: no case in the ledger is of {scope}; is it spelt right?{rules}", file=sys.stderr)


async def why_paused_now(clients: StorageClients) -> list[str]:
    """Every switch that holds something back, in words, the app's own first."""
    app = await switches_of(clients).paused()
    if app is not None:
        return [app, *await _scoped(clients)]
    return await _scoped(clients)


async def _scoped(clients: StorageClients) -> list[str]:
    try:
        switches = await switches_of(clients).all()
    except AzureError:  # told already: what cannot be read counts as paused
        return []
    scoped = (switch for switch in switches if isinstance(switch, Switch) and switch.scope != THE_APP)
    return [switch.because for switch in scoped if switch.paused]


async def _cases(clients: StorageClients, states: Sequence[State]) -> list[Case]:
    try:
        return await ledger_of(clients).among(states)
    except AzureError as error:
        if getattr(error, "status_code", 0) == 404:  # no ledger yet: no cases
            return []
        raise
