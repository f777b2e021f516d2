"""`approve`: a plan that waits for a person's word may be carried out."""

import argparse
from dataclasses import replace
from datetime import UTC, datetime

from responder.adapters.ledger import Ledger
from responder.commands.ordering import Answer, Order, add_order, run_order
from responder.core import orders
from responder.core.case import Case, State, Word
from responder.core.orders import NotPossible

_SAYS = """\
Approves the plan of a case that waits for approval (`action: ask`). The approval holds for the plan as it is now,
names you, and lapses after the rule's `askFor`; a plan that changes asks again. `show CASE` prints the plan."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    parser = add_order(subparsers, "approve", "let a plan that waits for approval be carried out", _SAYS, "change 4711")
    parser.add_argument(
        "--plan",
        metavar="DIGEST",
        type=_digits,
        help="only the plan that `show` printed with these digits, no later one",
    )


def run(args: argparse.Namespace) -> int:
    """Approve: 0; 1 where a case does not wait for approval; 2 where there is no such case."""
    return run_order(APPROVE, args, args.plan or "")


def _digits(text: str) -> str:
    """The first digits of a plan; an empty text, such as that of a variable nobody set, would approve any plan."""
    if not text or text.strip("0123456789abcdefABCDEF"):
        raise argparse.ArgumentTypeError(f"{text!r} is no plan: give the digits that `show CASE` prints")
    return text.lower()


async def _approve(ledger: Ledger, case: Case, word: Word) -> Answer:
    return await ledger.order(case.id, lambda now: orders.approve(now, bound(word, case)), datetime.now(UTC))


def _would(case: Case, word: Word) -> Case | NotPossible:
    return orders.approve(case, bound(word, case))


def bound(word: Word, case: Case) -> Word:
    """The word, bound to the plan that the command read: nobody answers for a plan that came up meanwhile."""
    return word if word.digest or case.plan is None else replace(word, digest=case.plan.approval)


def waits(case: Case) -> bool:
    """Whether a case waits for approval."""
    return orders.asks(case) is not None


APPROVE = Order("approve", "approved", "waits for approval", (State.HELD, State.OPENING), waits, _approve, _would)
