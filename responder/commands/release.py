"""`release`: a stopped case gets another round, at once."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime

from responder.commands.open_ledger import NoLedger, open_ledger
from responder.commands.person import add_reason, name
from responder.core.case import State

_EXAMPLE = """\
example:
  python -m responder release 3f9c2a71 --reason "the identity has its roles now"

The first digits of a case's id are enough. The case is confirmed again before anything is opened."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "release",
        help="give a stopped case another round, at once",
        description="Releases a stopped case: what it holds is confirmed again and, if it is still wanted, opened.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("case", metavar="CASE", help="its id, or the first digits of it")
    add_reason(parser)


def run(args: argparse.Namespace) -> int:
    """Release the case: 0; 1 where it is not stopped; 2 where it cannot be found."""
    try:
        released, said = asyncio.run(_release(args.case.lower(), args.reason))
    except NoLedger as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(said)
    return 0 if released else 1


async def _release(wanted: str, why: str) -> tuple[bool, str]:
    async with open_ledger() as ledger:
        stopped = await ledger.cases(State.STOPPED.value)
        found = [case for case in stopped if case.id.startswith(wanted)]
        if len(found) > 1:
            raise NoLedger(f"{len(found)} stopped cases have an id that starts with {wanted!r}; give more digits.")
        if not found or not await ledger.release(found[0].id, name(), why, datetime.now(UTC)):
            return False, f"No stopped case has an id that starts with {wanted!r}; `cases --state stopped` lists them."
        return True, f"Case {found[0].id} is released: its next round begins now."
