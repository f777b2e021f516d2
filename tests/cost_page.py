"""The arithmetic of `docs/cost.md`: its tables are read, its formulas computed, and what they say written into it.

The page is the only place where the numbers stand. A table whose first heading is `price` holds prices, one whose
first heading is `number` what an estate is assumed to do, and one whose first heading is `line` is computed, line
after line, each from the names before it. `python -m tests.cost_page` prints the lines,
`python -m tests.cost_page subscriptions=40 events_a_day=20` with numbers of your own, and `--write` puts them into
the page.
"""

from __future__ import annotations

import ast
import math
import operator
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "cost.md"
_NAME = re.compile(r"`([a-z0-9_]+)`")
_FORMULA = re.compile(r"`([^`]+)`")
_OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_CALLS: dict[str, Callable[..., float]] = {"min": min, "max": max}

Row = list[str]


class BadFormulaError(ValueError):
    """A formula names what does not stand above it, or is more than arithmetic."""


@dataclass(frozen=True, slots=True)
class Line:
    """One computed line: its name, its formula, what stands on the page, and what is right, for each estate."""

    name: str
    formula: str
    told: tuple[str, ...]
    right: tuple[float, ...]

    @property
    def shown(self) -> tuple[str, ...]:
        """What is right, as the page writes it."""
        return tuple(written(value, money="_cost" in self.name) for value in self.right)


def written(value: float, *, money: bool) -> str:
    """Money with two places, small numbers with three figures, large ones whole."""
    if money:
        return f"${value:,.2f}"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"


def compute(formula: str, known: Mapping[str, float]) -> float:
    """The value of a formula: names, numbers, `+ - * /`, brackets, `min` and `max`, nothing else."""
    return _value(ast.parse(formula, mode="eval").body, known)


def _value(node: ast.expr, known: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left, known), _value(right, known))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _CALLS:
            return _CALLS[name](*(_value(each, known) for each in args))
    raise BadFormulaError(f"{ast.unparse(node)!r} is neither a name that stands above nor arithmetic")


def tables(text: str) -> Iterator[tuple[str, list[Row]]]:
    """Each table: the first word of its heading, and its rows."""
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        yield rows[0][0], rows[2:]


def number(cell: str) -> float:
    """`$1,234.50` and `1,234` as numbers."""
    return float(cell.lstrip("$").replace(",", ""))


def lines(text: str, own: Mapping[str, float] | None = None) -> list[Line]:
    """Every computed line of the page, in its order; `own` numbers take the place of the page's."""
    estates: tuple[dict[str, float], dict[str, float]] = ({}, {})
    found: list[Line] = []
    for kind, rows in tables(text):
        for row in rows:
            if kind == "price":
                _take(estates, row[0], (row[1], row[1]), own or {})
            elif kind == "number":
                _take(estates, row[0], row[1:3], own or {})
            elif kind == "line":
                found.append(_computed(estates, row))
    return found


def _take(estates: Sequence[dict[str, float]], cell: str, values: Sequence[str], own: Mapping[str, float]) -> None:
    name = _named(cell)
    for estate, value in zip(estates, values, strict=True):
        estate[name] = own.get(name, number(value))


def _computed(estates: Sequence[dict[str, float]], row: Row) -> Line:
    name, formula = _named(row[0]), _formula(row[1])
    for estate in estates:
        estate[name] = compute(formula, estate)
    return Line(name, formula, tuple(row[2:4]), tuple(estate[name] for estate in estates))


def _named(cell: str) -> str:
    found = _NAME.search(cell)
    if found is None:
        raise BadFormulaError(f"{cell!r} names nothing")
    return found[1]


def _formula(cell: str) -> str:
    found = _FORMULA.search(cell)
    if found is None:
        raise BadFormulaError(f"{cell!r} holds no formula")
    return found[1]


def filled(text: str) -> str:
    """The page with every computed line as it should be."""
    for line in lines(text):
        row = rf"^(\| [^|\n]*`{line.name}`[^|\n]*\| `{re.escape(line.formula)}` \|)[^|\n]*\|[^|\n]*\|$"
        text = re.sub(row, rf"\1 {line.shown[0]} | {line.shown[1]} |".replace("$", r"$"), text, flags=re.MULTILINE)
    return text


def _main(arguments: Sequence[str]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    if "--write" in arguments:
        PAGE.write_text(filled(text), encoding="utf-8")
        return
    own = {name: number(value) for name, _, value in (each.partition("=") for each in arguments)}
    for line in lines(text, own):
        print(f"{line.name:24} {line.shown[0]:>14} {line.shown[1]:>16}   {line.formula}")


if __name__ == "__main__":
    _main(sys.argv[1:])
