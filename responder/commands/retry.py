"""`retry`: a case that waits after a bad round tries again at once."""

import argparse
from dataclasses import replace
from datetime import UTC, datetime

from responder.adapters.ledger import Ledger
from responder.commands.ordering import Answer, Order, add_order, run_order
from responder.core import orders
from responder.core.case import Case, Hold, State, Word
from responder.core.orders import NotPossible

_SAYS = """\
Ends the wait of a case that is held as waiting-for-retry: it is confirmed again and, if it is still wanted, opened. The
attempt counts like any other, and the cooldown after a task that did not last is kept."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    add_order(subparsers, "retry", "end the wait of a case for its next attempt", _SAYS, "the workspace is back")


def run(args: argparse.Namespace) -> int:
    """Retry: 0; 1 where a case does not wait for an attempt; 2 where there is no such case."""
    return run_order(RETRY, args)


async def _retry(ledger: Ledger, case: Case, word: Word) -> Answer:
    """Its resources first, the case second: whoever takes the case's step finds the wait ended."""
    now = datetime.now(UTC)
    present = await ledger.case(case.id)
    possible = orders.retry(present, word) if present else None
    if present is None or isinstance(possible, NotPossible):
        return possible
    await ledger.hurry(present, now)
    answer = await ledger.order(case.id, lambda case: orders.retry(case, word), now)
    rows = [row for row in await ledger.rows(case.key) if row.key == case.key]
    kept = orders.cooling(rows, now)
    if isinstance(answer, Case) and kept:
        return replace(answer, because=f"{answer.because}. The cooldown is kept: not before {kept:%Y-%m-%d %H:%M} UTC.")
    return answer


def _waits(case: Case) -> bool:
    return case.state is State.HELD and case.reason == Hold.WAITING_FOR_RETRY


RETRY = Order("retry", "to be tried again", "waits for another attempt", (State.HELD,), _waits, _retry)
