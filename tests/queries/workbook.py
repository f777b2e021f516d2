"""The workbook's items, and its queries as the portal would run them: with every parameter filled in."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.queries.parsing import Parsed, parse_all

WORKBOOK = Path(__file__).parents[2] / "infra" / "workbook" / "workbook.json"
TEXT, QUERY, PARAMETERS, LINKS, GROUP = 1, 3, 9, 11, 12
"""What an item is, by its `type`."""
PLACEHOLDER = re.compile(r"\{(\w+)(?::(\w+))?\}")


@dataclass(frozen=True, slots=True)
class Item:
    """One item, the page it is on ("" outside pages), and the parameters it may use."""

    name: str
    type: int
    page: str
    content: Mapping[str, Any]
    shown: Mapping[str, str]
    parameters: frozenset[str]

    @property
    def query(self) -> str:
        """Its query as it stands in the file."""
        return str(self.content.get("query", ""))

    def filled(self, **values: str) -> str:
        """Its query with parameters: `Case="3f9c"`, and a grain of five minutes."""
        told = {"TimeRange:grain": "5m", **values}
        return PLACEHOLDER.sub(lambda found: told[found[0][1:-1]], self.query)


@cache
def workbook() -> Mapping[str, Any]:
    """The file."""
    told: Mapping[str, Any] = json.loads(WORKBOOK.read_text(encoding="utf-8"))
    return told


@cache
def items() -> tuple[Item, ...]:
    """Every item, those of groups after their group."""
    return tuple(_items(workbook()["items"], "", frozenset()))


def _items(told: list[dict[str, Any]], page: str, outer: frozenset[str]) -> Iterator[Item]:
    """A parameter is known to the items of its group and to groups in there."""
    known = outer | {name for each in told for name in _declared(each)}
    for each in told:
        shown = each.get("conditionalVisibility", {})
        yield Item(each["name"], each["type"], page, each["content"], shown, known)
        if each["type"] == GROUP:
            yield from _items(each["content"]["items"], shown.get("value", ""), known)


def _declared(told: Mapping[str, Any]) -> list[str]:
    return [each["name"] for each in told["content"].get("parameters", ())] if told["type"] == PARAMETERS else []


@cache
def parsed_items(case: str = "3f9c") -> dict[str, Parsed]:
    """What Kusto's parser says of every query, by its item's name."""
    queries = [item for item in items() if item.type == QUERY]
    parsed = parse_all([item.filled(Case=case) for item in queries])
    return {item.name: each for item, each in zip(queries, parsed, strict=True)}
