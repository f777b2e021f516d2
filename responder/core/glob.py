# ruff: noqa: A005 - always imported by its full name
"""Globs over ids and names: `*` stays inside a segment, `**` crosses segments, case does not count.

Everything else stands for itself, brackets and parentheses too: they occur in real names. Whole texts are
compared. Globs are compiled when the rules are read, because they are tried for every event.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from responder.core.folding import fold

MOST_WILDCARDS = 8
"""A glob of many wildcards can take very long on a long id; nobody needs more than a few."""
_WILDCARD = re.compile(r"\*+")


class BadGlob(ValueError):
    """A text that is no glob, and why."""


@dataclass(frozen=True)
class Globs:
    """One glob or several of which one must match. Build it with `globs`."""

    texts: tuple[str, ...]  # folded
    segmented: bool = True

    def __str__(self) -> str:
        return " or ".join(self.texts)

    @cached_property
    def literals(self) -> frozenset[str]:
        """Those without a wildcard."""
        return frozenset(text for text in self.texts if "*" not in text)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        wild = [_expression(text, self.segmented) for text in self.texts if "*" in text]
        return re.compile("|".join(wild), re.DOTALL) if wild else None

    @cached_property
    def fixed_parts(self) -> tuple[str, ...]:
        """For each one with a wildcard its longest part without: a text that has none of these matches none."""
        return tuple(max(_WILDCARD.split(text), key=len) for text in self.texts if "*" in text)

    def match(self, folded: str) -> bool:
        """Whether one of them matches the whole of a folded text."""
        if folded in self.literals:
            return True
        return self._pattern is not None and self._pattern.fullmatch(folded) is not None


def globs(texts: Iterable[str], *, segmented: bool = True) -> Globs:
    """Check and fold globs; raises `BadGlob` naming the first that is none.

    Tag values have no segments: for them (`segmented=False`) `*` matches a slash, too.
    """
    made = Globs(tuple(_checked(text) for text in texts), segmented)
    if not made.texts:
        raise BadGlob("the list is empty and would match nothing; leave the key out or name something")
    return made


def _checked(text: str) -> str:
    if not text.strip():
        raise BadGlob("it is empty and would match nothing")
    if text != text.strip() or not text.isprintable():
        raise BadGlob(f"{text[:80]!r} begins or ends with a blank, or has characters that cannot be printed")
    wildcards = _WILDCARD.findall(text)
    if any(len(wildcard) > 2 for wildcard in wildcards):
        raise BadGlob(f"{text[:80]!r} has more than two stars in a row; '*' stays in a segment, '**' crosses them")
    if len(wildcards) > MOST_WILDCARDS:
        raise BadGlob(f"{text[:80]!r} has {len(wildcards)} wildcards; {MOST_WILDCARDS} are allowed")
    return fold(text)


def _expression(text: str, segmented: bool) -> str:
    """The glob as a regular expression that never tries the same wildcard twice.

    Whatever stands between two wildcards may be taken where it is found first, because the next wildcard makes up
    for the rest; so each part is an atomic group, and a hostile name costs no more than a long one.
    """
    first, *others = (_piece(each) for each in re.split(r"\*\*" if segmented else r"\*+", text))
    if not others:
        return first
    *middle, last = others
    return f"(?>{first})" + "".join(f"(?>.*?{each})" for each in middle) + f".*{last}"


def _piece(text: str) -> str:
    """What stands between two `**`: its single stars stay inside a segment."""
    first, *others = map(re.escape, text.split("*"))
    if not others:
        return first
    *middle, last = others
    inside = "[^/]*?" if last else "[^/]*"
    return first + "".join(f"(?>[^/]*?{each})" for each in middle) + inside + last
