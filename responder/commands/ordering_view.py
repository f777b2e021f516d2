"""What became of an order, for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from responder.commands.cases import place_of, wide_console

if TYPE_CHECKING:
    from responder.commands.ordering import Given


@contextmanager
def order_progress(verb: str, count: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error while many cases are ordered something, where somebody watches."""
    console = Console(stderr=True)
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal or count < 10,
    )
    with progress:
        bar = progress.add_task(verb, total=count)
        yield lambda: progress.advance(bar)


def print_given(done: str, meant: str, given: Sequence[Given], as_json: bool, dry_run: bool) -> None:
    """Every case with what became of the order, and how many there were."""
    if as_json:
        print(json.dumps([_document(each, dry_run) for each in given], indent=2))
        return
    console = wide_console()
    if not given:
        console.print(escape(f"No case like that {meant}; `cases` lists them all."))
        return
    table = Table("case", "order", "rule", "place", Column("because", overflow="fold"), box=None)
    would = f"would be {done.removeprefix('to be ')}" if dry_run else done
    for each in given:
        order = f"[green]{would}[/]" if each.done else "[red]left alone[/]"
        place, because = escape(place_of(each.case)), escape(each.because)
        table.add_row(each.case.id[:10], order, escape(each.case.rule), place, because)
    console.print(table)
    good = sum(each.done for each in given)
    console.print(f"{good} of {len(given)} {would}.{' Nothing was changed.' if dry_run else ''}", style="dim")


def _document(given: Given, dry_run: bool) -> dict[str, object]:
    case = given.case
    return {
        "case": case.id,
        "possible": given.done,
        "done": given.done and not dry_run,
        "because": given.because,
        "state": case.state.value,
        "rule": case.rule,
        "assignment": case.key.assignment,
        "place": case.key.place,
    }
