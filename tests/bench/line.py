"""What the bench has to say, line by line, as a table for people or as JSON for a program."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Line:
    """One figure, what it stands beside, and what was aimed at."""

    what: str
    value: float
    unit: str
    beside: str = ""  # what the same run showed of the thing it is compared with
    ratio: float | None = None
    aim: str = ""
    met: bool | None = None


def compared(what: str, ours: Sequence[float], theirs: Sequence[float], beside: str, aim: float | None = None) -> Line:
    """Our rate as a ratio of another of the same run: the median of the pairs, because neighbours make noise."""
    ratio = statistics.median(mine / other for mine, other in zip(ours, theirs, strict=True))
    told = f"{beside} {statistics.median(theirs):,.0f}/s"
    met = None if aim is None else ratio >= aim
    return Line(what, statistics.median(ours), "/s", told, ratio, "" if aim is None else f"≥ {aim:.0%}", met)


def table_of(lines: Iterable[Line]) -> Table:
    """The lines as a table."""
    table = Table(title="bench", title_justify="left")
    for heading in ("what", "figure", "beside it", "ratio", "aim", ""):
        table.add_column(heading, justify="right" if heading in ("figure", "ratio") else "left")
    for line in lines:
        mark = {None: "", True: "met", False: "missed"}[line.met]
        ratio = "" if line.ratio is None else f"{line.ratio:.0%}"
        table.add_row(line.what, f"{_figure(line.value)} {line.unit}", line.beside, ratio, line.aim, mark)
    return table


def show(lines: Sequence[Line], *, as_json: bool) -> None:
    """Print them."""
    if as_json:
        print(json.dumps([asdict(line) for line in lines], indent=2, ensure_ascii=False))
    else:
        Console(width=160).print(table_of(lines))


def _figure(value: float) -> str:
    if value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"
