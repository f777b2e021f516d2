"""What a person sees of the host: one line on stderr for each record, in colour on a terminal."""

from __future__ import annotations

import logging
import os
import sys
import traceback

_COLOURS = {
    logging.DEBUG: "\x1b[2m",
    logging.WARNING: "\x1b[33m",
    logging.ERROR: "\x1b[31m",
    logging.CRITICAL: "\x1b[31;1m",
}
_END = "\x1b[0m"

# Each of these writes several records for one request.
_TALKATIVE = ("azure.core.pipeline", "azure.identity", "asyncio")


def log_to_stderr(*, verbose: bool) -> None:
    """Send every record of this process, the app's included, to stderr; stacks only when verbose."""
    handler = logging.StreamHandler(sys.stderr)
    colour = sys.stderr.isatty() and "NO_COLOR" not in os.environ
    handler.setFormatter(OneLine(colour=colour, stacks=verbose))
    handler.addFilter(_tells_something)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("responder.host").setLevel(logging.DEBUG if verbose else logging.INFO)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    # The worker logs two records for an invocation, and a stack for an app that it cannot import; the host
    # tells both in one line.
    logging.getLogger("azure.functions").setLevel(logging.INFO if verbose else logging.CRITICAL)


def _tells_something(record: logging.LogRecord) -> bool:
    """Drop what azure-functions warns of for every app without HTTP functions: that they need no keys."""
    return not str(record.msg).startswith("Auth level is not applied")


class OneLine(logging.Formatter):
    """`13:55:01.123 INFO responder.host: message`, and behind it what was raised."""

    def __init__(self, *, colour: bool, stacks: bool) -> None:
        super().__init__("%(asctime)s.%(msecs)03d %(levelname)s %(name)s: %(message)s", "%H:%M:%S")
        self._colour = colour
        self._stacks = stacks

    def format(self, record: logging.LogRecord) -> str:
        """Write a record, without its stack unless stacks are wanted."""
        text = _printable(super().format(record)) if self._stacks else _printable(self._one_line(record))
        colour = _COLOURS.get(record.levelno) if self._colour else None
        return f"{colour}{text}{_END}" if colour else text

    def _one_line(self, record: logging.LogRecord) -> str:
        record.message = record.getMessage()
        record.asctime = self.formatTime(record, self.datefmt)
        parts = self.formatMessage(record).splitlines()
        if record.exc_info and record.exc_info[1]:
            parts += traceback.format_exception_only(record.exc_info[1])
        return " | ".join(part.strip() for part in parts if part.strip())


def _printable(text: str) -> str:
    """What an event or an answer brought along must not colour, move or hide anything; a stack keeps its lines."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text)
