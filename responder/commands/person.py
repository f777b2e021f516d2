"""Who gives an order, and why: recorded with everything that a command changes."""

import argparse
import getpass
import unicodedata

from responder.commands.terminal import plain

LONGEST_REASON = 500
LONGEST_NAME = 100


def add_reason(parser: argparse.ArgumentParser) -> None:
    """The option that every command that changes something takes."""
    parser.add_argument("--reason", required=True, type=_reason, metavar="TEXT", help="why; it is kept and shown")


def _reason(text: str) -> str:
    reason = " ".join(text.split())  # one line: it is printed in tables and logs
    if not reason:
        raise argparse.ArgumentTypeError("it is empty; say in a few words why")
    if len(reason) > LONGEST_REASON:
        raise argparse.ArgumentTypeError(f"it has {len(reason)} characters; {LONGEST_REASON} are the most")
    if any(unicodedata.category(letter).startswith("C") for letter in reason):
        raise argparse.ArgumentTypeError("it holds a control character; terminals would obey it")
    return reason


def name() -> str:
    """The name this person is known by on this machine."""
    try:
        known = getpass.getuser()
    except (KeyError, OSError):  # a container without user names
        return "somebody without a user name"
    return plain(known.replace("\n", " "))[:LONGEST_NAME]
