"""Orders for one case or many: what `approve`, `reject`, `release`, `retry` and `cancel` share.

Cases are named by their ids or chosen by assignment and rule; of those that are chosen only the ones that the order
fits are meant. Every order says who and why, is written under the case's ETag, and is kept in the log of orders.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from azure.core.exceptions import AzureError

from responder.adapters.case_rows import BadRow, NewerRow
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.ledger import Ledger
from responder.adapters.storage import StorageClients
from responder.adapters.switches import SWITCHES, Switches
from responder.commands.away import warn_if_away
from responder.commands.open_ledger import NoLedger, ledger_of, open_storage_of
from responder.commands.ordering_view import order_progress, print_given
from responder.commands.person import add_reason, name
from responder.commands.telling import tell_stops
from responder.core.case import Case, State, Word
from responder.core.orders import NotPossible, Ordered

AT_ONCE = 16
_BUSY_TRIES = 8
_BUSY_WAIT = 0.5

Answer = Case | NotPossible | None
Give = Callable[[Ledger, Case, Word], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Order:
    """One kind of order. `fits` says which of many cases are meant; those must be in one of `states`."""

    verb: str
    done: str
    meant: str  # what the cases that it fits do, such as "waits for approval"
    states: tuple[State, ...]
    fits: Callable[[Case], bool]
    give: Give
    would: Callable[[Case, Word], Case | NotPossible] | None = None  # what a dry run asks where `fits` is not enough


@dataclass(frozen=True, slots=True)
class Given:
    """What became of an order for one case."""

    case: Case
    done: bool
    because: str


def add_order(
    subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]", verb: str, does: str, says: str, reason: str
) -> argparse.ArgumentParser:
    """Describe such a command to argparse, with a reason that somebody might give."""
    parser = subparsers.add_parser(
        verb,
        help=does,
        description=says,
        epilog=f'examples:\n  python -m responder {verb} 3f9c2a71 --reason "{reason}"\n'
        f'  python -m responder {verb} --assignment deploy-diag --reason "{reason}" --dry-run\n\n'
        "The first digits of a case's id are enough. The ledger is found through AzureWebJobsStorage, or\n"
        "local.settings.json in this folder.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("case", metavar="CASE", nargs="*", help="its id, or the first digits of it")
    parser.add_argument("--assignment", metavar="TEXT", help="every case whose assignment's id contains this")
    parser.add_argument("--rule", metavar="NAME", help="every case of this rule")
    parser.add_argument("--dry-run", action="store_true", help="tell for which cases it would be ordered, no more")
    parser.add_argument("--json", action="store_true", help="print a JSON list")
    add_reason(parser)
    return parser


def run_order(order: Order, args: argparse.Namespace, digest: str = "") -> int:
    """Give the order: 0 done for all, 1 not possible for some or fits none, 2 no ledger or no such case."""
    if bool(args.case) == bool(args.assignment or args.rule):
        print("error: name cases by their ids, or choose them by --assignment and --rule.", file=sys.stderr)
        return 2
    word = Word(name(), args.reason, datetime.now(UTC), digest)
    try:
        given = asyncio.run(_ordered(order, args, word))
    except NoLedger as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print_given(order.done, order.meant, given, args.json, args.dry_run)
    return 0 if given and all(each.done for each in given) else 1


async def _ordered(order: Order, args: argparse.Namespace, word: Word) -> list[Given]:
    async with open_storage_of() as clients:
        ledger = ledger_of(clients)
        cases = await _chosen(ledger, order, args)
        if args.dry_run:
            return [_would(order, case, word) for case in cases]
        given = await give_all(clients, order, cases, word) if cases else []
        if any(each.done for each in given):
            await warn_if_away(clients)
        return given


async def give_all(
    clients: StorageClients, order: Order, cases: Sequence[Case], word: Word, what: str = ""
) -> list[Given]:
    """Give the order to these cases, several at a time, after it is kept in the log."""
    ledger = ledger_of(clients)
    verb = what or order.verb
    await keep(clients, Ordered(word.who, word.why, word.at, verb, tuple(case.id for case in cases)))
    gate = asyncio.Semaphore(AT_ONCE)
    with order_progress(order.verb, len(cases)) as step:

        async def give(case: Case) -> Given:
            async with gate:
                given = await _given(ledger, order, case, word)
                step()
                return given

        given = list(await asyncio.gather(*(give(case) for case in cases)))
    await tell_stops(clients, [each.case for each in given if each.done])
    left = [each for each in given if not each.done]
    if left:  # the log is kept before: what was not possible must not look like done
        why, ids = left[0].because, tuple(each.case.id for each in left)
        await keep(clients, Ordered(word.who, why, datetime.now(UTC), f"{verb}: left alone", ids))
    return given


async def keep(clients: StorageClients, order: Ordered) -> None:
    """Keep an order in the log. A ledger whose switches are lost has none to keep it in: the case itself says it."""
    try:
        await Switches(ConditionalTable(clients.tables, SWITCHES)).note(order)
    except AzureError as error:
        print(f"The order is not in the log of orders: {error}".splitlines()[0], file=sys.stderr)


async def _given(ledger: Ledger, order: Order, case: Case, word: Word) -> Given:
    """The order given to one case; asked again for some seconds while a worker has the case."""
    for _ in range(_BUSY_TRIES):
        try:
            answer = await order.give(ledger, case, word)
        except (NewerRow, BadRow) as unreadable:
            return Given(case, False, str(unreadable))
        if not (isinstance(answer, NotPossible) and answer.busy):
            break
        await asyncio.sleep(_BUSY_WAIT)
    if answer is None:
        return Given(case, False, "It is no longer in the ledger.")
    if isinstance(answer, NotPossible):
        return Given(case, False, answer.because)
    return Given(answer, True, answer.because)


def _would(order: Order, case: Case, word: Word) -> Given:
    answer = order.would(case, word) if order.would else None
    if isinstance(answer, NotPossible):
        return Given(case, False, answer.because)
    if order.fits(case):
        return Given(case, True, f"It {order.meant}.")
    why = case.reason or str(case.outcome or "")
    return Given(case, False, f"It is {case.state}{f' ({why})' if why else ''}.")


async def _chosen(ledger: Ledger, order: Order, args: argparse.Namespace) -> list[Case]:
    if args.case:
        return await named(ledger, [text.lower() for text in args.case])
    found = await ledger.among(order.states)
    assignment, rule = (args.assignment or "").lower(), (args.rule or "").casefold()
    chosen = (case for case in found if order.fits(case) and assignment in case.key.assignment)
    return sorted((case for case in chosen if not rule or case.rule.casefold() == rule), key=lambda case: case.id)


async def named(ledger: Ledger, wanted: Sequence[str]) -> list[Case]:
    """The cases whose ids begin like this, one for each; raises `NoLedger` where that is not one."""
    try:
        found = [await ledger.case(text) if len(text) == 24 else None for text in wanted]
    except (NewerRow, BadRow) as unreadable:
        raise NoLedger(str(unreadable)) from unreadable
    every = [] if all(found) else await ledger.cases()
    chosen: dict[str, Case] = {}
    for text, exact in zip(wanted, found, strict=True):
        such = [exact] if exact else [case for case in every if case.id.startswith(text)]
        if len(such) != 1:
            many = f"{len(such)} cases have" if such else "No case has"
            raise NoLedger(f"{many} an id that starts with {text!r}; `cases` lists them all.")
        chosen[such[0].id] = such[0]
    return list(chosen.values())
