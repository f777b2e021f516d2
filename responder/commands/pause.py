"""`pause`: nothing more is opened until somebody resumes."""

import argparse

from responder.commands.switching import add_switch, switch


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    add_switch(
        subparsers, "pause", "open nothing more; what runs goes on and is followed", "change freeze until Monday"
    )


def run(args: argparse.Namespace) -> int:
    """Set the switch."""
    return switch(
        True, args.reason, "Paused: nothing more is opened. Tasks that run go on; stop them in Azure if they must not."
    )
