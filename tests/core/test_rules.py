"""Reading the rules file."""

from datetime import timedelta
from pathlib import Path

import pytest

from responder.core.rules import DEFAULTS, BadRules, Rules, read_rules
from tests.core.builders import SUBSCRIPTION
from tests.core.policies import observing, rules_of

RULE = "rules:\n  - {name: a, action: remediate"


def problems_of(text: str, head: str = "version: 1\n") -> list[tuple[str, str]]:
    with pytest.raises(BadRules) as caught:
        read_rules(head + text)
    return [(problem.path, problem.message) for problem in caught.value.problems]


def test_the_shortest_file_observes_nothing_and_touches_nothing() -> None:
    rules = read_rules("version: 1")

    assert (rules.mode, rules.rules, rules.otherwise.action) == ("observe", (), "ignore")
    assert rules.defaults == DEFAULTS


def test_the_shipped_rules_open_nothing() -> None:
    shipped = read_rules((Path(__file__).parents[2] / "rules.yaml").read_text(encoding="utf-8"))

    assert shipped.mode == "observe"
    assert shipped.rules


def test_a_rule_overrides_the_defaults_key_by_key() -> None:
    rules = observing(
        """
        defaults:
          task: {resourceCount: 7, failureThreshold: 25%}
          gather: {for: PT1M}
        rules:
          - name: a
            action: remediate
            task: {parallelDeployments: 3, locations: [West Europe]}
            gather: {by: resourceGroup}
            grace: none
          - {name: b, action: observe, grace: auto}
        """
    )

    first, second = (rule.settings for rule in rules.rules)

    assert (first.task.resource_count, first.task.failure_threshold, first.task.parallel_deployments) == (7, 0.25, 3)
    assert (first.gather_by, first.gather_for, first.grace) == ("resourceGroup", timedelta(minutes=1), timedelta(0))
    assert (second.gather_by, second.grace, second.task.locations) == ("resource", None, ())


@pytest.mark.parametrize(
    ("text", "path", "told"),
    [
        ("mode: enforce", "within", "where it may act"),
        ("mode: enforced", "mode", "'observe' or 'enforce'"),
        ("mode: no", "mode", "'observe' or 'enforce'"),
        ("mode: enforced", "mode", "did you mean enforce?"),
        ("modes: observe", "modes", "did you mean mode?"),
        ("exclude: []", "exclude", "did you mean except?"),
        ("defaults: {resourceCount: 5}", "defaults.resourceCount", "write task: {resourceCount: …}"),
        (
            "defaults: {task: {cooldown: PT1H}}",
            "defaults.task.cooldown",
            "write it in the rule or in defaults, not in task",
        ),
        ("allowWide: true", "allowWide", "write defaults: {allowWide: …}"),
        (RULE + ", resourceGroup: rg-a}", "rules[0].resourceGroup", "write match: {resourceGroup: …}"),
        ("when: 2024-13-45", "", "YAML cannot read '2024-13-45'; put it in quotes"),
        ("within: []", "within", "the list is empty"),
        ("within: [rg-a]", "within[0]", "is no scope"),
        ("within: /subscriptions/s", "within", "must be a list"),
        ("within:", "within", "has no value"),
        ("except: [/subscriptions/s, ~]", "except[1]", "is empty"),
        ('except: ["/subscriptions/**"]', "except[0]", "'**' has no place here"),
        ("otherwise: remediate", "otherwise", "'ignore' or 'observe'"),
        ("rules: {name: a}", "rules", "must be a list"),
        ("rules: [a]", "rules[0]", "must be a mapping"),
        ("rules: [{action: ignore}]", "rules[0].name", "it is missing"),
        ("rules: [{name: a}]", "rules[0].action", "it is missing"),
        ("rules: [{name: '', action: ignore}]", "rules[0].name", "1 to 100"),
        ("rules: [{name: 7, action: ignore}]", "rules[0].name", "put it in quotes"),
        ("rules: [{name: Otherwise, action: ignore}]", "rules[0].name", "choose another name"),
        (
            "rules: [{name: a, action: ignore}, {name: A, action: ignore}]",
            "rules[1].name",
            "the rule in line 2 already",
        ),
        ("rules: [{name: a, action: remediates}]", "rules[0].action", "'remediate', 'ask', 'observe' or 'ignore'"),
        (RULE + ", match: {}}", "rules[0].match", "would match everything"),
        (RULE + ", match: []}", "rules[0].match", "the list is empty"),
        (RULE + ", unless: [{}]}", "rules[0].unless[0]", "would match everything"),
        (RULE + ", match: {colour: red}}", "rules[0].match.colour", "known here are assignment"),
        (RULE + ", match: [{resourcetype: a/b}]}", "rules[0].match[0].resourcetype", "did you mean resourceType?"),
        (RULE + ", match: {assignment: deploy-*}}", "rules[0].match.assignment", "write '**/deploy-*'"),
        (RULE + ", match: {resourceGroup: /a/b}}", "rules[0].match.resourceGroup", "the last segment only"),
        (RULE + ", match: {resourceType: vaults}}", "rules[0].match.resourceType", "a whole type"),
        (RULE + ", match: {location: ''}}", "rules[0].match.location", "is empty"),
        (RULE + ", match: {effect: []}}", "rules[0].match.effect", "match nothing"),
        (RULE + ", match: {effect: deployIfNotExist}}", "rules[0].match.effect", "did you mean deployIfNotExists?"),
        (RULE + ", match: {subscription: 'a***'}}", "rules[0].match.subscription", "more than two stars"),
        (RULE + ", match: {tags: {a: yes}}}", "rules[0].match.tags.a", "reads it as a boolean (True)"),
        (RULE + ", match: {tags: {a: 1.0}}}", "rules[0].match.tags.a", "reads it as a number (1.0)"),
        (RULE + ", match: {tags: {a: 2024-01-01}}}", "rules[0].match.tags.a", "reads it as a date"),
        (RULE + ", match: {tags: {a: []}}}", "rules[0].match.tags.a", "match nothing"),
        (RULE + ", match: {tags: {a: b, A: c}}}", "rules[0].match.tags.A", "here twice"),
        (RULE + ", match: {tags: {yes: b}}}", "rules[0].match.tags", "the key 'yes' is not a text"),
        ("2: x", "", "the key '2' is not a text"),
        (RULE + ", action: ignore}", "rules[0].action", "here twice (first in line 3)"),
        (RULE + ", because: }", "rules[0].because", "has no value"),
        ("defaults: {task: {failureThreshold: 10}}", "defaults.task.failureThreshold", "write 10%"),
        ("defaults: {task: {failureThreshold: 101%}}", "defaults.task.failureThreshold", "0% to 100%"),
        ("defaults: {task: {resourceCount: 0}}", "defaults.task.resourceCount", "at least 1, not 0"),
        ("defaults: {task: {resourceCount: 50001}}", "defaults.task.resourceCount", "at most 50000, not 50001"),
        ("defaults: {task: {resourceCount: '5'}}", "defaults.task.resourceCount", "a whole number"),
        ("defaults: {task: {parallelDeployments: 31}}", "defaults.task.parallelDeployments", "at most 30"),
        ("defaults: {task: {locations: [west*]}}", "defaults.task.locations", "no wildcards"),
        ("defaults: {task: {timeout: 6h}}", "defaults.task.timeout", "is not of the form"),
        ("defaults: {task: {timeout: 6}}", "defaults.task.timeout", "PT6M for minutes"),
        ("defaults: {task: {timeout: 6 hours}}", "defaults.task.timeout", "did you mean PT6H?"),
        ("defaults: {cooldown: 2d}", "defaults.cooldown", "did you mean P2D?"),
        ("defaults: {poll: {first: PT0S}}", "defaults.poll.first", "at least PT1S"),
        ("defaults: {poll: {first: PT20M}}", "defaults.poll.most", "shorter than poll.first"),
        ("defaults: {cooldown: P1M}", "defaults.cooldown", "no fixed length"),
        ("defaults: {grace: never}", "defaults.grace", "auto, none, or a duration"),
        ("defaults: {gather: {for: PT1H}}", "defaults.gather.atMost", "shorter than gather.for"),
        ("defaults: {allowWide: 'yes'}", "defaults.allowWide", "true or false"),
        ("defaults: {enforcementModes: []}", "defaults.enforcementModes", "must name one"),
    ],
)
def test_what_is_wrong_is_named_with_its_path(text: str, path: str, told: str) -> None:
    found = problems_of(text)

    assert [each for each, _ in found] == [path]
    assert told in found[0][1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version: yes", "it must be 1"),
        ("version: '1'", "it must be 1"),
        ("mode: observe", "it is missing; write 'version: 1'"),
        ("", "the file is empty"),
        ("# nothing\n", "the file is empty"),
        ("- a\n", "not a mapping"),
        ("version: 1\nrules:\n\t- name: a\n", "a tab stands where YAML wants spaces"),
        ("version: 1\nrules: [", "not YAML"),
        ("version: !!python/name:os.system 1", "the tag !!python/name:os.system has no place here"),
        ("version: 1\n--- \nversion: 1", "not YAML"),
        ("a: \x00", "not YAML"),
        ("x: " + "[" * 5000, "nested too deeply"),
        ("# " + "x" * 1024 * 1024, "larger than 1024 KiB"),
    ],
    ids=[
        "boolean",
        "text",
        "no version",
        "empty",
        "comment",
        "list",
        "tab",
        "torn",
        "tag",
        "documents",
        "control",
        "deep",
        "large",
    ],
)
def test_a_file_that_says_nothing_usable_is_one_problem(text: str, told: str) -> None:
    found = problems_of(text, head="")

    assert len(found) == 1
    assert told in found[0][1]


@pytest.mark.parametrize("written", ['"a\\nb"', '"\\e[31m"', '"\\u202e"', f'"{"x" * 5000}"'])
def test_a_problem_is_one_line_that_a_terminal_can_show_whatever_stands_in_the_file(written: str) -> None:
    ((path, message),) = problems_of(f"within: [{written}]")

    assert path == "within[0]"
    assert message.isprintable()
    assert len(message) <= 1001


def test_half_a_character_is_a_problem_with_its_line() -> None:
    assert "half a character" in problems_of('mode: "\\ud800"')[0][1]


def test_aliases_that_expand_without_end_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]

    assert "once its aliases are expanded" in problems_of("\n".join(lines), head="")[0][1]


def test_an_alias_within_itself_is_refused() -> None:
    assert "aliases" in problems_of("rules: &a [*a]")[0][1]


def test_anchors_may_spare_repetition() -> None:
    rules = observing(
        """
        rules:
          - {name: a, action: ignore, match: &blocks [{location: westeurope}]}
          - {name: b, action: ignore, unless: *blocks}
        """
    )

    assert rules.rules[0].match == rules.rules[1].unless


def test_every_problem_is_named_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(BadRules) as caught:
        read_rules("version: 2\nmode: enforce\nwindow: {}\nrules:\n  - {name: a, action: go}\n  - {name: a}\n")

    assert [problem.path for problem in caught.value.problems] == [
        "version",
        "within",
        "window",
        "rules[0].action",
        "rules[1].action",
        "rules[1].name",
    ]
    assert "line 5: rules[0].action: it must be" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 6


def digest(rule: str, head: str = "") -> str:
    return observing(f"{head}\nrules:\n  - {rule}\n").rules[0].digest


def test_a_digest_depends_on_the_rules_own_text_and_the_defaults_it_uses() -> None:
    plain = digest("{name: a, action: remediate}")

    assert plain != digest("{name: a, action: observe}")
    assert plain != digest("{name: a, action: remediate, cooldown: PT2H}")
    assert plain != digest("{name: a, action: remediate}", "defaults: {task: {resourceCount: 5}}")


def test_a_digest_does_not_depend_on_the_rest_of_the_file() -> None:
    plain = digest("{name: a, action: remediate}")

    assert plain == digest("{action: remediate, name: a}", f"within: [{SUBSCRIPTION}]\notherwise: observe")
    assert plain == digest("{name: a, action: remediate, cooldown: PT1H}\n  - {name: b, action: ignore}")


@pytest.mark.parametrize(
    ("file", "setting", "mode"),
    [
        ("enforce", None, "enforce"),
        ("enforce", "enforce", "enforce"),
        ("enforce", "observe", "observe"),
        ("observe", None, "observe"),
        ("observe", "enforce", "observe"),
    ],
)
def test_the_stricter_mode_wins(file: str, setting: str | None, mode: str) -> None:
    rules: Rules = rules_of(head=f"version: 1\nmode: {file}\nwithin: [{SUBSCRIPTION}]\nrules:\n")

    assert rules.adapted(setting, ()).mode == mode


def test_an_own_scope_that_is_none_is_refused() -> None:
    with pytest.raises(BadRules, match="RESPONDER_OWN_SCOPES"):
        rules_of().adapted(None, ("rg-a",))
