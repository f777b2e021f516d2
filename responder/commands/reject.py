"""`reject`: a plan that waits for a person's word is not wanted."""

import argparse
from datetime import UTC, datetime

from responder.adapters.ledger import Ledger
from responder.commands.approve import bound, waits
from responder.commands.ordering import Answer, Order, add_order, run_order
from responder.core import orders
from responder.core.case import Case, State, Word

_SAYS = """\
Rejects the plan of a case that waits for approval (`action: ask`): the case is stopped as refused, until somebody
releases it or its rule changes. Nothing of it is opened."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    add_order(subparsers, "reject", "stop a case whose plan is not wanted", _SAYS, "these vaults go away on Friday")


def run(args: argparse.Namespace) -> int:
    """Reject: 0; 1 where a case does not wait for approval; 2 where there is no such case."""
    return run_order(REJECT, args)


async def _reject(ledger: Ledger, case: Case, word: Word) -> Answer:
    return await ledger.order(case.id, lambda now: orders.reject(now, bound(word, case)), datetime.now(UTC))


REJECT = Order("reject", "rejected", "waits for approval", (State.HELD, State.OPENING), waits, _reject)
