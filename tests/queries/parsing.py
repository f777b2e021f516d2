"""Kusto's own parser, asked for many queries at once: what is wrong with each, what it yields, and its syntax tree.

The parser is Microsoft's `@kusto/language-service-next`; `make setup` puts it into `.kusto`. It needs the tables that
a query may name: `tables.json` has those of an Application Insights component, as they are documented.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TABLES: Mapping[str, Mapping[str, str]] = json.loads((HERE / "tables.json").read_text(encoding="utf-8"))["tables"]
_PARSER = HERE.parents[1] / ".kusto" / "node_modules"
_LONGEST = 60.0


@dataclass(frozen=True, slots=True)
class Problem:
    """What the parser says is wrong, with its place in the text."""

    severity: str
    code: str
    message: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Node:
    """A node of a syntax tree: a token with its text, or children in their order."""

    kind: str
    start: int
    text: str = ""
    type: str = ""
    columns: tuple[str, ...] = ()  # of what an operator yields
    children: tuple["Node", ...] = ()

    @property
    def words(self) -> str:
        """Every token below it, in order."""
        return self.text or " ".join(child.words for child in self.children)

    def walk(self) -> Iterator["Node"]:
        """Itself and everything below it."""
        yield self
        for child in self.children:
            yield from child.walk()

    def first(self, *kinds: str) -> "Node | None":
        """The first child of one of these kinds."""
        return next((child for child in self.children if child.kind in kinds), None)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the parser found in one query."""

    text: str
    problems: tuple[Problem, ...]
    columns: Mapping[str, str]  # name to type, in order
    tree: Node

    @property
    def errors(self) -> list[str]:
        """What keeps it from running."""
        return [f"{each.code} at {each.start}: {each.message}" for each in self.problems if each.severity == "Error"]


def parse(text: str) -> Parsed:
    """One query."""
    return parse_all([text])[0]


def parse_all(texts: Sequence[str]) -> list[Parsed]:
    """Every query, by one run of the parser."""
    node = shutil.which("node")
    assert node is not None, "Node.js 20 is not on the path: see the README"
    assert _PARSER.is_dir(), "the parser of queries is not installed: make setup"
    asked = json.dumps({"tables": TABLES, "queries": list(texts)})
    ran = subprocess.run(
        [node, str(HERE / "kusto.js")], input=asked, capture_output=True, text=True, timeout=_LONGEST, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return [_parsed(text, told) for text, told in zip(texts, json.loads(ran.stdout), strict=True)]


def _parsed(text: str, told: dict[str, Any]) -> Parsed:
    problems = tuple(Problem(**each) for each in told["problems"])
    columns = {each["name"]: each["type"] for each in told["columns"]}
    return Parsed(text, problems, columns, _node(told["tree"]))


def _node(told: dict[str, Any]) -> Node:
    children = tuple(_node(child) for child in told.get("children", ()))
    columns = tuple(told.get("columns", ()))
    return Node(told["kind"], told["start"], told.get("text", ""), told.get("type", ""), columns, children)
