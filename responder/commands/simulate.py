"""`simulate`: run the simulated Resource Manager for an app, or for curl, to talk to."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from responder.local.simulator.documents import Dials, Estate, read
from responder.local.simulator.server import Simulator
from responder.local.simulator.trouble import BadInput

_EXAMPLE = """\
example:
  python -m responder simulate --port 8081 --estate estate.json

Point the app at it with RESPONDER_ARM_ENDPOINT=http://127.0.0.1:8081. Look at what happened with
  curl http://127.0.0.1:8081/_simulator/remediations"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "simulate",
        help="run the simulated Resource Manager",
        description="Plays the part of Azure Resource Manager that the app sees, on 127.0.0.1.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=8081, help="0 takes any free port (default: 8081)")
    parser.add_argument("--estate", type=Path, metavar="FILE", help="JSON: assignments, definitions, resources, states")
    parser.add_argument("--events-to", metavar="URL", help="where state changes are posted, as Event Grid does")


def run(args: argparse.Namespace) -> int:
    """Run until SIGINT or SIGTERM: 0. What keeps it from running: 2, and one sentence."""
    try:
        asyncio.run(_simulate(args.port, args.estate, args.events_to))
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


async def _simulate(port: int, estate: Path | None, events_to: str | None) -> None:
    simulator = Simulator()
    if estate is not None:
        simulator.load(_estate(estate))
    simulator.world.dials = Dials().turned({"eventsTo": events_to})
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    url = await simulator.start(port)
    print(f"Resource Manager, simulated, on {url}\nPoint the app at it: RESPONDER_ARM_ENDPOINT={url}", flush=True)
    await stopping.wait()
    print("Stopping", flush=True)
    await simulator.stop()


def _estate(path: Path) -> Estate:
    try:
        return read(Estate, json.loads(path.read_text("utf-8")), str(path))
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); name an estate file with --estate.") from error
    except ValueError as error:
        raise BadInput(
            f"{path} is not JSON: {error}; an estate file is, such as the demo's out/estate.json."
        ) from error
