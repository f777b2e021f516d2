"""How long somebody has paused what, also where nothing says since when."""

from dataclasses import replace
from datetime import timedelta

import pytest

from responder.core.pauses import pauses, unknown
from responder.core.switch import (
    THE_APP,
    Switch,
    SwitchScope,
    Unclear,
    assignment_scope,
    rule_scope,
    subscription_scope,
)
from tests.core.builders import ASSIGNMENT, SUBSCRIPTION, at

RUNS = Switch(THE_APP, False, "ada", "all is well", "2026-11-20T12:00:00Z")
AN_HOUR_AGO = "2026-11-20T11:05:00Z"


def paused(scope: SwitchScope) -> Switch:
    return Switch(scope, True, "ada", "incident 4711", AN_HOUR_AGO)


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        (rule_scope("Key vaults"), "rule:Key vaults"),
        (assignment_scope(ASSIGNMENT), f"assignment:{ASSIGNMENT}"),
        (subscription_scope(SUBSCRIPTION), f"subscription:{SUBSCRIPTION.rpartition('/')[2]}"),
    ],
    ids=["rule", "assignment", "subscription"],
)
def test_each_switch_that_is_set_is_told_by_what_it_is_for(scope: SwitchScope, name: str) -> None:
    assert pauses([RUNS, paused(scope)], at(5)) == {name: timedelta(hours=1)}


def test_the_whole_app_is_called_app() -> None:
    assert pauses([replace(RUNS, paused=True, at=AN_HOUR_AGO)], at(5)) == {"app": timedelta(hours=1)}


def test_what_is_not_set_is_not_told() -> None:
    assert pauses([RUNS, replace(paused(rule_scope("r")), paused=False)], at(5)) == {}


def test_a_missing_switch_of_the_app_is_a_pause_since_it_was_first_missed() -> None:
    assert unknown([])
    assert pauses([], at(5), at(2)) == {"app": timedelta(minutes=3)}
    assert pauses([], at(5)) == {"app": timedelta(0)}


def test_what_cannot_be_understood_is_a_pause_too() -> None:
    switches: list[Switch | Unclear] = [RUNS, Unclear("pause-tenant-1")]

    assert unknown(switches)
    assert pauses(switches, at(5), at(0)) == {"unclear": timedelta(minutes=5)}


def test_a_switch_whose_time_cannot_be_read_is_one_of_which_nothing_says_since_when() -> None:
    switches = [replace(RUNS, paused=True, at="unknown")]

    assert unknown(switches)
    assert pauses(switches, at(5), at(4)) == {"app": timedelta(minutes=1)}


def test_a_clock_that_is_behind_tells_nothing_negative() -> None:
    assert pauses([replace(RUNS, paused=True)], at(-5)) == {"app": timedelta(0)}
