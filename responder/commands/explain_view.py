"""An explanation for a person: the answer first, then the sentence why, then the way to it."""

from __future__ import annotations

import json

from rich.console import Console
from rich.text import Text

from responder.commands.event_files import FoundEvent
from responder.core.decision import Answer
from responder.core.explanation import Explanation

_COLOURS = {
    Answer.REMEDIATE: "green",
    Answer.ASK: "magenta",
    Answer.OBSERVE: "cyan",
    Answer.IGNORE: "bright_black",
    Answer.UNKNOWN: "yellow",
    Answer.BLOCKED: "red",
    Answer.REJECTED: "red",
}
_PLANS = {
    Answer.REMEDIATE: "To be opened",
    Answer.ASK: "A person is asked for approval",
    Answer.OBSERVE: "Nothing is opened: a plan is recorded",
}
_MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("?", "yellow")}


def show(console: Console, found: FoundEvent, explanation: Explanation) -> None:
    """Print one explanation."""
    _say(console, f"{explanation.answer.value.upper()}", f"bold {_COLOURS[explanation.answer]}", end="  ")
    _say(console, f"{explanation.reason}  {found.where}", "bright_black")
    _say(console, explanation.because)
    _rules(console, explanation)
    _checks(console, explanation)
    _plan(console, explanation)
    console.print()


def _rules(console: Console, explanation: Explanation) -> None:
    if explanation.considered:
        _say(console, "\nRules, in order", "bold")
    for each in explanation.considered:
        _marked(console, each.applies, f"{each.rule}: {each.because}")


def _checks(console: Console, explanation: Explanation) -> None:
    if explanation.preflight:
        _say(console, "\nChecks", "bold")
    width = max((len(each.check) for each in explanation.preflight), default=0)
    for each in explanation.preflight:
        _marked(
            console, each.holds, f"{each.check:<{width}}  {each.because}", warns=each.because.startswith("warning: ")
        )


def _plan(console: Console, explanation: Explanation) -> None:
    if explanation.plan is None or explanation.due is None:
        return
    after = f"after {explanation.due:%Y-%m-%d %H:%M:%S} UTC, once confirmed"
    _say(console, f"\n{_PLANS[explanation.answer]} {after}", "bold")
    for wait in explanation.waits:
        _say(console, f"  waits for {wait}" if not wait.startswith("and ") else f"  {wait}")
    _say(console, f"  scope  {explanation.plan.scope}")
    for line in json.dumps(explanation.plan.body, indent=2, ensure_ascii=False).splitlines():
        _say(console, f"  {line}", "bright_black")


def _marked(console: Console, holds: bool | None, text: str, warns: bool = False) -> None:
    """One line with its mark; a check that only warns holds, and must not look as if all were well."""
    mark, colour = ("!", "yellow") if warns else _MARKS[holds]
    _say(console, f"  {mark} ", colour, end="")
    _say(console, text)


def _say(console: Console, text: str, style: str = "", end: str = "\n") -> None:
    """Names come from events and rules: they are printed as they are, never read as markup."""
    console.print(Text(text, style=style), end=end)
