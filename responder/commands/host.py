"""`host`: run function_app.py on this machine without Azure Functions Core Tools."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from responder.local.host.console import log_to_stderr
from responder.local.host.functions import EventGridTrigger, HttpTrigger, QueueTrigger, TimerTrigger, Trigger
from responder.local.host.host import MESSAGE_LEASE, Host
from responder.local.host.trouble import HostError

_EXAMPLE = """\
example:
  python -m responder host --port 7071

Settings come from the environment and from local.settings.json beside the app.
Ctrl-C lets running functions end, for 10 seconds at most."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "host",
        help="run function_app.py without Azure Functions Core Tools",
        description="Runs a function app through Microsoft's own Python worker logic, on 127.0.0.1.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=7071, help="0 takes any free port (default: 7071)")
    parser.add_argument("--app", type=Path, default=Path(), metavar="DIR", help="folder of function_app.py")
    parser.add_argument(
        "--message-lease",
        type=float,
        default=MESSAGE_LEASE.total_seconds(),
        metavar="SECONDS",
        help="how long a queue message stays away when the host is killed over it (default, as in Azure: 600)",
    )
    parser.add_argument("--verbose", action="store_true", help="more lines, and stacks of what failed")


def run(args: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM: 0. What keeps the app from running: 2, and one sentence."""
    log_to_stderr(verbose=args.verbose)
    app = args.app.resolve()
    if not app.is_dir():
        return _refuse(HostError(f"{app} is not a folder; name the folder of the app with --app."), args.verbose)
    os.chdir(app)  # as in Azure: the app's relative paths are meant from its own folder
    try:
        abandoned = asyncio.run(_host(app, args.port, timedelta(seconds=args.message_lease)))
    except HostError as error:
        return _refuse(error, args.verbose)
    if abandoned:
        # A sync function that will not end has a thread that would keep the process for ever.
        sys.stdout.flush()
        os._exit(0)
    return 0


async def _host(app: Path, port: int, lease: timedelta) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    host = Host(app, port=port, message_lease=lease)
    await host.start()
    _announce(host)
    await stopping.wait()
    print("Stopping", flush=True)
    return await host.stop()


def _announce(host: Host) -> None:
    print("Functions:")
    width = max(len(name) for name in host.functions)
    for name, function in host.functions.items():
        print(f"  {name:<{width}}  {_wakes(function.trigger)}  {host.routes.get(name, '')}".rstrip())
    print(f"Host ready on {host.url}", flush=True)


def _wakes(trigger: Trigger) -> str:
    match trigger:
        case EventGridTrigger():
            return "Event Grid"
        case QueueTrigger(queue=queue):
            return f"queue {queue}"
        case TimerTrigger(schedule=schedule):
            return f"timer {schedule.expression}"
        case HttpTrigger(methods=methods):
            return " ".join(methods)


def _refuse(error: HostError, verbose: bool) -> int:
    print(f"error: {error}", file=sys.stderr)
    if verbose and error.detail:
        print(error.detail, file=sys.stderr)
    return 2
