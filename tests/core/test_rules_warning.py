"""What is allowed in a rules file and probably not meant."""

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from responder.core.resource_id import resource_id
from responder.core.rules_covered import covered
from responder.core.rules_review import review
from responder.core.subject import Subject
from tests.core.builders import a_change
from tests.core.policies import all_facts, observing

ID = "00000000-0000-0000-0000-000000000000"


def warnings_of(text: str) -> list[tuple[str, str]]:
    reviewed = review("version: 1\n" + dedent(text))
    assert reviewed.problems == ()
    return [(each.path, each.message) for each in reviewed.warnings]


def of_rules(*rules: str) -> list[tuple[str, str]]:
    return warnings_of("rules:\n" + "".join(f"  - {{name: r{i}, action: observe, {r}}}\n" for i, r in enumerate(rules)))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("because: all", "match: {location: westeurope}"),
        ("match: {assignment: '**/deploy-*'}", "match: {assignment: '**/Deploy-Diag-*', resourceGroup: rg-a}"),
        ("match: {resourceGroup: [rg-a, rg-b]}", "match: [{resourceGroup: rg-a}, {resourceGroup: rg-b, location: x}]"),
        ("match: {tags: {env: ['*', null]}}", "match: {tags: {Env: prod}}"),
        ("match: {managementGroup: alz*}", "match: {managementGroup: alz-prod}"),
        ("unless: {tags: {a: b}}", "match: {location: x}\n    , unless: {tags: {a: [b, c]}}"),
        ("match: {location: [x, y]}, unless: {location: y}", "match: {location: x}, unless: {location: y}"),
    ],
)
def test_a_rule_that_an_earlier_one_covers_never_decides(earlier: str, later: str) -> None:
    assert of_rules(earlier, later) == [("rules[1]", "it never decides: 'r0' above it takes everything it matches")]


def test_two_rules_may_cover_a_third_between_them() -> None:
    found = of_rules("match: {location: x}", "match: {location: y}", "match: [{location: x}, {location: y}]")

    assert found == [("rules[2]", "it never decides: 'r0' and 'r1' above it take everything it matches")]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("match: {location: x}", "because: all"),
        ("match: {location: x, resourceGroup: rg-a}", "match: {location: x}"),
        ("match: {tags: {a: b}}", "match: {tags: {a: [b, null]}}"),
        ("match: {resourceGroup: rg-*}, unless: {location: x}", "match: {resourceGroup: rg-a}"),
        ("match: {assignment: '**/a-*'}", "match: {assignment: ['**/a-b', '**/b']}"),
        ("match: {resource: '/subscriptions/*/resourceGroups/*'}", "match: {resource: '/subscriptions/**'}"),
    ],
)
def test_a_rule_that_may_still_decide_is_left_in_peace(earlier: str, later: str) -> None:
    assert of_rules(earlier, later) == []


_BLOCKS = st.dictionaries(
    st.sampled_from(["resourceGroup", "location", "tags"]),
    st.sampled_from(["a", "b", "a*", "*"]),
    min_size=1,
)
_LISTS = st.lists(_BLOCKS, max_size=2)


def _written(blocks: list[dict[str, str]]) -> str:
    shown = [
        ", ".join(f"{key}: {f'{{t: {glob!r}}}' if key == 'tags' else repr(glob)}" for key, glob in block.items())
        for block in blocks
    ]
    return "[" + ", ".join(f"{{{each}}}" for each in shown) + "]"


def _rule(name: int, match: list[dict[str, str]], unless: list[dict[str, str]]) -> str:
    parts = [f"match: {_written(match)}"] if match else []
    parts += [f"unless: {_written(unless)}"] if unless else []
    return "  - {" + ", ".join([f"name: r{name}", "action: observe", *parts]) + "}"


@given(
    st.lists(st.tuples(_LISTS, _LISTS), min_size=2, max_size=4),
    st.sampled_from(["a", "b", "ab"]),
    st.sampled_from(["a", "b", "ab"]),
    st.sampled_from(["a", "b", "ab", None]),
)
@settings(deadline=None)
def test_what_is_called_covered_never_decides(
    written: list[tuple[list[dict[str, str]], list[dict[str, str]]]], group: str, location: str, tag: str | None
) -> None:
    rules = observing("\nrules:\n" + "\n".join(_rule(n, *each) for n, each in enumerate(written)) + "\n")
    resource = resource_id(f"/subscriptions/{ID}/resourceGroups/{group}/providers/x.y/z/n")
    facts = all_facts(location=location, tags={"t": tag} if tag else {})

    place, applies = rules.deciding(Subject(a_change(resource=resource), facts))

    assert applies
    assert place not in [covered_place for covered_place, _ in covered(rules.rules)]


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("assignment: '/providers/Microsoft.Management/*/policyAssignments/x'", "'*' stays inside a segment"),
        ("assignment: '**/deploy-*/x'", "ends in /providers/Microsoft.Authorization/policyAssignments/NAME"),
        ("definition: '**/policySetDefinitions/x'", "policyDefinitions/NAME"),
        ("resource: '/providers/Microsoft.Management/managementGroups/alz/**'", "write managementGroup: NAME"),
        ("resource: '/subscriptions/*/keyVaults'", "write '/subscriptions/**/keyVaults'"),
        ("resourceType: /Microsoft.Sql/servers", "such as Microsoft.KeyVault/vaults"),
        ("subscription: prod-*", "by their id, not by their name"),
        ("managementGroup: Landing Zones", "is that its display name?"),
        ("resourceGroup: rg prod", "a resource group's name has no ' '"),
        ("location: west-europe", "such as westeurope"),
        ("effect: auditt*", "is no effect that Azure Policy has"),
    ],
)
def test_a_glob_that_nothing_can_match_is_told(condition: str, told: str) -> None:
    found = of_rules(f"match: {{{condition}}}")

    assert [path for path, _ in found] == [f"rules[0].match.{condition.partition(':')[0]}"]
    assert told in found[0][1]


@pytest.mark.parametrize(
    "condition",
    [
        "assignment: '**/deploy-*'",
        "assignment: /providers/Microsoft.Management/managementGroups/*/providers/**/x",
        f"assignment: /subscriptions/{ID}/**",
        "definition: '**/951af2fa-*'",
        "resource: '**/vaults/*'",
        "resource: /subscriptions/*/resourceGroups/rg-*",
        "resourceType: 'Microsoft.Sql/**'",
        "resourceType: '**/diagnosticSettings'",
        "subscription: 0000*",
        "resourceGroup: 'rg-(prod)_*.x'",
        "location: West Europe",
        "effect: deploy*",
    ],
)
def test_a_glob_that_something_can_match_is_left_in_peace(condition: str) -> None:
    assert of_rules(f"match: {{{condition}}}") == []


@pytest.mark.parametrize(
    ("rule", "path", "told"),
    [
        ("unless: {location: x, effect: '*'}", "rules[0].unless", "location and effect are joined by 'and'"),
        ("unless: [{tags: {a: b, c: d}}]", "rules[0].unless[0]", "the tag a and the tag c are joined by 'and'"),
        ("unless: {location: '*'}, match: {location: x}", "rules[0].unless", "the rule never applies"),
        ("match: {effect: [audit, deny]}", "rules[0].match", "audit, deny cannot be remediated"),
        ("match: [{location: x}, {location: X}]", "rules[0].match[1]", "the same block stands in line 3 already"),
        ("match: {location: [x, y, X]}", "rules[0].match.location[2]", "stands in this list already"),
    ],
)  # fmt: skip
def test_what_is_probably_not_meant_is_told(rule: str, path: str, told: str) -> None:
    found = of_rules(rule)

    assert [each for each, _ in found] == [path]
    assert told in found[0][1]


@pytest.mark.parametrize(
    ("scopes", "path", "told"),
    [
        ("within: [/subscriptions/a, /subscriptions/A]", "within[1]", "covers it already"),
        ("within: [/subscriptions/a/resourceGroups/x, /subscriptions/a]", "within[0]", "covers it already"),
        ("except: [/subscriptions/a, '/subscriptions/*/resourceGroups/x', /subscriptions/a/resourceGroups/x]",
         "except[2]", "covers it already"),
        ("within: [/subscriptions/a]\nexcept: [/subscriptions/b]", "except[0]", "below an entry of 'within'"),
        ("within: [/subscriptions/a, /subscriptions/b]\nexcept: ['/subscriptions/b*']", "within[1]", "leaves nothing"),
    ],
)  # fmt: skip
def test_an_entry_of_the_boundary_without_effect_is_told(scopes: str, path: str, told: str) -> None:
    found = warnings_of(scopes)

    assert [each for each, _ in found] == [path]
    assert told in found[0][1]


@pytest.mark.parametrize(
    "scopes",
    [
        "within: [/providers/Microsoft.Management/managementGroups/alz]\nexcept: [/subscriptions/b]",
        "within: [/subscriptions/a]\nexcept: [/providers/Microsoft.Management/managementGroups/alz]",
        "within: [/subscriptions/a]\nexcept: ['/subscriptions/*/resourceGroups/x']",
        "except: [/subscriptions/a]",
    ],
)
def test_a_boundary_that_may_be_meant_is_left_in_peace(scopes: str) -> None:
    assert warnings_of(scopes) == []


WINDOWS = """
windows:
  night: {days: [Tue, Thu], from: "22:00", to: "04:00", timeZone: UTC, except: [2026-12-24]}
  lunch: {days: [Mon, Tue, Wed, Thu, Fri, Sat, Sun], from: "12:00", to: "13:00", timeZone: UTC}
"""


@pytest.mark.parametrize(
    ("rest", "path", "told"),
    [
        ("rules: [{name: a, action: observe, during: night}]", "windows.lunch", "no rule says 'during: lunch'"),
        ("defaults: {during: night}\nrules: [{name: a, action: remediate, askFor: P1D, during: lunch}]",
         "rules[0].askFor", "only ask asks"),
        ("defaults: {askFor: P4D, during: night}\nrules: [{name: a, action: ask}, {name: b, action: observe, "
         "during: lunch}]",
         "rules[0].askFor", "window night stays closed for 4 days and 18 hours at a time"),
        ("defaults: {during: night}\nlimits: {resourcesPerHour: 499}\nrules: [{name: a, action: ask, during: lunch, "
         "gather: {by: resourceGroup}}]", "limits.resourcesPerHour", "never fits"),
    ],
)  # fmt: skip
def test_what_holds_back_in_vain_or_for_ever_is_told(rest: str, path: str, told: str) -> None:
    found = [each for each in warnings_of(WINDOWS + rest) if "never decides" not in each[1]]

    assert [each for each, _ in found] == [path]
    assert told in found[0][1]


@pytest.mark.parametrize(
    "rest",
    [
        "defaults: {during: night, askFor: P5D}\nrules: [{name: a, action: ask}]",
        "defaults: {during: lunch, askFor: PT23H}\nrules: [{name: a, action: ask}]",
        "defaults: {askFor: PT1M}\nrules: [{name: a, action: remediate}]",
        "limits: {resourcesPerHour: 1}\nrules: [{name: a, action: remediate}]",
    ],
)
def test_what_holds_back_as_it_may_be_meant_is_left_in_peace(rest: str) -> None:
    assert [told for path, told in warnings_of(WINDOWS + rest) if not path.startswith("windows")] == []
