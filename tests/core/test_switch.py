"""Which switches hold what back, and what they say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.core.switch import (
    APP_ROW,
    THE_APP,
    BadScope,
    Switch,
    SwitchScope,
    Unclear,
    assignment_scope,
    paused_parts,
    read_switch,
    rule_scope,
    subscription_scope,
    why_paused,
)
from tests.core.builders import ASSIGNMENT, SUBSCRIPTION

SUBSCRIPTION_ID = SUBSCRIPTION.rpartition("/")[2]
RUNNING = Switch(THE_APP, False, "anna", "begin", "2026-11-20T12:00:00Z")
_SCOPES = [rule_scope("Vaults"), assignment_scope(ASSIGNMENT), subscription_scope(SUBSCRIPTION_ID)]


def paused(scope: SwitchScope, why: str = "freeze") -> Switch:
    return Switch(scope, True, "anna", why, "2026-11-20T12:00:00Z")


@pytest.mark.parametrize("scope", _SCOPES, ids=lambda scope: scope.kind.value)
def test_a_switch_holds_back_what_lies_in_its_scope_and_nothing_else(scope: SwitchScope) -> None:
    inside = why_paused([RUNNING, paused(scope)], "vaults", ASSIGNMENT, SUBSCRIPTION_ID)
    outside = why_paused([RUNNING, paused(scope)], "keys", ASSIGNMENT + "2", "another")

    assert inside is not None
    assert f"resume {scope.option}--reason" in inside
    assert outside is None


def test_without_names_only_the_app_s_own_switch_counts() -> None:
    assert why_paused([RUNNING, *(paused(scope) for scope in _SCOPES)]) is None


def test_the_app_s_own_pause_is_told_before_the_others() -> None:
    why = why_paused([paused(_SCOPES[0], "the rule"), paused(THE_APP, "the app")], "vaults")

    assert why is not None
    assert "the app" in why


def test_a_missing_switch_of_the_app_counts_as_paused_and_others_may_be_missing() -> None:
    assert "counts as paused" in (why_paused([]) or "")
    assert why_paused([RUNNING], "vaults", ASSIGNMENT, SUBSCRIPTION_ID) is None


def test_a_row_that_cannot_be_understood_pauses_everything() -> None:
    unclear = read_switch("pause-continent-1", {"kind": "continent", "name": "europe", "paused": True})

    assert unclear == Unclear("pause-continent-1")
    assert "counts as paused" in (why_paused([RUNNING, unclear]) or "")


def test_a_row_that_speaks_of_another_scope_than_its_key_is_not_understood() -> None:
    columns = {"kind": "rule", "name": "keys", "paused": False}

    assert read_switch(rule_scope("vaults").row, columns) == Unclear(rule_scope("vaults").row)


@given(st.one_of(st.none(), st.text(), st.integers(), st.just(True)))
def test_whatever_is_not_clearly_unpaused_is_paused(value: object) -> None:
    app = read_switch(APP_ROW, {"paused": value, "who": "x"})
    rule = read_switch(rule_scope("vaults").row, {"kind": "rule", "name": "vaults", "paused": value})

    assert why_paused([app]) is not None
    assert why_paused([RUNNING, rule], "vaults") is not None


@given(st.text(min_size=1).filter(str.strip), st.text())
def test_a_switch_is_read_back_as_it_was_written(name: str, why: str) -> None:
    scope = rule_scope(name)
    columns = {"kind": "rule", "name": scope.name, "paused": True, "who": "anna", "why": why, "at": "now"}

    assert read_switch(scope.row, columns) == Switch(scope, True, "anna", why, "now")


def test_ids_are_folded_and_a_subscription_may_be_an_id_alone() -> None:
    assert assignment_scope(ASSIGNMENT.upper()) == assignment_scope(ASSIGNMENT)
    assert subscription_scope(f"/SUBSCRIPTIONS/{SUBSCRIPTION_ID.upper()}/") == subscription_scope(SUBSCRIPTION_ID)


@pytest.mark.parametrize("text", ["", "deploy-diag-*", SUBSCRIPTION, "/providers/microsoft.authorization/locks/x"])
def test_a_text_that_is_no_full_id_of_an_assignment_is_not_taken(text: str) -> None:
    with pytest.raises(BadScope, match="no id of an assignment"):
        assignment_scope(text)


@pytest.mark.parametrize("text", ["", "prod", f"{SUBSCRIPTION}/resourceGroups/rg", "/subscriptions"])
def test_a_text_that_names_no_subscription_is_not_taken(text: str) -> None:
    with pytest.raises(BadScope, match="no subscription"):
        subscription_scope(text)


def test_what_is_paused_is_told_in_parts_the_whole_app_first() -> None:
    unclear = read_switch("pause-continent-1", {"kind": "continent", "name": "europe", "paused": True})

    assert paused_parts([RUNNING]) == ()
    assert paused_parts([RUNNING, paused(rule_scope("Vaults")), unclear]) == (
        "all of it (the switch 'pause-continent-1' cannot be understood)",
        "rule Vaults (by anna, since 2026-11-20 12:00 UTC: freeze)",
    )
    assert paused_parts([paused(THE_APP)]) == ("all of it (by anna, since 2026-11-20 12:00 UTC: freeze)",)


def test_a_switch_that_is_missing_pauses_all_of_it_and_a_time_that_is_none_is_told_as_it_is() -> None:
    odd = Switch(rule_scope("Vaults"), True, "anna", "freeze", "unknown")

    assert paused_parts([odd]) == (
        "all of it (the pause switch is missing from the ledger)",
        "rule Vaults (by anna, since unknown: freeze)",
    )
