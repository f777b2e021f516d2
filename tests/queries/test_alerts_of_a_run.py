"""The running app tells what the alert rules look for: on a bad night everything fires, on a usual day nothing."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from responder.core.telemetry_names import Attr
from tests.queries.nights import a_bad_night, a_usual_day, policy_of
from tests.queries.rules import fired, rules
from tests.wire.tables import Tables


def everything_fired(tables: Tables, now: datetime) -> dict[str, set[tuple[str, ...]]]:
    """What fires, by its rule."""
    found = {rule.name: fired(rule.name, tables, now) for rule in rules()}
    return {name: each for name, each in found.items() if each}


def values(tables: Tables, table: str, attribute: Attr) -> set[str]:
    """What an attribute was in the rows of a table."""
    return {row["customDimensions"][attribute] for row in tables[table] if attribute in row["customDimensions"]}


@pytest.mark.timeout(300)
async def test_on_a_bad_night_each_rule_fires_for_what_went_wrong(storage: str, tmp_path: Path) -> None:
    told = await a_bad_night(storage, tmp_path)

    found = everything_fired(told, datetime.now(UTC))

    about = {story: policy_of(story).assignment for story in ("broken", "forbidden", "useless", "too-small", "wide")}
    outside = found.pop("outside-the-plan")
    assert {assignment for assignment, _ in outside} == {about["wide"]}
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


@pytest.mark.timeout(300)
async def test_on_a_usual_day_nobody_is_woken_and_there_is_no_ticket(storage: str, tmp_path: Path) -> None:
    told = await a_usual_day(storage, tmp_path)

    found = everything_fired(told, datetime.now(UTC))

    assert {"partly-failed", "observed", "verified"} <= values(told, "traces", Attr.OUTCOME)
    assert {"403", "429", "503"} <= values(told, "customMetrics", Attr.STATUS)
    assert found == {}
