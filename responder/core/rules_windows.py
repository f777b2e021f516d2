"""The windows of a rules file: their names made values, and what is wrong, or odd, about naming them.

`during` speaks of a window by its name. A name that is not there would be a rule that waits for nothing, so it is a
problem; a window that nobody names is only probably not meant.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from responder.core.duration import iso_duration
from responder.core.rule_settings import Settings
from responder.core.rules_key import closest
from responder.core.rules_model import ALWAYS, WindowKeys
from responder.core.rules_problem import Problem
from responder.core.rules_yaml import Steps, Tree
from responder.core.window import DAYS, Window


def windows_of(keys: Mapping[str, WindowKeys]) -> dict[str, Window]:
    """The windows by their names."""
    return {
        name: Window(name, each.days, each.from_, each.to, each.time_zone, tuple(sorted(set(each.except_))))
        for name, each in keys.items()
    }


def wrong_windows(tree: Tree) -> Iterator[Problem]:
    """Names that no window can have, and names that `during` uses and no window has."""
    names = _names(tree)
    for name in names:
        if told := _unspeakable(name):
            yield tree.problem(("windows", name), told)
    for steps, name in _named(tree):
        if name not in (*names, ALWAYS):
            yield tree.problem(steps, _undefined(name, names))


def odd_windows(tree: Tree, windows: tuple[Window, ...]) -> Iterator[tuple[Steps, str]]:
    """Windows that nobody names, and dates on which a window would not open anyway."""
    named = {name for _steps, name in _named(tree)}
    for window in windows:
        steps: Steps = ("windows", window.name)
        if window.name not in named:
            yield steps, f"it has no effect: no rule says 'during: {window.name}', nor do the defaults"
        for each in window.closed_on:
            if each.weekday() not in window.days:
                day = DAYS[each.weekday()]
                yield (*steps, "except"), f"{each} has no effect: it is a {day}, on which the window does not open"


def brief_approvals(rules: Iterable[tuple[Steps, Settings]]) -> Iterator[tuple[Steps, str]]:
    """Approvals that may lapse before their window opens, of rules that ask."""
    for steps, settings in rules:
        window, good = settings.during, settings.ask_for
        if window and good < (closed := _longest_closed(window)):
            yield (
                steps,
                f"an approval is good for {iso_duration(good)} (askFor), and window {window.name} stays closed for "
                f"{_days_and_hours(closed)} at a time: it may lapse before a task can be opened",
            )


def _longest_closed(window: Window) -> timedelta:
    """How long it stays closed at most within a week without exceptions, by the clock on the wall."""
    following = [*window.days[1:], window.days[0] + len(DAYS)]
    apart = max(after - day for day, after in zip(window.days, following, strict=True))
    opens, closes = (timedelta(hours=each.hour, minutes=each.minute) for each in (window.opens, window.closes))
    lasts = closes - opens if opens < closes else closes - opens + timedelta(days=1)
    return timedelta(days=apart) - lasts


def _days_and_hours(length: timedelta) -> str:
    hours = f"{length.seconds // 3600} hours"
    return f"{length.days} days and {hours}" if length.days else hours


def _names(tree: Tree) -> list[str]:
    written = tree.values.get("windows")
    return [name for name in written if isinstance(name, str)] if isinstance(written, Mapping) else []


def _named(tree: Tree) -> Iterator[tuple[Steps, str]]:
    """Every `during` with a text, and the steps to it."""
    rules = tree.values.get("rules")
    places: list[tuple[Steps, object]] = [(("defaults",), tree.values.get("defaults"))]
    places += [(("rules", at), rule) for at, rule in enumerate(rules if isinstance(rules, list) else [])]
    for steps, keys in places:
        name = keys.get("during") if isinstance(keys, Mapping) else None
        if isinstance(name, str):
            yield (*steps, "during"), name


def _unspeakable(name: str) -> str | None:
    if name.lower() == ALWAYS:
        return f"{name!r} is what 'during' says where no window is waited for; choose another name"
    if not name.strip() or not name.isprintable() or len(name) > 100:
        return "a name has 1 to 100 printable characters"
    return None


def _undefined(name: str, names: list[str]) -> str:
    close = closest(name, names)
    if close:
        return f"no window is called {name!r}; did you mean {close!r}?"
    told = f"there are {', '.join(names)}" if names else "'windows' at the top of the file defines none"
    return f"no window is called {name!r}; {told}"
