"""The text of a file that a person names, before anything is made of it."""

import os
import sys
from pathlib import Path


class Unreadable(Exception):
    """A file that cannot be read at all; the message names it and says what to do."""


def rules_path(named: str | None) -> str:
    """The rules file: the named one, or as the app would find it (`RESPONDER_RULES`, else `rules.yaml`)."""
    return named or os.environ.get("RESPONDER_RULES") or "rules.yaml"


def read_text(name: str) -> str:
    """The file's text, or that of standard input where the name is `-`; raises `Unreadable`."""
    try:
        content = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        return content.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise Unreadable(f"{name}: there is no such file; name another.") from error
    except OSError as error:
        raise Unreadable(f"{name} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name} is not UTF-8 (byte {error.start + 1}); save it as UTF-8.") from error
