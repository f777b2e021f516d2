"""`release`: a case that is stopped, canceled or expired gets another round, at once."""

import argparse
from datetime import UTC, datetime

from responder.adapters.ledger import Ledger
from responder.commands.ordering import Answer, Order, add_order, run_order
from responder.core.case import Case, State, Word
from responder.core.orders import NotPossible
from responder.core.transitions import releasable

_SAYS = """\
Releases a case that is stopped (given-up or refused), or closed as canceled or expired: what it holds is confirmed
again, with the rules as they are now, and if it is still wanted, opened. Its attempts begin anew; the cooldown after
its last task is kept. By --assignment and --rule only stopped cases are chosen: one that was canceled or expired is
released by its id (`cases --outcome`)."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    does = "give a stopped, canceled or expired case another round, at once"
    add_order(subparsers, "release", does, _SAYS, "the identity has its roles now")


def run(args: argparse.Namespace) -> int:
    """Release: 0; 1 where a case is none of these; 2 where there is no such case."""
    return run_order(RELEASE, args)


async def _release(ledger: Ledger, case: Case, word: Word) -> Answer:
    released = await ledger.release(case.id, word.who, word.why, datetime.now(UTC))
    return released or NotPossible(
        "It is not stopped, canceled or expired; `cases --state stopped` lists what is stopped."
    )


RELEASE = Order("release", "released", "waits for a person's word", (State.STOPPED,), releasable, _release)
