"""What the cost page says is what its own numbers make, and what the templates and alerts beside it are."""

import json
import re
from pathlib import Path

import pytest

from responder.adapters.settings import Settings
from responder.adapters.storage_settings import Storage
from tests.cost_page import PAGE, BadFormulaError, Line, compute, filled, lines, number, tables, written

ROOT = Path(__file__).parents[1]
TEXT = PAGE.read_text(encoding="utf-8")


def _number(name: str) -> float:
    [row] = [row for kind, rows in tables(TEXT) for row in rows if kind == "number" and f"`{name}`" in row[0]]
    assert row[1] == row[2]
    return number(row[1])


def _rules_by_frequency() -> dict[bool, int]:
    rules = json.loads((ROOT / "infra" / "alerts" / "alerts.json").read_text(encoding="utf-8"))
    often = sum(rule["frequency"] == "PT5M" for rule in rules)
    assert {rule["frequency"] for rule in rules} <= {"PT5M", "PT15M", "PT30M", "PT1H"}
    return {True: often, False: len(rules) - often}


@pytest.mark.parametrize("line", lines(TEXT), ids=lambda line: line.name)
def test_every_line_is_what_its_formula_makes_of_the_numbers_above_it(line: Line) -> None:
    assert line.told == line.shown


def test_the_total_is_made_of_every_line_of_the_bill() -> None:
    [bill] = [rows for kind, rows in tables(TEXT) if kind == "line" and any("total_cost" in row[0] for row in rows)]

    named = [row[0].strip("*`") for row in bill[:-1]]

    assert bill[-1][1].strip("`").split(" + ") == named


def test_every_price_says_where_it_was_seen() -> None:
    [prices] = [rows for kind, rows in tables(TEXT) if kind == "price"]

    assert [row[0] for row in prices if not re.search(r"\]\(https://|the same", row[3])] == []


def test_the_alerts_are_as_many_as_there_are_rules() -> None:
    rules = _rules_by_frequency()

    assert (_number("alerts_5"), _number("alerts_15")) == (rules[True], rules[False])


def test_memory_and_retention_are_what_is_deployed_and_set() -> None:
    [memory] = re.findall(r"^param instanceMemoryMB int = (\d+)", (ROOT / "infra/main.bicep").read_text(), re.MULTILINE)

    assert _number("instance_gb") == int(memory) / 1024
    assert _number("retention_days") == Settings(Storage()).retention.days


def test_as_many_private_endpoints_are_paid_for_as_the_network_has() -> None:
    services = re.search(r"var services = \[\n((?:  '\w+'\n)+)\]", (ROOT / "infra/modules/network.bicep").read_text())

    assert services is not None
    assert f"`{len(services[1].split())} * (price_endpoint + price_zone)`" in TEXT


def test_numbers_of_ones_own_change_what_follows_from_them() -> None:
    found = {line.name: line.right for line in lines(TEXT, {"subscriptions": 24, "events_a_day": 10})}

    assert found["events"] == (7300, 7300)


def test_a_figure_that_went_wrong_is_written_right() -> None:
    wrong = re.sub(r"\$20\.\d\d", "$1.00", TEXT)

    assert wrong != TEXT
    assert filled(wrong) == TEXT


@pytest.mark.parametrize(
    ("formula", "value"),
    [("a + 2 * b", 7.0), ("max(0, a - b)", 0.0), ("min(a, b) / 2", 0.5), ("(a + b) * a", 4.0)],
)
def test_a_formula_is_arithmetic(formula: str, value: float) -> None:
    assert compute(formula, {"a": 1, "b": 3}) == value


@pytest.mark.parametrize("formula", ["c", "a ** 2", "print(a)", "'a'", "a if b else 1", "min(a, key=b)"])
def test_anything_else_is_refused_by_name(formula: str) -> None:
    with pytest.raises(BadFormulaError, match="arithmetic"):
        compute(formula, {"a": 1, "b": 3})


@pytest.mark.parametrize(
    ("value", "money", "text"),
    [
        (1234.5, True, "$1,234.50"),
        (0.004, True, "$0.00"),
        (30416.67, False, "30,417"),
        (1.838, False, "1.84"),
        (0, False, "0"),
    ],
)
def test_figures_are_written_as_people_read_them(value: float, money: bool, text: str) -> None:
    assert written(value, money=money) == text
