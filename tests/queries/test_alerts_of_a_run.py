"""The running app tells what alert rules and workbook look for: on a bad night all fires, on a usual day nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from responder.core.telemetry_names import Attr
from tests.queries.nights import a_bad_night, a_usual_day
from tests.queries.one_night import policy_of
from tests.queries.rules import fired, rules
from tests.queries.running import run
from tests.queries.workbook import parsed_items
from tests.wire.tables import Tables


def everything_fired(tables: Tables, now: datetime) -> dict[str, set[tuple[str, ...]]]:
    """What fires, by its rule."""
    found = {rule.name: fired(rule.name, tables, now) for rule in rules()}
    return {name: each for name, each in found.items() if each}


def values(tables: Tables, table: str, attribute: Attr) -> set[str]:
    """What an attribute was in the rows of a table."""
    return {row["customDimensions"][attribute] for row in tables[table] if attribute in row["customDimensions"]}


def empty_items(tables: Tables, now: datetime, case: str) -> set[str]:
    """The workbook's items that show nothing, with this case on the page of one case."""
    return {name for name, query in parsed_items(case).items() if not run(query, tables, now)}


def the_case_of(tables: Tables, reason: str) -> str:
    """The first digits of the id of the first case that moved for this reason."""
    moved = [row["customDimensions"] for row in tables["traces"]]
    return str(next(each[Attr.CASE] for each in moved if each.get(Attr.REASON) == reason))[:8]


@pytest.mark.timeout(300)
async def test_on_a_bad_night_each_rule_fires_and_the_workbook_shows_why(storage: str, tmp_path: Path) -> None:
    told = await a_bad_night(storage, tmp_path)

    found = everything_fired(told, datetime.now(UTC))

    about = {story: policy_of(story).assignment for story in ("broken", "forbidden", "useless", "too-small", "wide")}
    outside = found.pop("outside-the-plan")
    assert {assignment for assignment, *_ in outside} == {about["wide"]}
    assert found == {
        "given-up": {(about["broken"], "Conflict")},
        "refused": {(about["forbidden"], "AuthorizationFailed")},
        "ineffective": {(about["useless"],)},
        "contested": {(policy_of("fought-over").assignment,)},
        "truncated": {(about["too-small"],)},
        "breaker-open": {(policy_of("fragile").definition,)},
        "rejections": {("unknown-type",)},
        "dead-letters-growing": {()},
        "poison-growing": {("responder-events",)},
        "paused-long": {("rule:leave alone",)},
        "sweep-job-failed": {("retention",)},
    }
    assert empty_items(told, datetime.now(UTC), the_case_of(told, "given-up")) == {
        *("next hour: observed by rule", "next hour: observed plans", "health: outcome events"),
    }


@pytest.mark.timeout(300)
async def test_on_a_usual_day_nobody_is_woken_and_there_is_no_ticket(storage: str, tmp_path: Path) -> None:
    told = await a_usual_day(storage, tmp_path)

    found = everything_fired(told, datetime.now(UTC))

    assert "next hour: observed plans" not in empty_items(told, datetime.now(UTC), "none")
    numbers = values(told, "customMetrics", Attr.STATUS) | values(told, "customMetrics", Attr.CALL)
    seen = values(told, "traces", Attr.OUTCOME) | numbers
    assert {"partly-failed", "observed", "verified", "403", "429", "503", "POST queryresults"} <= seen
    assert found == {}
