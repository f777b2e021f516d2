"""What is not known: not read, or known not to exist.

Apart from the facts themselves, because each kind of fact is a module of its own and all of them need these two.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unread:
    """It has not been read, or could not be."""

    why: str
    forbidden: bool = False  # it is there, and we may not read it (403)


@dataclass(frozen=True, slots=True)
class Missing:
    """It is known not to exist (404)."""

    what: str


def told(fact: Missing | Unread) -> str:
    """Why it is not there, as the rest of a sentence."""
    return fact.what if isinstance(fact, Missing) else fact.why
