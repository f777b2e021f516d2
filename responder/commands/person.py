"""Who gives an order, and why: recorded with everything that a command changes."""

import argparse
import getpass


def add_reason(parser: argparse.ArgumentParser) -> None:
    """The option that every command that changes something takes."""
    parser.add_argument("--reason", required=True, type=_reason, metavar="TEXT", help="why; it is kept and shown")


def _reason(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty; say in a few words why")
    return text.strip()


def name() -> str:
    """The name this person is known by on this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without user names
        return "somebody without a user name"
