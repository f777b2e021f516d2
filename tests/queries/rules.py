"""The alert rules of `infra/alerts`, and whether one fires on rows, as Azure's service decides it.

A rule runs its query over the last `window`, counts the rows for each combination of its dimensions, and fires for
each that has one (learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule).
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from responder.core.duration import duration
from tests.queries.parsing import Parsed, parse_all
from tests.queries.running import Tables, run

ALERTS = Path(__file__).parents[2] / "infra" / "alerts"


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert: its query and what `alerts.json` says of it."""

    name: str
    title: str
    severity: int
    frequency: str
    window: str
    dimensions: tuple[str, ...]
    description: str
    text: str

    @property
    def looks_back(self) -> timedelta:
        """How far its query may see."""
        return duration(self.window)


@cache
def rules() -> tuple[Rule, ...]:
    """Every rule, in the order of the file."""
    told = json.loads((ALERTS / "alerts.json").read_text(encoding="utf-8"))
    return tuple(Rule(**{**each, "dimensions": tuple(each["dimensions"])}, text=_text(each["name"])) for each in told)


def _text(name: str) -> str:
    return (ALERTS / f"{name}.kql").read_text(encoding="utf-8")


@cache
def parsed_rules() -> dict[str, Parsed]:
    """What Kusto's parser says of every rule's query, by its name."""
    parsed = parse_all([rule.text for rule in rules()])
    return {rule.name: each for rule, each in zip(rules(), parsed, strict=True)}


def fired(name: str, tables: Tables, now: datetime) -> set[tuple[str, ...]]:
    """The combinations of dimensions that the rule fires for; `()` where it has none and fires."""
    rule = next(rule for rule in rules() if rule.name == name)
    rows = run(parsed_rules()[name], tables, now, rule.looks_back)
    return {tuple(str(row[dimension]) for dimension in rule.dimensions) for row in rows}
