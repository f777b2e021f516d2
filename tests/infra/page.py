"""The tables of `docs/infrastructure.md`, by the heading above them."""

import re

from tests.infra.bicep import ROOT

Row = dict[str, str]


def rows(heading: str, number: int = 0) -> list[Row]:
    """A table below a heading, of several the one with this number; its cells by the words of its first line."""
    text = (ROOT / "docs" / "infrastructure.md").read_text(encoding="utf-8")
    section = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section is not None, f"there is no heading {heading}"
    table = re.findall(r"(?:^\|.*\n)+", section[1], re.MULTILINE)[number]
    first, _, *others = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return [dict(zip(first, cells, strict=True)) for cells in others]


def code(cell: str) -> list[str]:
    """The words of a cell that are written as code."""
    return re.findall(r"`([^`]+)`", cell)


def word(cell: str) -> str:
    """The one word of a cell that is code; "" where the cell is empty."""
    found = code(cell)
    assert len(found) <= 1, f"{cell!r} has several words"
    return found[0] if found else ""
