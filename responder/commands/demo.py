"""`demo`: the main job on this machine, from events to verified remediations, and an account of it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import signal
import sys
from pathlib import Path

import aiohttp
from rich.console import Console

from responder.commands.open_ledger import NoLedger
from responder.commands.terminal import Terminal
from responder.local.azurite import AzuriteError
from responder.local.demo.left_behind import CannotWrite
from responder.local.demo.performance import NotOver
from responder.local.demo.show import Show
from responder.local.laptop import LaptopError
from responder.local.simulator.trouble import BadInput

_WIDTH = 100  # where there is no terminal to ask, as in the log of a build
_EXAMPLE = """\
examples:
  python -m responder demo
  python -m responder demo --out /tmp/demo --keep

exit codes: 0 all went as told, 1 something else happened, 2 it cannot run here"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "demo",
        help="all of it on this machine: storage, simulator, app, events, traces",
        description="Starts storage, a simulated Resource Manager and the app, and shows what events lead to.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="where files are left (out)")
    parser.add_argument("--keep", action="store_true", help="leave everything running until Ctrl-C")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run it: 0 as told, 1 where something else happened, 2 where it cannot run; 143 where it was asked to end."""
    try:
        return asyncio.run(_until_told_to_end(Show(args.out.resolve(), _console(), keep=args.keep)))
    except NotOver as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except (aiohttp.ClientError, NoLedger) as error:
        print(f"error: A part stopped answering: {error}. {args.out / 'host.log'} may say why.", file=sys.stderr)
        return 1
    except (AzuriteError, BadInput, CannotWrite, LaptopError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _console() -> Console:
    """The terminal's own width; where there is none, a width that logs show. A log in ASCII loses letters, no more."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Terminal() if sys.stdout.isatty() else Terminal(width=_WIDTH)


async def _until_told_to_end(show: Show) -> int:
    """SIGTERM ends it as Ctrl-C does: everything that was started is stopped first."""
    showing = asyncio.ensure_future(show.run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, showing.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        return await showing
    if (task := asyncio.current_task()) and task.cancelling():
        raise asyncio.CancelledError
    return 128 + signal.SIGTERM
