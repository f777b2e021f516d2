"""`resume`: tasks may be opened again."""

import argparse

from responder.commands.switching import add_switch, switch


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    does = "let tasks be opened again, or for the first time after the ledger lost its switch"
    add_switch(subparsers, "resume", does, "the change freeze is over")


def run(args: argparse.Namespace) -> int:
    """Set the switch."""
    return switch(False, args.reason, "Resumed: cases that were held as paused go on at their next look.")
