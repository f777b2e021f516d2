from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from responder.core import seen
from responder.core.case import Case, Kind, State
from responder.core.confirm import Confirmed, Evidence, confirm, not_asked, renewed, still_gathering
from responder.core.facts import Assignment, Definition, Unread
from responder.core.facts import assignment as read_assignment
from responder.core.facts import definition as read_definition
from responder.core.observed_state import ObservedState
from responder.core.outcome import Outcome
from responder.core.resource_id import resource_id
from responder.core.resource_row import ResourceRow, Settle, Show
from responder.core.rules import read_rules
from responder.core.transitions import record
from tests.core.builders import (
    ASSIGNMENT,
    DEFINITION,
    GROUP,
    SUBSCRIPTION,
    a_case,
    a_key,
    a_row,
    a_state,
    at,
    scan,
    vault,
)
from tests.core.policies import surroundings

RULES = f"""
version: 1
mode: enforce
within: ["{SUBSCRIPTION}"]
rules:
  - name: leave the broken glass alone
    match: {{resource: "**/vaults/break-glass*"}}
    action: ignore
  - name: payroll
    match: {{tags: {{team: payroll}}}}
    action: remediate
  - name: vaults
    match: {{resourceType: Microsoft.KeyVault/vaults}}
    gather: {{by: resourceGroup, for: PT0S}}
    grace: none
    action: remediate
"""
ENFORCED = read_rules(RULES)
GROUPED = a_key(Kind.GROUP)


def assigned() -> Assignment:
    return read_assignment(
        {
            "id": ASSIGNMENT,
            "identity": {"type": "SystemAssigned", "principalId": "11111111-1111-1111-1111-111111111111"},
            "properties": {"policyDefinitionId": DEFINITION, "scope": SUBSCRIPTION, "enforcementMode": "Default"},
        }
    )


def defined() -> Definition:
    rule = {"if": {"field": "type", "equals": "Microsoft.KeyVault/vaults"}, "then": {"effect": "deployIfNotExists"}}
    return read_definition({"id": DEFINITION, "properties": {"mode": "Indexed", "policyRule": rule}})


def confirmed(case: Case, rows: list[ResourceRow], states: list[ObservedState], rules: str = RULES) -> Confirmed:
    evidence = Evidence(states, assigned(), defined(), None, surroundings())
    return confirm(case, rows, evidence, read_rules(rules), at(5))


def a_group_case() -> Case:
    return a_case(key=GROUPED)


def a_grouped_row(name: str, minutes: float = 0) -> ResourceRow:
    return a_row(name, minutes, GROUPED)


def test_resources_that_break_a_policy_together_are_remediated_together() -> None:
    rows = [a_grouped_row("kv1"), a_grouped_row("kv2")]

    what = confirmed(a_group_case(), rows, [a_state("kv1"), a_state("kv2")]).seen

    assert isinstance(what, seen.Planned)
    assert (what.plan.scope, what.plan.resources, what.plan.rule) == (GROUP, (vault("kv1"), vault("kv2")), "vaults")
    assert what.plan.body["properties"]["resourceCount"] == 2  # type: ignore[index]


def test_neighbours_that_no_event_announced_come_along_when_the_same_rule_wants_them() -> None:
    what = confirmed(
        a_group_case(), [a_grouped_row("kv1"), a_grouped_row("kv2")], [a_state(f"kv{n}") for n in (1, 2, 3)]
    ).seen

    assert isinstance(what, seen.Planned)
    assert what.plan.resources == (vault("kv1"), vault("kv2"), vault("kv3"))


def test_a_group_with_a_forbidden_neighbour_is_not_one_task() -> None:
    states = [a_state("kv1"), a_state("kv2"), a_state("break-glass")]

    what = confirmed(a_group_case(), [a_grouped_row("kv1"), a_grouped_row("kv2")], states).seen

    assert isinstance(what, seen.Split)
    assert [(move.resource, move.to.kind, move.to.place) for move in what.moves] == [
        (vault("kv1"), Kind.RESOURCE, vault("kv1")),
        (vault("kv2"), Kind.RESOURCE, vault("kv2")),
    ]
    assert "break-glass" in what.because


@pytest.mark.parametrize(
    "boundary",
    [
        f'within: ["{SUBSCRIPTION}"]\nexcept: ["{vault("secret")}"]',
        f'within: ["{SUBSCRIPTION}"]\nexcept: ["/subscriptions/*/resourceGroups/rg-*/providers/*/vaults/secret*"]',
        f'within: ["{vault("kv1")}", "{vault("kv2")}"]',
    ],
    ids=["excepted", "excepted by a glob", "parts within"],
)
def test_a_group_that_the_boundary_divides_is_not_one_task_though_the_rest_shows_compliant(boundary: str) -> None:
    rules = RULES.replace(f'within: ["{SUBSCRIPTION}"]', boundary)
    states = [a_state("kv1"), a_state("kv2"), a_state("secret", compliance="compliant")]

    what = confirmed(a_group_case(), [a_grouped_row("kv1"), a_grouped_row("kv2")], states, rules).seen

    assert isinstance(what, seen.Split)
    assert {move.to.place for move in what.moves} == {vault("kv1"), vault("kv2")}


def test_an_exception_in_another_group_divides_nothing() -> None:
    elsewhere = f'within: ["{SUBSCRIPTION}"]\nexcept: ["{vault("secret", f"{SUBSCRIPTION}/resourcegroups/rg-b")}"]'
    rules = RULES.replace(f'within: ["{SUBSCRIPTION}"]', elsewhere)

    what = confirmed(
        a_group_case(), [a_grouped_row("kv1"), a_grouped_row("kv2")], [a_state("kv1"), a_state("kv2")], rules
    ).seen

    assert isinstance(what, seen.Planned)


def test_two_rules_never_share_a_task_even_when_both_remediate() -> None:
    states = [a_state("kv1"), a_state("kv2", tags={"team": "payroll"})]

    what = confirmed(a_group_case(), [a_grouped_row("kv1"), a_grouped_row("kv2")], states).seen

    assert isinstance(what, seen.Split)


def test_a_group_with_one_resource_to_remediate_gets_a_task_at_that_resource() -> None:
    states = [a_state("kv1"), a_state("kv2", 3, "compliant")]

    what = confirmed(a_group_case(), [a_grouped_row("kv1"), a_grouped_row("kv2")], states)

    assert isinstance(what.seen, seen.Planned)
    assert what.seen.plan.scope == vault("kv1")
    assert what.updates == (Show(vault("kv2"), scan(3), "compliant", what.updates[0].because),)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "marks",
    [
        {"key": GROUPED, "tried_until": scan(1), "cool_until": scan(60), "scan": scan(0.5), "settled": scan(0.5)},
        {"tried_until": scan(1), "cool_until": scan(60), "covered_at": scan(0.5)},
        {"key": GROUPED, "owed": True, "attempts": 1, "retry_at": scan(60)},
        {"key": GROUPED, "given_up": ENFORCED.rules[-1].digest, "attempts": 3},
    ],
    ids=["cooling down", "covered by another case's task", "waiting for its next attempt", "given up"],
)
def test_a_neighbour_that_may_not_be_remediated_now_forbids_the_wide_task(marks: dict[str, Any]) -> None:
    rows = [a_grouped_row("kv1", 2), a_grouped_row("kv2", 2), replace(a_row("kv3"), **marks)]
    states = [a_state("kv1", 2), a_state("kv2", 2), a_state("kv3", 0.5 if "scan" in marks else 0)]

    what = confirmed(a_group_case(), rows, states).seen

    assert isinstance(what, seen.Split)
    assert {vault("kv1"), vault("kv2")} <= {move.resource for move in what.moves}


def test_what_the_cases_own_task_covered_does_not_forbid_the_next_one_and_is_not_counted() -> None:
    covered = a_row("kv3", key=GROUPED, tried_until=scan(3), cool_until=scan(60), covered_at=scan(2.5))
    rows = [a_grouped_row("kv1", 2), a_grouped_row("kv2", 2), covered]
    states = [a_state("kv1", 2), a_state("kv2", 2), a_state("kv3", 0)]

    plan = confirmed(a_group_case(), rows, states).seen.plan  # type: ignore[union-attr]

    assert plan.scope == GROUP
    assert (plan.resources, plan.beside) == ((vault("kv1"), vault("kv2")), (vault("kv3"),))
    assert "'resourceCount': 2" in str(plan.body)


def test_a_neighbour_of_another_case_forbids_the_wide_task() -> None:
    rows = [a_grouped_row("kv1"), a_grouped_row("kv2"), a_row("kv3")]

    what = confirmed(a_group_case(), rows, [a_state(f"kv{n}") for n in (1, 2, 3)]).seen

    assert isinstance(what, seen.Split)


def test_a_task_for_a_subscription_never_takes_along_what_lies_in_its_groups() -> None:
    rules = f"""
version: 1
mode: enforce
within: ["{SUBSCRIPTION}"]
rules: [{{name: everything, because: it is meant, allowWide: true, action: remediate}}]
"""
    key = a_key(Kind.SUBJECT, SUBSCRIPTION)
    states = [a_state(resource=resource_id(SUBSCRIPTION)), a_state("kv1")]

    what = confirmed(a_case(key=key), [a_row(key=key, resource=SUBSCRIPTION)], states, rules).seen

    assert isinstance(what, seen.NothingLeft)
    assert "too-wide" in what.because
    assert vault("kv1") in what.because


def test_a_resource_whose_rule_gathers_by_group_joins_its_group() -> None:
    what = confirmed(a_case(), [a_row("kv1")], [a_state("kv1")]).seen

    assert isinstance(what, seen.Split)
    assert [move.to for move in what.moves] == [GROUPED]


def test_a_case_that_joins_its_group_tells_which_rule_wants_it_and_where_it_goes_on() -> None:
    news = a_case(rule="payroll")  # the first rule that may decide it, when it came

    what = confirmed(news, [a_row("kv1")], [a_state("kv1")]).seen
    case = record(news, what, at(3))

    assert (case.rule, GROUPED.id[:10] in case.because) == ("vaults", True)


def test_a_resource_that_this_rule_split_off_stays_alone() -> None:
    digest = next(rule.digest for rule in ENFORCED.rules if rule.name == "vaults")

    what = confirmed(a_case(handed=digest), [a_row("kv1")], [a_state("kv1")]).seen

    assert isinstance(what, seen.Planned)
    assert what.plan.scope == vault("kv1")


def test_a_state_that_has_not_caught_up_with_the_news_holds_the_case() -> None:
    what = confirmed(a_group_case(), [a_grouped_row("kv1", 4)], [a_state("kv1", 2, "compliant")]).seen

    assert isinstance(what, seen.Unreadable)
    assert "has not caught up" in what.because


def test_of_two_states_of_one_resource_the_newer_counts() -> None:
    states = [a_state("kv1", 3, "compliant"), a_state("kv1", 1)]

    what = confirmed(a_group_case(), [a_grouped_row("kv1")], states).seen

    assert isinstance(what, seen.NothingLeft)


def test_a_state_that_is_missing_for_an_hour_counts_as_gone() -> None:
    late = a_row("kv1", 0, GROUPED, arrived=at(5) - timedelta(minutes=61))

    what = confirmed(a_group_case(), [late], [])

    assert isinstance(what.seen, seen.NothingLeft)
    assert "resource-gone" in what.seen.because
    assert [type(update) for update in what.updates] == [Settle]


def test_a_state_with_whole_seconds_has_caught_up_with_news_of_that_second() -> None:
    news = a_grouped_row("kv1", 0)
    finer = a_row("kv1", 0, GROUPED, scan=news.scan + 4_496_956)

    what = confirmed(a_group_case(), [finer], [a_state("kv1", 0)]).seen

    assert isinstance(what, seen.Planned)


def test_what_is_compliant_by_a_newer_scan_is_withdrawn_with_its_reason() -> None:
    what = confirmed(a_group_case(), [a_grouped_row("kv1")], [a_state("kv1", 3, "compliant")])

    assert what.seen == seen.NothingLeft(Outcome.WITHDRAWN, what.seen.because)  # type: ignore[union-attr]
    assert "compliant" in what.seen.because


def test_what_a_rule_ignores_today_is_withdrawn_and_settled() -> None:
    what = confirmed(a_group_case(), [a_grouped_row("break-glass")], [a_state("break-glass")])

    assert isinstance(what.seen, seen.NothingLeft)
    assert what.updates == (Settle(vault("break-glass"), scan(0), what.updates[0].because),)  # type: ignore[union-attr]


def test_a_withdrawn_case_names_the_rule_that_decided_and_not_the_one_that_might_have() -> None:
    what = confirmed(a_group_case(), [a_grouped_row("break-glass")], [a_state("break-glass")]).seen

    assert isinstance(what, seen.NothingLeft)
    assert what.rule == "leave the broken glass alone"
    assert record(a_group_case(), what, at(5)).rule == what.rule


def test_tags_that_cannot_be_read_hold_the_case_and_never_remediate() -> None:
    what = confirmed(a_group_case(), [a_grouped_row("kv1")], [a_state("kv1", tags=None)]).seen

    assert isinstance(what, seen.Unreadable)


def test_an_assignment_that_cannot_be_read_holds_the_case() -> None:
    evidence = Evidence([a_state("kv1")], Unread("403"), defined(), None, surroundings())

    what = confirm(a_group_case(), [a_grouped_row("kv1")], evidence, ENFORCED, at(5)).seen

    assert isinstance(what, seen.Unreadable)


def test_in_observe_mode_the_plan_is_recorded_and_nothing_is_opened() -> None:
    what = confirmed(a_group_case(), [a_grouped_row("kv1")], [a_state("kv1")], RULES.replace("enforce", "observe"))

    assert isinstance(what.seen, seen.Observed)
    assert what.seen.plan.resources == (vault("kv1"),)
    assert [type(update) for update in what.settle_after] == [Settle]


def test_a_task_at_a_resource_that_would_reach_a_forbidden_child_is_too_wide() -> None:
    child = a_state("kv1")
    below = a_state(
        resource=child.resource.__class__(f"{vault('kv1')}/providers/microsoft.keyvault/vaults/break-glass")
    )
    digest = next(rule.digest for rule in ENFORCED.rules if rule.name == "vaults")

    what = confirmed(a_case(handed=digest), [a_row("kv1")], [child, below]).seen

    assert isinstance(what, seen.NothingLeft)
    assert "too-wide" in what.because


def test_a_resource_outside_the_locations_of_its_rule_is_left_alone() -> None:
    rules = RULES.replace("    grace: none", "    grace: none\n    task: {locations: [northeurope]}")

    what = confirmed(a_group_case(), [a_grouped_row("kv1")], [a_state("kv1")], rules).seen

    assert isinstance(what, seen.NothingLeft)
    assert "task.locations" in what.because


def test_nothing_is_asked_of_azure_where_everything_was_dealt_with() -> None:
    settled = a_row("kv1", 0, GROUPED, settled=scan(0))

    over = not_asked(a_group_case(), [settled], at(5))

    assert over is not None
    assert isinstance(over.seen, seen.NothingLeft)


def test_a_case_that_good_news_overtook_says_so() -> None:
    over = not_asked(a_group_case(), [a_row("kv1", 3, GROUPED, compliance="compliant")], at(5))

    assert over is not None
    assert f"Azure Policy calls {vault('kv1')} compliant" in over.seen.because  # type: ignore[union-attr]


def test_the_newest_news_says_which_definition_the_policy_of_an_initiative_is_now() -> None:
    rows = [a_grouped_row("kv1", 3), a_grouped_row("kv2", 1)]
    rows[0] = replace(rows[0], definition=f"{DEFINITION}-2")

    assert renewed(a_group_case(), rows).definition == f"{DEFINITION}-2"
    assert renewed(a_group_case(), []).definition == DEFINITION


def test_news_that_still_comes_in_is_waited_for_but_not_beyond_the_most() -> None:
    case = a_group_case()

    early = still_gathering(case, [a_grouped_row("kv1"), a_grouped_row("kv2", 3)], timedelta(0), at(4))
    late = still_gathering(case, [a_grouped_row("kv1"), a_grouped_row("kv2", 14)], timedelta(0), at(15))

    assert early is not None
    assert early.seen == seen.NotDue(at(5))
    assert late is None


def test_azures_own_attempt_comes_first() -> None:
    early = still_gathering(a_group_case(), [a_grouped_row("kv1")], timedelta(minutes=30), at(5))

    assert early is not None
    assert early.seen == seen.NotDue(at(30))


def test_a_held_case_does_not_gather_again() -> None:
    assert (
        still_gathering(a_case(State.HELD, key=GROUPED), [a_grouped_row("kv1")], timedelta(minutes=30), at(5)) is None
    )
