"""What wakes somebody at night, and what does not: on rows made by hand, for the hours that a run cannot take."""

from collections.abc import Mapping

import pytest

from responder.core.telemetry_names import LogName, MetricName
from tests.queries.rules import fired, rules
from tests.queries.scalars import Row
from tests.queries.telling import NOW, a_line, a_number, every_minute, metrics

Tables = Mapping[str, list[Row]]
JOBS, LETTERS, POISON = MetricName.SWEEP_JOBS, MetricName.DEAD_LETTERS, MetricName.POISON_WAITING
BREAKERS, STOPPED, DUE = MetricName.BREAKERS_OPEN, MetricName.EVENTS_STOPPED, MetricName.OLDEST_DUE
CALLS, STATES = MetricName.ARM_CALLS, "POST queryresults"
YES: set[tuple[str, ...]] = {()}
NO: set[tuple[str, ...]] = set()
DAY = 24 * 60


def ticks(since: int, until: int, result: str = "done", job: str = "cases") -> list[Row]:
    return every_minute(since, until, JOBS, 1.0, job=job, result=result)


def a_truncated(minutes: int, round_: str, assignment: str = "a") -> Row:
    return a_line(minutes, LogName.CASE_MOVED, outcome="truncated", case="c", round=round_, assignment=assignment)


def a_stop(minutes: int, case: str, assignment: str, **more: str) -> Row:
    moved = {"state": "stopped", "reason": "given-up", "case": case, "assignment": assignment, **more}
    return a_line(minutes, LogName.CASE_MOVED, **moved)


def a_touch(minutes: int, round_: str) -> Row:
    return a_line(minutes, LogName.OUTSIDE, case="c", round=round_, assignment="a", outside="vault")


SITUATIONS: dict[str, tuple[str, Tables, set[tuple[str, ...]]]] = {
    "an app that runs": ("sweep-silent", metrics(ticks(DAY, 1)), NO),
    "an app whose telemetry is five minutes late": ("sweep-silent", metrics(ticks(DAY, 5)), NO),
    "an app that was deployed and started again": ("sweep-silent", metrics(ticks(DAY, 20), ticks(9, 1)), NO),
    "a new app": ("sweep-silent", metrics(), NO),
    "an app that stopped an hour ago": ("sweep-silent", metrics(ticks(DAY, 60)), YES),
    "an app whose every job has failed for an hour": (
        "sweep-silent",
        metrics(ticks(DAY, 60), ticks(59, 1, "failed"), ticks(59, 1, "failed", "gauges")),
        YES,
    ),
    "an app that drives no case while its other jobs run": (
        "sweep-silent",
        metrics(ticks(DAY, 60), ticks(59, 1, "failed"), ticks(DAY, 1, "done", "gauges")),
        YES,
    ),
    "an app that failed for five minutes": (
        "sweep-silent",
        metrics(ticks(DAY, 7), ticks(6, 2, "failed"), ticks(1, 1)),
        NO,
    ),
    "another app in the component that runs": (
        "sweep-silent",
        metrics(ticks(DAY, 60), {**a_number(1, JOBS, 1.0), "name": "heartbeat"}),
        YES,
    ),
    "no dead letters": ("dead-letters-growing", metrics(every_minute(DAY, 1, LETTERS, 0)), NO),
    "dead letters that somebody knows of": ("dead-letters-growing", metrics(every_minute(2 * DAY, 1, LETTERS, 7)), NO),
    "a dead letter more": (
        "dead-letters-growing",
        metrics(every_minute(DAY, 21, LETTERS, 7), every_minute(20, 1, LETTERS, 8)),
        YES,
    ),
    "dead letters while the app was away for a day": (
        "dead-letters-growing",
        metrics(every_minute(2 * DAY - 5, 2 * DAY - 60, LETTERS, 0), every_minute(3, 1, LETTERS, 40)),
        YES,
    ),
    "dead letters that were driven again": (
        "dead-letters-growing",
        metrics(every_minute(DAY, 11, LETTERS, 7), every_minute(10, 1, LETTERS, 0)),
        NO,
    ),
    "a dead letter of yesterday": (
        "dead-letters-growing",
        metrics(every_minute(DAY, 600, LETTERS, 0), every_minute(599, 1, LETTERS, 1)),
        NO,
    ),
    "dead letters while telemetry was lost for an hour": (
        "dead-letters-growing",
        metrics(every_minute(DAY, 70, LETTERS, 7), every_minute(5, 1, LETTERS, 9)),
        YES,
    ),
    "more dead letters than are counted": (
        "dead-letters-growing",
        metrics(every_minute(2 * DAY, 1, LETTERS, 1000)),
        YES,
    ),
    "no dead letters counted yet": ("dead-letters-growing", metrics(), NO),
    "a poison message more in one queue": (
        "poison-growing",
        metrics(
            every_minute(60, 1, POISON, 2, queue="responder-events"),
            every_minute(60, 11, POISON, 2, queue="responder-cases"),
            every_minute(10, 1, POISON, 3, queue="responder-cases"),
        ),
        {("responder-cases",)},
    ),
    "poison that somebody knows of": (
        "poison-growing",
        metrics(
            every_minute(2 * DAY, 1, POISON, 2, queue="responder-events"),
            every_minute(2 * DAY, 1, POISON, 5, queue="responder-cases"),
        ),
        NO,
    ),
    "two open breakers": (
        "breaker-open",
        metrics(every_minute(60, 1, BREAKERS, 1, definition="d"), every_minute(60, 1, BREAKERS, 1, definition="e")),
        {("d",), ("e",)},
    ),
    "a breaker that was closed half an hour ago": (
        "breaker-open",
        metrics(every_minute(60, 30, BREAKERS, 1, definition="d")),
        NO,
    ),
    "events that come": ("events-stopped", metrics(every_minute(60, 1, STOPPED, 0)), NO),
    "events that stopped": ("events-stopped", metrics(every_minute(60, 1, STOPPED, 1)), YES),
    "events that come again": (
        "events-stopped",
        metrics(every_minute(60, 5, STOPPED, 1), every_minute(4, 1, STOPPED, 0)),
        NO,
    ),
    "cases that are taken in seconds": ("backlog", metrics(every_minute(60, 1, DUE, 4)), NO),
    "cases that nobody takes": ("backlog", metrics(every_minute(60, 1, DUE, 31 * 60)), YES),
    "the first counts after the app was away": (
        "backlog",
        metrics(every_minute(8, 6, DUE, DAY * 60), every_minute(5, 1, DUE, 3)),
        NO,
    ),
    "the only count after the app was away": ("backlog", metrics(a_number(1, DUE, DAY * 60)), NO),
    "a pause of three hours": (
        "paused-long",
        metrics(a_number(2, MetricName.PAUSED, 3 * 3600, switch="app")),
        NO,
    ),
    "one switch of several that is long set": (
        "paused-long",
        metrics(
            a_number(2, MetricName.PAUSED, 3 * 3600, switch="app"),
            a_number(2, MetricName.PAUSED, 5 * 3600, switch="rule:vaults"),
        ),
        {("rule:vaults",)},
    ),
    "two truncated rounds": ("truncated", {"traces": [a_truncated(9, "1"), a_truncated(5, "2")]}, NO),
    "a truncated round that is told three times": ("truncated", {"traces": 3 * [a_truncated(9, "1")]}, NO),
    "three truncated rounds": ("truncated", {"traces": [a_truncated(9 * n, str(n)) for n in (1, 2, 3)]}, {("a",)}),
    "three truncated rounds of two assignments": (
        "truncated",
        {"traces": [a_truncated(9, "1"), a_truncated(5, "2"), a_truncated(5, "3", "b")]},
        NO,
    ),
    "a job that failed twice": ("sweep-job-failed", metrics(ticks(70, 1), ticks(5, 4, "failed", "backfill")), NO),
    "a job that keeps failing": (
        "sweep-job-failed",
        metrics(ticks(70, 1), ticks(5, 1, "failed", "backfill"), ticks(2, 1, "failed", "retention")),
        {("backfill",)},
    ),
    "a scope that the app may not read": (
        "denied",
        metrics(*(a_number(minutes, CALLS, 1.0, call=STATES, status="403") for minutes in range(1, 5 * 60, 15))),
        {("403",)},
    ),
    "a scope that the app could not read for an hour": (
        "denied",
        metrics(*(a_number(minutes, CALLS, 9.0, call=STATES, status="403") for minutes in range(1, 60))),
        NO,
    ),
    "a management group's assignment that the app may not read": (
        "denied",
        metrics(every_minute(6 * 60, 1, CALLS, 1.0, call="GET policyassignments", status="403")),
        NO,
    ),
    "policy states that Azure has no time for": (
        "denied",
        metrics(every_minute(6 * 60, 1, CALLS, 1.0, call=STATES, status="429")),
        NO,
    ),
    "two rounds that touched what was not planned, one told twice": (
        "outside-the-plan",
        {"traces": [a_touch(600, "1"), a_touch(600, "1"), a_touch(5, "2")]},
        {("a", "c", "1"), ("a", "c", "2")},
    ),
    "cases given up, by assignment and error code": (
        "given-up",
        {
            "traces": [
                a_stop(9, "1", "a", error_code="AuthorizationFailed"),
                a_stop(8, "2", "a", error_code="AuthorizationFailed"),
                a_stop(7, "3", "a"),
                a_stop(6, "4", "b", error_code="Conflict"),
                a_stop(2 * DAY, "5", "c"),
            ]
        },
        {("a", "AuthorizationFailed"), ("a", "none"), ("b", "Conflict")},
    ),
}


@pytest.mark.parametrize(("rule", "tables", "expected"), SITUATIONS.values(), ids=SITUATIONS)
def test_a_rule_fires_when_it_must_and_only_then(rule: str, tables: Tables, expected: set[tuple[str, ...]]) -> None:
    found = fired(rule, tables, NOW)

    assert found == expected


def test_nothing_at_all_wakes_nobody() -> None:
    found = {rule.name: fired(rule.name, {}, NOW) for rule in rules()}

    assert {name for name, each in found.items() if each} == set()
