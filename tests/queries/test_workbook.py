"""The workbook is whole: its items, its parameters, its pages and its queries."""

import re
from collections import Counter
from datetime import UTC, datetime

import pytest

from tests.queries.running import run
from tests.queries.vocabulary import unheard
from tests.queries.workbook import (
    GROUP,
    LINKS,
    PARAMETERS,
    PLACEHOLDER,
    QUERY,
    TEXT,
    WORKBOOK,
    Item,
    items,
    parsed_items,
    workbook,
)

QUERIES = [item for item in items() if item.type == QUERY]
PAGES = ["overview", "failures", "next-hour", "case", "restraint", "health"]
every_query = pytest.mark.parametrize("item", QUERIES, ids=lambda item: item.name)


def test_every_item_has_a_query_or_a_text_or_says_where_to_go() -> None:
    has = {TEXT: "json", QUERY: "query", PARAMETERS: "parameters", LINKS: "links", GROUP: "items"}

    assert [item.name for item in items() if not item.content.get(has[item.type])] == []


def test_names_and_ids_are_unique() -> None:
    ids = [each["id"] for item in items() for key in ("parameters", "links") for each in item.content.get(key, ())]
    counted = Counter([*ids, *(item.name for item in items())])

    assert [each for each, times in counted.items() if times > 1] == []


def test_every_parameter_that_is_used_is_declared_where_it_is_used() -> None:
    used = {(item.name, found[1]) for item in items() for found in PLACEHOLDER.finditer(item.query)}
    known = {item.name: item.parameters for item in items()}

    assert [each for each in sorted(used) if each[1] not in known[each[0]]] == []
    assert {name for _, name in used} == {"TimeRange", "Case"}


def test_every_page_has_its_tab_and_is_shown_by_it() -> None:
    [tabs] = [item for item in items() if item.type == LINKS]
    groups = [item for item in items() if item.type == GROUP]

    assert [link["subTarget"] for link in tabs.content["links"]] == PAGES
    assert [dict(group.shown) for group in groups] == [
        {"parameterName": "Page", "comparison": "isEqualTo", "value": page} for page in PAGES
    ]


@every_query
def test_a_query_is_for_the_chosen_time_of_the_component(item: Item) -> None:
    said = {key: item.content[key] for key in ("timeContextFromParameter", "queryType", "resourceType")}

    assert said == {
        "timeContextFromParameter": "TimeRange",
        "queryType": 0,
        "resourceType": "microsoft.insights/components",
    }
    assert "ago(" not in item.query


@every_query
def test_a_query_fits_the_tables_of_a_component(item: Item) -> None:
    assert parsed_items()[item.name].problems == ()


@every_query
def test_a_query_names_only_what_the_app_tells(item: Item) -> None:
    assert unheard(parsed_items()[item.name]) == []


@every_query
def test_a_query_runs_where_nothing_was_told_yet(item: Item) -> None:
    assert run(parsed_items()[item.name], {}, datetime(2026, 11, 20, tzinfo=UTC)) == []


def test_the_workbook_is_one_that_the_portal_opens() -> None:
    assert workbook()["version"] == "Notebook/1.0"
    assert {item.content.get("version") for item in items() if item.type != TEXT} == {
        *("KqlItem/1.0", "KqlParameterItem/1.0", "LinkItem/1.0", "NotebookGroup/1.0"),
    }


def test_it_is_about_the_component_wherever_it_is_opened_from() -> None:
    template = (WORKBOOK.parents[1] / "modules" / "workbook.bicep").read_text(encoding="utf-8")
    replaced = re.search(
        r"replace\(loadTextContent\('\.\./workbook/workbook\.json'\), '([^']+)', '([^']+)'\)", template
    )

    assert replaced is not None
    assert WORKBOOK.read_text(encoding="utf-8").count(replaced[1]) == 1
    assert replaced[2] == '"fallbackResourceIds": ["${applicationInsightsId}"]'
