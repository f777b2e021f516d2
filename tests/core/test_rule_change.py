"""Which cases a change of the rules sets free."""

from dataclasses import replace

from responder.core.case import Hold, State
from responder.core.rule_change import digest_of, outdated, texts_of, waits_in_vain
from responder.core.rules import read_rules
from responder.core.transitions import released
from tests.core.builders import a_case, a_plan, at

RULES = """
version: 1
rules:
  - {name: one, match: {resourceGroup: rg-1}, action: remediate}
  - {name: two, match: {resourceGroup: rg-2}, action: remediate}
"""
TEXTS = texts_of(read_rules(RULES))


def test_the_digest_of_all_rules_changes_with_any_of_them() -> None:
    other = texts_of(read_rules(RULES.replace("rg-2", "rg-3")))

    assert digest_of(TEXTS) == digest_of(texts_of(read_rules(RULES)))
    assert digest_of(TEXTS) != digest_of(other)


def test_a_stopped_case_is_let_go_by_a_change_of_its_own_rule_only() -> None:
    other = texts_of(read_rules(RULES.replace("rg-2", "rg-3")))
    one, two = (a_case(State.STOPPED, rule=rule, stopped_under=TEXTS[rule]) for rule in ("one", "two"))

    assert not outdated(one, other)
    assert outdated(two, other)


def test_a_setting_that_a_rule_uses_is_part_of_its_text() -> None:
    other = texts_of(read_rules(RULES + "defaults: {cooldown: PT2H}\n"))

    assert outdated(a_case(State.STOPPED, rule="one", stopped_under=TEXTS["one"]), other)


def test_a_rule_that_is_gone_counts_as_changed() -> None:
    assert outdated(a_case(State.STOPPED, rule="three", stopped_under="d3"), TEXTS)


def test_two_versions_of_the_rules_side_by_side_let_a_case_go_once_each() -> None:
    other = texts_of(read_rules(RULES + "defaults: {cooldown: PT2H}\n"))
    case, let_go = a_case(State.STOPPED, rule="one", stopped_under=TEXTS["one"]), 0

    for texts in (other, TEXTS) * 10:
        if outdated(case, texts) and (after := released(case, "a change of its rule", "text", at(5))):
            case, let_go = replace(after, state=State.STOPPED, stopped_under=texts["one"]), let_go + 1

    assert let_go == 1


def test_a_rule_that_is_there_and_gone_in_turn_lets_a_case_go_once() -> None:
    case = a_case(State.STOPPED, rule="three", stopped_under="d3", stopped_before=("d3",))

    assert not outdated(case, TEXTS)


def test_a_third_text_lets_a_case_go_that_two_others_did() -> None:
    case = a_case(State.STOPPED, rule="one", stopped_under="d2", stopped_before=("d1", "d2"))

    assert outdated(case, TEXTS)


def test_a_case_that_does_not_know_under_what_it_was_stopped_waits_for_a_person() -> None:
    case = a_case(State.STOPPED, rule="one")

    assert not outdated(case, TEXTS)
    assert outdated(replace(case, plan=a_plan(digest="d0")), TEXTS)


def test_a_case_that_waits_under_another_text_waits_in_vain() -> None:
    waiting = a_case(State.HELD, reason=Hold.WAITING_FOR_WINDOW, plan=a_plan(rule="one", digest="d0"))

    assert waits_in_vain(waiting, TEXTS)
    assert not waits_in_vain(replace(waiting, plan=a_plan(rule="one", digest=TEXTS["one"])), TEXTS)
    assert not waits_in_vain(replace(waiting, reason=Hold.PAUSED), TEXTS)
