"""The alert rules are whole: their queries fit the tables and our words, their templates and their pages fit them."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.queries.parsing import parse_all
from tests.queries.rules import ALERTS, Rule, parsed_rules, rules
from tests.queries.vocabulary import unheard

ROOT = Path(__file__).parents[2]
TEMPLATE = (ROOT / "infra" / "modules" / "alerts.bicep").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
# learn.microsoft.com/azure/templates/microsoft.insights/scheduledqueryrules; two days are the longest
LENGTHS = ("PT5M", "PT10M", "PT15M", "PT30M", "PT45M", *(f"PT{hours}H" for hours in range(1, 7)), "P1D", "P2D")
REPLACED = re.compile(r"replace\(loadTextContent\('\.\./alerts/([a-z-]+)\.kql'\), '([^']+)', '([^']+)'\)")
every_rule = pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.name)


def code_of(rule: Rule) -> str:
    return "\n".join(line for line in rule.text.splitlines() if not line.startswith("//"))


@every_rule
def test_its_query_fits_the_tables_of_a_component(rule: Rule) -> None:
    assert parsed_rules()[rule.name].problems == ()


@every_rule
def test_its_query_names_only_what_the_app_tells(rule: Rule) -> None:
    assert unheard(parsed_rules()[rule.name]) == []


@every_rule
def test_its_dimensions_are_few_columns_of_text(rule: Rule) -> None:
    columns = parsed_rules()[rule.name].columns

    assert {columns.get(name) for name in rule.dimensions} <= {"string"}
    assert len(rule.dimensions) <= 6


@every_rule
def test_its_query_looks_no_further_back_than_its_window(rule: Rule) -> None:
    furthest = max(re.findall(r"ago\((\d+)([mhd])\)", rule.text), key=lambda each: "mhd".index(each[1]))

    units = {"m": "PT{}M", "h": "PT{}H", "d": "P{}D"}
    asked = replace(rule, window=units[furthest[1]].format(furthest[0]))
    assert asked.looks_back <= rule.looks_back
    assert {rule.window, rule.frequency} <= set(LENGTHS)


@every_rule
def test_its_query_uses_nothing_that_rules_do_not_allow(rule: Rule) -> None:
    code = code_of(rule)

    forbidden = ("AggregatedValue", "bag_unpack", "pivot", "narrow", "ingestion_time")
    assert [word for word in forbidden if word in code] == []
    assert re.findall(r"ago\((?!\d+[mhd]\))", code) == []  # a rule understands only a literal there


@every_rule
def test_the_template_runs_it(rule: Rule) -> None:
    quoted = rf"'?{rule.name}'?: (replace\()?loadTextContent\('\.\./alerts/{rule.name}\.kql'\)"

    assert len(re.findall(quoted, TEMPLATE)) == 1


@every_rule
def test_the_operations_page_says_what_to_do(rule: Rule) -> None:
    page = OPERATIONS.partition(f"### Alert: {rule.name}\n")[2].partition("\n#")[0]

    assert [word for word in ("**Means**", "**Look**", "**Do**") if word not in page] == []


def test_every_query_belongs_to_a_rule() -> None:
    assert sorted(path.stem for path in ALERTS.glob("*.kql")) == sorted(rule.name for rule in rules())


@pytest.mark.parametrize(("name", "before", "after"), REPLACED.findall(TEMPLATE), ids=lambda each: str(each)[:20])
def test_a_parameter_of_the_template_stands_in_the_query_as_its_default(name: str, before: str, after: str) -> None:
    [rule] = [rule for rule in rules() if rule.name == name]
    parameter = re.search(r"\$\{(\w+)\}", after)
    assert parameter is not None
    default = re.search(rf"^param {parameter[1]} int = (\d+)$", TEMPLATE, re.MULTILINE)

    assert default is not None
    assert after.replace(parameter[0], default[1]) == before
    assert code_of(rule).count(before) == 1


def test_the_main_template_hands_every_limit_on_with_the_same_default() -> None:
    limit = re.compile(r"^param (\w+) int = (\d+)$", re.MULTILINE)
    main = (ROOT / "infra" / "main.bicep").read_text(encoding="utf-8")
    limits = limit.findall(TEMPLATE)

    assert len(limits) == len(REPLACED.findall(TEMPLATE)) == 5
    assert [each for each in limits if each not in limit.findall(main) or f"{each[0]}: {each[0]}" not in main] == []


def test_pages_and_tickets_are_told_apart_by_their_severity() -> None:
    pages = {rule.name for rule in rules() if rule.severity < 2}

    assert pages == {
        *("outside-the-plan", "sweep-silent", "events-stopped", "backlog"),
        *("dead-letters-growing", "poison-growing", "breaker-open"),
    }
    assert {rule.severity for rule in rules() if rule.name not in pages} == {3}


MISSPELT = {
    'traces | where tostring(customDimensions["responder.assignments"]) == ""': "nobody tells 'responder.assignments'",
    'customMetrics | where name == "responder.sweep.job"': "nobody tells 'responder.sweep.job'",
    'traces | where tostring(customDimensions["responder.log"]) == "case move"': "responder.log is never 'case move'",
    'traces | where tostring(customDimensions["responder.state"]) in ("stopped", "stopping")': "never 'stopping'",
    'traces | extend o = tostring(customDimensions["responder.outcome"]) | where o == "in-vain"': "never 'in-vain'",
    'dependencies | where name == "remediate"': "name is never 'remediate'",
    'dependencies | where name == "responder.events"': "name is never 'responder.events'",
    'customMetrics | where name == "remediation"': "name is never 'remediation'",
    'traces | where tostring(customDimensions["responder.because"]) == "x"': "responder.because is never 'x'",
}


def test_a_misspelt_word_is_found() -> None:
    found = [unheard(parsed) for parsed in parse_all(list(MISSPELT))]

    assert [words for words in found if len(words) > 2] == []
    assert [expected in "; ".join(words) for expected, words in zip(MISSPELT.values(), found, strict=True)] == [
        True for _ in MISSPELT
    ]
