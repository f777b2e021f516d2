"""`cancel`: the task of a case is canceled in Azure."""

import argparse
from datetime import UTC, datetime

from responder.adapters.ledger import Ledger
from responder.commands.ordering import Answer, Order, add_order, run_order
from responder.core import orders
from responder.core.case import Case, State, Word

_STATES = (State.HELD, State.OPENING, State.RUNNING)
_SAYS = """\
Cancels the task of a case at its next look, which is at once: Azure lets deployments that have begun go on. The round
ends as canceled. A case whose request to open its task got no answer is meant, too: its task is canceled once Azure
shows it. `stop` does this for all that runs, and pauses."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    add_order(subparsers, "cancel", "cancel the task of a case in Azure", _SAYS, "it overloads the workspace")


def run(args: argparse.Namespace) -> int:
    """Cancel: 0; 1 where a case has no task to cancel; 2 where there is no such case."""
    return run_order(CANCEL, args)


async def _cancel(ledger: Ledger, case: Case, word: Word) -> Answer:
    return await ledger.order(case.id, lambda now: orders.cancel(now, word), datetime.now(UTC))


CANCEL = Order("cancel", "to be canceled", "has a task", _STATES, orders.cancelable, _cancel)
