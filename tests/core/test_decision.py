"""The decision."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.core.decision import Answer, Decision, at_the_door, decide, judge
from responder.core.facts import Facts, Missing, ResourceSelector, Selector, Surroundings, Unread
from responder.core.resource_id import resource_id
from responder.core.rules import Rules
from tests.core.builders import GROUP, SUBSCRIPTION, a_change, scan, vault
from tests.core.policies import (
    ALZ,
    a_definition,
    all_facts,
    an_assignment,
    an_exemption,
    observing,
    rules_of,
    surroundings,
)

_UNREAD = Unread("it has not been read yet")


def decided(rules: str, facts: Facts | None = None, **change: object) -> Decision:
    return decide(a_change(**change), facts or all_facts(), rules_of(rules))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("match", "matches"),
    [
        ("{assignment: '**/deploy-diag-*'}", True),
        ("{assignment: '**/policyAssignments/Deploy-Diag-KV'}", True),
        ("{assignment: '**/deploy-vm-*'}", False),
        ("{definition: '**/951af2fa-529b-416e-ab6e-066fd85ac459'}", True),
        ("{referenceId: '*'}", False),
        ("{effect: deployIfNotExists}", True),
        ("{effect: [modify, append]}", False),
        ("{resource: '**/vaults/kv*'}", True),
        ("{resourceType: Microsoft.KeyVault/vaults}", True),
        ("{resourceType: Microsoft.KeyVault/*}", True),
        ("{resourceType: 'Microsoft.Sql/**'}", False),
        ("{resourceGroup: RG-*}", True),
        ("{resourceGroup: [rg-x, rg-y]}", False),
        (f"{{subscription: {SUBSCRIPTION.rpartition('/')[2]}}}", True),
        ("{managementGroup: alz}", True),
        ("{managementGroup: ALZ-*}", True),
        ("{managementGroup: other}", False),
        ("{location: West Europe}", True),
        ("{location: eastus}", False),
        ("{tags: {ENV: prod}}", True),
        ("{tags: {env: [dev, pr*]}}", True),
        ("{tags: {env: null}}", False),
        ("{tags: {owner: null}}", True),
        ("{tags: {owner: [me, null]}}", True),
        ("{tags: {owner: '**'}}", False),
        ("{effect: deployIfNotExists, location: eastus}", False),
        ("[{location: eastus}, {effect: deployIfNotExists}]", True),
    ],
)
def test_a_rule_matches_by_what_is_known_of_resource_and_policy(match: str, matches: bool) -> None:
    decision = decided(f"- {{name: a, action: remediate, match: {match}}}")

    assert decision.answer is (Answer.REMEDIATE if matches else Answer.IGNORE)
    assert decision.considered[0].applies is matches


def test_the_first_rule_that_matches_decides() -> None:
    decision = decided(
        """
        - {name: elsewhere, action: ignore, match: {location: eastus}}
        - {name: here, action: observe, match: {location: westeurope}}
        - {name: late, action: remediate}
        """
    )

    assert (decision.answer, decision.rule, decision.reason) == (Answer.OBSERVE, "here", "rule")
    assert [(each.rule, each.applies) for each in decision.considered] == [("elsewhere", False), ("here", True)]
    assert decision.considered[0].because == "location westeurope is not eastus"


def test_an_unless_takes_a_resource_out_of_its_rule() -> None:
    decision = decided("- {name: a, action: remediate, unless: [{tags: {env: prod}}]}")

    assert (decision.answer, decision.reason) == (Answer.IGNORE, "no-rule-matches")
    assert decision.considered[0].because == "unless: tag env is 'Prod'"


def test_the_answer_says_which_rule_what_about_the_resource_and_what_would_change_it() -> None:
    rule = "- {name: logs, because: Vaults must log., action: remediate, match: {effect: modify*, resource: '**'}}"

    because = decided(rule, all_facts(effect="modify")).because

    assert because == (
        f"Rule 'logs' remediates {vault('kv1')}, because resource {vault('kv1')} is like ** and effect modify is "
        "like modify*. Vaults must log. An earlier rule or an 'unless' would change that."
    )


def test_what_no_rule_matches_is_decided_by_otherwise_with_the_defaults() -> None:
    rules = observing("otherwise: observe\ndefaults: {cooldown: PT3H}")

    decision = decide(a_change(), all_facts(), rules)

    assert (decision.answer, decision.rule, decision.reason) == (Answer.OBSERVE, "otherwise", "no-rule-matches")
    assert decision.settings == rules.defaults


def test_in_mode_observe_a_remediation_is_only_observed() -> None:
    decision = decide(a_change(), all_facts(), rules_of().adapted("observe", ()))

    assert (decision.answer, decision.reason, decision.action) == (Answer.OBSERVE, "mode-observe", "remediate")


_UNDECIDED = """
- {name: first, action: ignore, match: {location: eastus}}
- {name: second, action: remediate, gather: {by: resourceGroup}}
"""


def test_evaluation_stops_at_the_first_rule_that_something_unread_decides() -> None:
    decision = decided(_UNDECIDED, all_facts(location=_UNREAD))

    assert (decision.answer, decision.rule, decision.reason) == (Answer.UNKNOWN, "first", "facts-unreadable")
    assert [each.applies for each in decision.considered] == [None]
    assert "location is not known (it has not been read yet)" in decision.because


def test_a_rule_that_fails_by_what_is_known_is_passed_over_whatever_is_unread() -> None:
    rules = "- {name: a, action: remediate, match: {location: eastus, resourceGroup: rg-x}}"

    assert decided(rules, all_facts(location=_UNREAD)).answer is Answer.IGNORE


def test_an_unread_unless_leaves_the_answer_unknown() -> None:
    rules = "- {name: a, action: remediate, unless: {tags: {managedBy: terraform}}}"

    assert decided(rules, all_facts(tags=_UNREAD)).answer is Answer.UNKNOWN


def test_a_block_that_matches_needs_no_other_block() -> None:
    rules = "- {name: a, action: remediate, match: [{location: eastus}, {resourceGroup: rg-a}]}"

    assert decided(rules, all_facts(location=_UNREAD)).answer is Answer.REMEDIATE


def test_the_settings_are_those_of_the_rule_that_may_still_decide() -> None:
    rules = "- {name: a, action: remediate, match: {location: eastus}, gather: {by: resourceGroup}}"

    assert decided(rules, Facts.unknown()).settings.gather_by == "resourceGroup"


def test_outside_the_boundary_no_rule_is_asked() -> None:
    decision = decided("- {name: a, action: remediate}", resource=resource_id("/subscriptions/s2/resourceGroups/g"))

    assert (decision.answer, decision.reason, decision.considered) == (Answer.BLOCKED, "outside-boundary", ())


def test_a_boundary_of_unread_management_groups_leaves_the_answer_unknown() -> None:
    rules = observing(f"within: [{ALZ}]\nrules: [{{name: a, action: observe}}]")

    decision = decide(a_change(), all_facts(management_groups=_UNREAD), rules)

    assert (decision.answer, decision.rule) == (Answer.UNKNOWN, "a")


def test_what_is_ignored_needs_no_boundary() -> None:
    rules = observing(f"within: [{ALZ}]\nrules: [{{name: a, action: ignore}}]")

    assert decide(a_change(), Facts.unknown(), rules).answer is Answer.IGNORE


@pytest.mark.parametrize(
    ("match", "answer"),
    [
        ("{resourceGroup: rg-*}", Answer.BLOCKED),
        ("{resource: '**'}", Answer.BLOCKED),
        ("{resourceGroup: rg-a}", Answer.REMEDIATE),
        (f"{{resource: '{GROUP}/**'}}", Answer.REMEDIATE),
        (f"{{resource: '{vault('kv1')}'}}", Answer.REMEDIATE),
        ("{resourceGroup: rg-x}", Answer.BLOCKED),
    ],
)
def test_the_apps_own_scopes_are_left_alone_unless_a_rule_names_them(match: str, answer: Answer) -> None:
    rules = rules_of(f"- {{name: a, action: remediate, match: {match}}}").adapted(None, (GROUP,))

    assert judge(a_change(), all_facts(), rules).answer is answer


def test_a_rule_that_may_name_an_own_scope_opens_nothing() -> None:
    match = "[{resourceGroup: rg-*}, {resourceGroup: rg-a, location: eastus}]"
    rules = rules_of(f"- {{name: a, action: remediate, match: {match}}}").adapted(None, (GROUP,))

    assert judge(a_change(), all_facts(), rules).reason == "own-resource"
    assert judge(a_change(), all_facts(location=_UNREAD), rules).answer is Answer.UNKNOWN


def test_the_door_blocks_what_is_known_to_fail() -> None:
    decision = at_the_door(a_change(), all_facts(effect="audit"), rules_of())

    assert (decision.answer, decision.reason, decision.rule) == (Answer.BLOCKED, "effect-not-remediable", "all")


def test_the_door_lets_in_what_is_not_known() -> None:
    assert at_the_door(a_change(), Facts.unknown(), rules_of()).answer is Answer.REMEDIATE


def test_confirming_holds_what_is_not_known() -> None:
    decision = judge(a_change(), all_facts(assignment=_UNREAD), rules_of())

    assert (decision.answer, decision.reason) == (Answer.UNKNOWN, "facts-unreadable")


def test_what_no_rule_can_change_blocks_before_the_rule_is_known() -> None:
    facts = all_facts(location=_UNREAD, assignment=Missing("the assignment is gone"))

    assert judge(a_change(), facts, rules_of(_UNDECIDED)).reason == "assignment-not-found"


def test_what_a_rule_may_allow_does_not_block_before_the_rule_is_known() -> None:
    facts = all_facts(location=_UNREAD, assignment=an_assignment(enforcement_mode="DoNotEnforce"))

    assert judge(a_change(), facts, rules_of(_UNDECIDED)).answer is Answer.UNKNOWN


_RULES = [
    rules_of(_UNDECIDED),
    rules_of("- {name: a, action: remediate, match: {effect: modify}, unless: {tags: {env: prod}}}"),
    rules_of("- {name: a, action: observe, match: [{managementGroup: alz}, {location: eastus}]}"),
    rules_of("- {name: a, action: remediate, requireRoles: true}"),
    rules_of("- {name: a, action: ignore, match: {tags: {env: [prod, null]}}}\n- {name: b, action: remediate}"),
    rules_of(
        "- {name: a, action: remediate, allowWide: true, match: [{resourceGroup: rg-a, location: eastus}, "
        "{resourceGroup: '*'}]}"
    ).adapted(None, (GROUP,)),
    observing(f"within: [{ALZ}]\nexcept: [{ALZ}-corp]\nrules: [{{name: a, action: remediate}}]"),
    observing(f"except: [{ALZ}-corp]\nrules: [{{name: a, action: remediate, match: {{tags: {{env: prod}}}}}}]"),
]
_ASSIGNMENTS = [
    an_assignment(),
    an_assignment(identity="none"),
    an_assignment(enforcement_mode="DoNotEnforce"),
    an_assignment(not_scopes=(GROUP,)),
    an_assignment(resource_selectors=(ResourceSelector("", (Selector("resourcelocation", ("eastus",), True),)),)),
    an_assignment(resource_selectors=(ResourceSelector("", (Selector("resourcewithoutlocation", ("x",), True),)),)),
    an_assignment(principal_ids=("p",)),
    an_assignment(not_scopes=("/providers/microsoft.management/managementgroups/alz-corp",)),
    Missing("the assignment is gone"),
]
_facts = st.builds(
    all_facts,
    # Reported and computed effect agree: where they do not, what Azure reports is newer and wins.
    effect=st.just("deployifnotexists"),
    location=st.sampled_from(["westeurope", "eastus"]),
    tags=st.sampled_from([{}, {"env": "prod"}, {"env": "dev"}]),
    management_groups=st.sampled_from([(), ("alz",), ("alz-corp", "alz")]),
    assignment=st.sampled_from(_ASSIGNMENTS),
    around=st.sampled_from(
        [
            surroundings(),
            surroundings(exemptions=(an_exemption(GROUP),)),
            surroundings(exemptions=(an_exemption(ALZ, references=("other",)), an_exemption(ALZ, expires=scan(1)))),
        ]
    ),
    definition=st.sampled_from(
        [a_definition(role_ids=("/r/owner",)), a_definition(types=frozenset({"microsoft.keyvault/vaults"}))]
    ),
)


@settings(max_examples=400, deadline=None)
@given(
    _facts,
    st.sampled_from(_RULES),
    st.sets(st.sampled_from([field.name for field in fields(Facts)])),
    st.sampled_from([vault("kv1"), GROUP, SUBSCRIPTION]),
)
def test_what_is_unread_never_turns_a_no_into_a_yes(
    facts: Facts, rules: Rules, hidden: set[str], resource: str
) -> None:
    change = a_change(resource=resource_id(resource))
    blind = replace(facts, **{name: Surroundings() if name == "around" else _UNREAD for name in hidden})  # type: ignore[arg-type]

    known, guessed = judge(change, facts, rules).answer, judge(change, blind, rules).answer

    if known in (Answer.IGNORE, Answer.BLOCKED):
        assert guessed not in (Answer.REMEDIATE, Answer.OBSERVE)
    else:
        assert guessed in (known, Answer.UNKNOWN)
