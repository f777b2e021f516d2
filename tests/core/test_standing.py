"""Whether a plan still stands when its task is to be opened: its age, its news, the rules of today."""

from dataclasses import replace

import pytest

from responder.core.case import Case, Hold, Kind, Plan, State
from responder.core.rules import Rules, read_rules
from responder.core.standing import outdated, too_old
from tests.core.builders import GROUP, SUBSCRIPTION, a_case, a_key, a_plan, at, vault

TEXT = f"""
version: 1
mode: enforce
within: ["{SUBSCRIPTION}"]
rules:
  - name: payroll
    match: {{tags: {{team: payroll}}}}
    action: ignore
  - name: vaults
    match: {{resourceType: Microsoft.KeyVault/vaults}}
    action: remediate
"""
RULES = read_rules(TEXT)
IGNORED_FIRST = '  - name: the fragile one\n    match: {resource: "**/kv2"}\n    action: ignore\n'


def planned(*names: str, rules: Rules = RULES) -> Plan:
    return a_plan(*names or ("kv1",), rule="vaults", digest=rules.rules[-1].digest)


def held(**changes: object) -> Case:
    return a_case(State.HELD, reason=Hold.WAITING_FOR_SLOT.value, plan=a_plan(), **changes)


def of_its_group() -> Case:
    return a_case(State.OPENING, key=a_key(Kind.GROUP))


def test_a_plan_that_was_held_is_made_anew_after_ten_minutes_when_no_attempt_can_be_under_way() -> None:
    tried = held(attempted_at=at(18))

    assert [too_old(held(), a_plan(), at(minutes)) for minutes in (10, 20)] == [False, True]
    assert [too_old(tried, a_plan(), at(minutes)) for minutes in (20, 24)] == [False, True]


def test_a_plan_that_nothing_held_yet_is_opened_however_late_its_message_comes_within_an_hour() -> None:
    fresh = a_case(State.OPENING)

    assert not too_old(fresh, a_plan(), at(50))
    assert too_old(fresh, a_plan(), at(70))


def test_a_plan_that_was_held_is_no_first_look_though_the_worker_that_took_it_up_died() -> None:
    died = replace(held(), state=State.OPENING)

    assert too_old(died, a_plan(), at(20))


def test_news_makes_a_held_plan_anew_and_not_more_than_once_a_minute() -> None:
    told = held(news=True)

    assert too_old(told, a_plan(), at(4))
    assert not too_old(told, a_plan(), at(2.5))
    assert not too_old(replace(told, attempted_at=at(3)), a_plan(), at(4))


def test_news_that_never_ends_does_not_keep_a_fresh_plan_from_being_opened() -> None:
    told = a_case(State.OPENING, news=True)

    assert not too_old(told, a_plan(), at(20))


def test_a_plan_stands_while_its_rule_says_the_same() -> None:
    assert outdated(of_its_group(), planned("kv1", "kv2"), RULES) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (TEXT.replace("enforce", "observe"), "The mode is observe"),
        (TEXT.replace("action: remediate", "action: ignore"), "Rule 'vaults' is not what it was"),
        (TEXT.replace("name: vaults", "name: all vaults"), "Rule 'vaults' is not what it was"),
        (TEXT.replace("rules:\n", f'except: ["{vault("kv2")}"]\nrules:\n', 1), "kv2"),
        (TEXT.replace("rules:\n", f'except: ["{vault("other")}"]\nrules:\n', 1), "lies in it and is not to be touched"),
        (TEXT.replace(f'["{SUBSCRIPTION}"]', f'["{SUBSCRIPTION}/resourceGroups/rg-b"]'), "below no entry of 'within'"),
        (TEXT.replace("rules:\n", f"rules:\n{IGNORED_FIRST}", 1), "ignores"),
    ],
)
def test_a_plan_falls_with_the_rules_it_was_made_under(text: str, why: str) -> None:
    because = outdated(of_its_group(), planned("kv1", "kv2"), read_rules(text))

    assert because is not None
    assert why in because


def test_what_an_id_alone_cannot_tell_makes_no_plan_anew() -> None:
    text = TEXT.replace("within: [", "within: [/providers/Microsoft.Management/managementGroups/alz, ", 1)
    unread = text.replace(f', "{SUBSCRIPTION}"', "")

    assert outdated(of_its_group(), planned("kv1", "kv2"), read_rules(unread)) is None


def test_a_task_for_one_resource_may_be_opened_beside_what_is_not_to_be_touched() -> None:
    text = TEXT.replace("rules:\n", f'except: ["{vault("other")}"]\nrules:\n', 1)

    assert outdated(of_its_group(), planned("kv1"), read_rules(text)) is None
    assert planned("kv1", "kv2").scope == GROUP
