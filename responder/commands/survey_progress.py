"""What a survey is doing, on standard error: a bar where somebody watches, a line for each wait where nobody does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from responder.commands.terminal import Terminal


class ReadingProgress:
    """How far the reading is. `page` and `waits` are called as things happen."""

    def __init__(self, progress: Progress, scopes: int, console: Console) -> None:
        self._progress, self._console = progress, console
        self._bar = progress.add_task("reading", total=scopes, note="", states=0)
        self._states = 0

    def page(self, scope: str, count: int, last: bool) -> None:
        """A page of a scope was read."""
        self._states += count
        self._progress.update(self._bar, advance=int(last), states=self._states, note=scope.rpartition("/")[2])

    def waits(self, why: str) -> None:
        """Azure wants patience."""
        if self._console.is_terminal:
            self._progress.update(self._bar, note=why)
        else:
            print(why, file=sys.stderr)

    def decides(self, states: int) -> None:
        """All states are read; now they are decided."""
        self._progress.update(self._bar, description="deciding", states=states, note="")


@contextmanager
def reading_progress(scopes: int) -> Iterator[ReadingProgress]:
    """Show the progress while the context lasts."""
    console = Terminal(stderr=True)
    progress = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("scopes, {task.fields[states]} states"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with progress:
        yield ReadingProgress(progress, scopes, console)
