from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.core import seen
from responder.core.arrangement import Fate
from responder.core.case import Kind
from responder.core.confirm import Evidence, confirm
from responder.core.observed_state import ObservedState
from responder.core.resource_id import resource_id
from responder.core.resource_row import ResourceRow
from responder.core.rules import read_rules
from tests.core.builders import GROUP, SUBSCRIPTION, a_case, a_key, a_row, at, vault
from tests.core.policies import surroundings
from tests.core.surveys import RULES, a_place, a_surveyed, arranged, placed
from tests.core.test_confirm import assigned, defined

ENFORCED = read_rules(RULES)


def test_resources_of_a_group_that_one_rule_wants_are_one_task() -> None:
    what = arranged("kv1", "kv2", "kv3")

    assert [(task.scope, task.rule, task.resources) for task in what.tasks] == [(GROUP, "vaults", 3)]


@pytest.mark.parametrize("neighbour", ["break-glass", "watched", "payroll", "unclear"])
def test_a_neighbour_that_is_decided_otherwise_forbids_the_task_for_the_group(neighbour: str) -> None:
    what = arranged("kv1", "kv2", neighbour)

    assert placed(what, "kv1").scope == vault("kv1")
    assert placed(what, "kv2").scope == vault("kv2")


def test_a_group_with_an_exception_in_it_is_not_one_task() -> None:
    rules = RULES.replace("rules:", f'except: ["{vault("secret")}"]\nrules:', 1)

    assert {task.scope for task in arranged("kv1", "kv2", rules=rules).tasks} == {vault("kv1"), vault("kv2")}


def test_a_resource_that_is_alone_gets_a_task_of_its_own() -> None:
    assert [task.scope for task in arranged("kv1").tasks] == [vault("kv1")]


def test_a_task_takes_as_many_rounds_as_its_resource_count_asks_for() -> None:
    few = RULES.replace("allowWide: true\n    action", "task: {resourceCount: 2}\n    action")

    assert [task.rounds for task in arranged("kv1", "kv2", "kv3", "kv4", "kv5", rules=few).tasks] == [3]


def test_what_lies_outside_the_locations_of_its_rule_gets_no_task_and_hinders_none() -> None:
    away = a_surveyed("europe3", location="eastus")

    what = a_place(a_surveyed("europe1"), a_surveyed("europe2"), away).arranged(ENFORCED)

    assert [(task.scope, task.resources) for task in what.tasks] == [(GROUP, 2)]
    assert (placed(what, "europe3").fate, placed(what, "europe3").reason) == (Fate.IN_THE_WAY, "outside-task-locations")


def test_no_task_reaches_down_to_a_resource_that_has_a_case_of_its_own() -> None:
    child = resource_id(f"{vault('payroll')}/keys/payroll-key")

    what = a_place(a_surveyed("payroll"), a_surveyed("x", resource=child)).arranged(ENFORCED)

    assert placed(what, "payroll").reason == "too-wide"
    assert child.text in placed(what, "payroll").because


def test_a_subscription_gets_no_task_while_others_in_it_break_the_same_policy() -> None:
    whole = a_surveyed("x", resource=resource_id(SUBSCRIPTION))

    alone = a_place(whole).arranged(ENFORCED)
    among = a_place(whole, elsewhere=frozenset({"westeurope"})).arranged(ENFORCED)

    assert [task.scope for task in alone.tasks] == [SUBSCRIPTION]
    assert (among.tasks, among.placed[0].reason) == ((), "too-wide")


def test_what_a_rule_only_observes_or_ignores_is_told_apart_from_what_is_in_the_way() -> None:
    what = arranged("watched", "break-glass", "unclear")

    fates = [placed(what, name).fate for name in ("watched", "break-glass", "unclear")]
    assert fates == [Fate.OBSERVED, Fate.LEFT_ALONE, Fate.IN_THE_WAY]


NAMES = st.lists(
    st.sampled_from(
        ["kv1", "kv2", "kv3", "payroll", "payroll2", "europe1", "europe2", "unclear", "break-glass", "watched"]
    ),
    min_size=1,
    unique=True,
)
PLACES = st.sampled_from(["westeurope", "eastus"])


def test_what_another_rule_wants_beyond_the_reach_of_a_groups_task_gets_its_own() -> None:
    away = a_surveyed("payroll", location="eastus")

    what = a_place(a_surveyed("europe1"), a_surveyed("europe2"), away).arranged(ENFORCED)

    assert {task.scope: task.resources for task in what.tasks} == {GROUP: 2, vault("payroll"): 1}


@given(NAMES, st.data())
def test_a_survey_arranges_a_group_as_confirm_would_if_all_of_it_were_announced(
    names: list[str], data: st.DataObject
) -> None:
    states = [a_surveyed(name, location=data.draw(PLACES)).observed for name in names]

    what = a_place(*(a_surveyed(state.resource.name, location=state.location) for state in states)).arranged(ENFORCED)

    opened = {each.judged.state.resource.text: each.scope for each in what.placed if each.scope}
    assert opened == confirmed_scopes(states)


def confirmed_scopes(states: list[ObservedState]) -> dict[str, str]:
    """By resource, the scope of the task that confirm plans for it: as a group's case first, then one by one."""
    rows = [_row(state) for state in states]
    evidence = Evidence(states, assigned(), defined(), None, surroundings())
    together = confirm(a_case(key=a_key(Kind.GROUP)), rows, evidence, ENFORCED, at(5)).seen
    scopes = {}
    if isinstance(together, seen.Planned) and len(together.plan.resources) > 1:
        scopes = dict.fromkeys(together.plan.resources, together.plan.scope)
    for row in rows:
        if row.resource in scopes:
            continue
        key = a_key(Kind.RESOURCE, row.resource)
        alone = [replace(each, key=a_key(Kind.RESOURCE, each.resource)) for each in rows]
        handed = ENFORCED.rules[_rule(row.resource)].digest
        what = confirm(a_case(key=key, handed=handed), alone, evidence, ENFORCED, at(5)).seen
        if isinstance(what, seen.Planned):
            scopes[row.resource] = what.plan.scope
    return scopes


def _rule(resource: str) -> int:
    name = resource.rpartition("/")[2]
    return next((i for i, word in enumerate(["break", "watched", "payroll", "europe", "unclear"]) if word in name), 5)


def _row(state: ObservedState) -> ResourceRow:
    """As the door admits it: to its group's case where its rule gathers by group, or may."""
    name = state.resource.name
    gathers = ENFORCED.rules[_rule(state.resource.text)].settings.gather_by == "resourceGroup"
    return a_row(name, key=a_key(Kind.GROUP) if gathers else a_key(Kind.RESOURCE, vault(name)))
