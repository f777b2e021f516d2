"""Each case: its plan, its task's scope and states over time, and how it ended; then what failed, with its error."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from responder.commands.cases import COLOURS
from responder.core.case import Case, Moment
from responder.core.outcome import Outcome
from responder.local.demo.account import Account
from responder.local.demo.opened_task import OpenedTask
from responder.local.demo.spoken import on_a_line, spoken
from responder.local.demo.story import ENDINGS

_COLOURS = {
    Outcome.VERIFIED: "green",
    Outcome.PARTLY_FAILED: "red",
    Outcome.NOTHING_TO_DO: "cyan",
    Outcome.OBSERVED: "cyan",
    Outcome.WITHDRAWN: "magenta",
}


def print_cases(account: Account, console: Console) -> None:
    """One page a case, in the order in which the story tells them."""
    order = [ending.place for ending in ENDINGS]
    shows = {ending.place: ending.shows for ending in ENDINGS}
    places = {case.id: case.key.place.rpartition("/")[2] for case in account.cases}
    known = [case for case in account.cases if places[case.id] in shows]
    strange = [case for case in account.cases if places[case.id] not in shows]
    for case in [*sorted(known, key=lambda case: order.index(places[case.id])), *strange]:
        _print_case(case, shows.get(places[case.id], "not expected"), account.task_of(case), console)


def _print_case(case: Case, shows: str, task: OpenedTask | None, console: Console) -> None:
    colour = _COLOURS.get(case.outcome, COLOURS[case.state]) if case.outcome else COLOURS[case.state]
    ended = case.outcome or case.state
    console.print(f"[bold]{escape(spoken(case.key.place))}[/]  [{colour}]{ended}[/]  {escape(shows)}")
    page = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    page.add_column(width=11, style="bright_black")
    page.add_column(overflow="fold")
    page.add_row("  case", f"{case.id[:10]}, {case.key.kind}, rule {escape(case.rule)!r}")
    if case.plan:
        names = ", ".join(name.rpartition("/")[2] for name in case.plan.resources)
        count = len(case.plan.resources)
        page.add_row("  plan", escape(f"{count} resource{'s' * (count != 1)}: {names}"))
        page.add_row("  scope", escape(on_a_line(case.plan.scope)))
    if task:
        page.add_row("  task", escape(f"{task.name}, {task.mode}"))
        page.add_row("  states", escape(", ".join(f"{state} {after:.1f} s" for state, after in task.states)))
        page.add_row("  deployed", _rows(task))
    for label, words in _way(case):
        page.add_row(label, escape(spoken(words)))
    console.print(page)
    console.print()


def _way(case: Case) -> list[tuple[str, str]]:
    """How it came to its end: in one line where a task tells the rest, else sentence by sentence."""
    if case.task:
        states = ", ".join(f"{moment.state}" for moment in _changes(case))
        return [("  way", states), ("  because", case.because)]
    return [(f"  {moment.state}", moment.because) for moment in case.history[1:]]  # the first only says: gathering


def _changes(case: Case) -> list[Moment]:
    """The history without what only tells of progress within one state."""
    pairs = zip((None, *case.history), case.history, strict=False)
    return [moment for before, moment in pairs if before is None or before.state is not moment.state]


def _rows(task: OpenedTask) -> str:
    told = [f"{row.resource.rpartition('/')[2]} {row.status.lower()}" for row in task.rows]
    return escape(", ".join(told) or "none: there was nothing to deploy")


def print_failures(account: Account, console: Console) -> None:
    """Each failed deployment with Azure's words."""
    for task in account.tasks:
        for row in task.failures:
            console.print(f"[red]{escape(spoken(row.resource))}[/]  in task {escape(task.name)}")
            console.print(f"  {escape(row.error)}")
