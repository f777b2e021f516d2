"""The switches that people set: where one is in force, nothing is opened.

One switch is the whole app's, the others are each for one rule, assignment or subscription. Losing the ledger must
not start anything, so the app's switch must be there and say "not paused". A switch of a smaller scope is there only
once somebody has set it; one that cannot be understood counts as paused, for everything if its scope is lost.
"""

import hashlib
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from responder.core import instant
from responder.core.folding import fold
from responder.core.resource_id import BadResourceId, Level, resource_id

APP_ROW = "pause"
_ASSIGNMENTS = "/providers/microsoft.authorization/policyassignments/"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class SwitchKind(StrEnum):
    """What a switch is for."""

    APP = "app"
    RULE = "rule"
    ASSIGNMENT = "assignment"
    SUBSCRIPTION = "subscription"


class BadScope(ValueError):
    """A text that names nothing a switch could be for; the message says what to give instead."""


@dataclass(frozen=True, slots=True)
class SwitchScope:
    """What one switch is for. Ids are folded; a rule keeps its spelling and is compared without case."""

    kind: SwitchKind = SwitchKind.APP
    name: str = ""

    @property
    def row(self) -> str:
        """The key of its row: a hash, because names hold what no key may."""
        if self.kind is SwitchKind.APP:
            return APP_ROW
        return f"{APP_ROW}-{self.kind}-{hashlib.sha256(fold(self.name).encode()).hexdigest()[:40]}"

    @property
    def option(self) -> str:
        """The option of the commands that name it; empty for the whole app."""
        return "" if self.kind is SwitchKind.APP else f"--{self.kind} {shlex.quote(self.name)} "

    def __str__(self) -> str:
        return "the app" if self.kind is SwitchKind.APP else f"{self.kind} {self.name}"

    @property
    def of(self) -> str:
        """The scope after a noun: ` of rule X`, and nothing for the whole app."""
        return "" if self.kind is SwitchKind.APP else f" of {self}"

    def covers(self, rule: str, assignment: str, subscription: str) -> bool:
        """Whether what these name lies in the scope; an empty text names nothing."""
        named = {
            SwitchKind.RULE: rule,
            SwitchKind.ASSIGNMENT: assignment,
            SwitchKind.SUBSCRIPTION: subscription,
        }.get(self.kind)
        return named is None or (bool(named) and fold(named) == fold(self.name))


THE_APP = SwitchScope()


@dataclass(frozen=True, slots=True)
class Switch:
    """One switch as somebody set it; `at` is a time as Azure writes them."""

    scope: SwitchScope
    paused: bool
    who: str
    why: str
    at: str

    @property
    def because(self) -> str:
        """Why nothing is opened there, and what ends it."""
        where = "" if self.scope == THE_APP else f"{str(self.scope)[0].upper()}{str(self.scope)[1:]}: "
        what = "Nothing" if self.scope == THE_APP else "Nothing of it"
        end = f"python -m responder resume {self.scope.option}--reason TEXT"
        return f"{where}Paused by {self.who} at {self.at}: {self.why}. {what} is opened until `{end}`."

    @property
    def brief(self) -> str:
        """What of the app it is for, and who paused it, when and why, in a few words."""
        what = "all of it" if self.scope == THE_APP else str(self.scope)
        return f"{what} (by {self.who}, since {_to_the_minute(self.at)}: {self.why})"


@dataclass(frozen=True, slots=True)
class Unclear:
    """A row among the switches that says nothing we know; it counts as a pause of everything."""

    row: str

    @property
    def because(self) -> str:
        """Why nothing is opened."""
        return (
            f"The switch {self.row!r} in the ledger cannot be understood, which counts as paused: a newer version of "
            "this app may have set it. Delete that row of the switches' table if none did."
        )

    @property
    def brief(self) -> str:
        """What of the app it is for, and why, in a few words."""
        return f"all of it (the switch {self.row!r} cannot be understood)"


def rule_scope(name: str) -> SwitchScope:
    """The scope of one rule; raises `BadScope`."""
    if not name.strip():
        raise BadScope("the rule's name is empty")
    return SwitchScope(SwitchKind.RULE, name.strip())


def assignment_scope(text: str) -> SwitchScope:
    """The scope of one assignment by its full id; raises `BadScope`."""
    try:
        folded = resource_id(text.strip()).text
    except BadResourceId as error:
        raise BadScope(f"{text!r} is no id of an assignment: {error}") from error
    if _ASSIGNMENTS not in folded:
        raise BadScope(f"{text!r} is no id of an assignment: it has no {_ASSIGNMENTS}")
    return SwitchScope(SwitchKind.ASSIGNMENT, folded)


def subscription_scope(text: str) -> SwitchScope:
    """The scope of one subscription, given as `/subscriptions/{id}` or as the id alone; raises `BadScope`."""
    folded = text.strip().lower().rstrip("/")
    if _GUID.fullmatch(folded):
        return SwitchScope(SwitchKind.SUBSCRIPTION, folded)
    try:
        found = resource_id(folded)
    except BadResourceId as error:
        raise BadScope(f"{text!r} is no subscription: give its id, or /subscriptions/ID") from error
    if found.level is not Level.SUBSCRIPTION:
        raise BadScope(f"{text!r} is no subscription but lies below one: give its id, or /subscriptions/ID")
    return SwitchScope(SwitchKind.SUBSCRIPTION, found.name)


def read_switch(row: str, columns: Mapping[str, object]) -> Switch | Unclear:
    """The switch of a row; whatever does not clearly say "not paused" is paused."""
    try:
        kind = SwitchKind.APP if row == APP_ROW else SwitchKind(str(columns.get("kind")))
    except ValueError:
        return Unclear(row)
    scope = SwitchScope(kind, "" if kind is SwitchKind.APP else str(columns.get("name") or ""))
    if scope.row != row:
        return Unclear(row)
    who, why, at = (str(columns.get(name, "unknown")) for name in ("who", "why", "at"))
    return Switch(scope, columns.get("paused") is not False, who, why, at)


def why_paused(
    switches: Iterable[Switch | Unclear], rule: str = "", assignment: str = "", subscription: str = ""
) -> str | None:
    """Why nothing of this rule, assignment and subscription may be opened, or `None`.

    The app's own switch is told first. With no names given only that one counts.
    """
    known = list(switches)
    if not any(isinstance(switch, Switch) and switch.scope == THE_APP for switch in known):
        why = "The pause switch is missing from the ledger, which counts as paused"
        return f"{why}: run `python -m responder resume --reason TEXT`."
    force = (switch for switch in known if _in_force(switch, rule, assignment, subscription))
    first = min(force, key=lambda switch: isinstance(switch, Unclear) or switch.scope != THE_APP, default=None)
    return first.because if first else None


def paused_parts(switches: Iterable[Switch | Unclear]) -> tuple[str, ...]:
    """What is paused, the whole app first, each part with who did it, when and why; empty where nothing is."""
    known = list(switches)
    there = any(isinstance(switch, Switch) and switch.scope == THE_APP for switch in known)
    missing = () if there else ("all of it (the pause switch is missing from the ledger)",)
    force = [switch for switch in known if isinstance(switch, Unclear) or switch.paused]
    ordered = sorted(force, key=lambda switch: isinstance(switch, Switch) and switch.scope != THE_APP)
    return (*missing, *(switch.brief for switch in ordered))


def _to_the_minute(at: str) -> str:
    try:
        return f"{instant.moment(instant.ticks(at)):%Y-%m-%d %H:%M} UTC"
    except instant.BadInstant:
        return at


def _in_force(switch: Switch | Unclear, rule: str, assignment: str, subscription: str) -> bool:
    if isinstance(switch, Unclear):
        return True
    return switch.paused and switch.scope.covers(rule, assignment, subscription)
