"""Reading what holds back: limits, breaker, retries, windows, approvals."""

from datetime import date, time, timedelta

import pytest

from responder.core.decision import Answer, decide
from responder.core.rule_settings import Bounds, Settings
from responder.core.rules import BadRules, read_rules
from responder.core.window import Window
from tests.core.builders import a_change
from tests.core.policies import all_facts, observing, rules_of

NIGHT = 'night: {days: [Tue, Thu], from: "22:00", to: "04:00", timeZone: Europe/Zurich}'
WEEKEND = 'weekend: {days: [Sat, Sun], from: "00:00", to: "00:00", timeZone: UTC}'
ARCHITECTURE = f"""
version: 1
mode: observe
within: [/providers/Microsoft.Management/managementGroups/alz, /subscriptions/00000000-0000-0000-0000-000000000000]
except: [/providers/Microsoft.Management/managementGroups/alz-sandbox, "/subscriptions/*/resourceGroups/rg-legacy*"]
limits: {{running: 50, perDefinition: 100, resourcesPerHour: 2000}}
breaker: {{badRounds: 5}}
defaults:
  retry: {{attempts: 3, wait: PT15M, factor: 2}}
windows:
  {NIGHT}
rules:
  - name: prod by approval
    because: Production changes need a window and a second pair of eyes.
    match: [{{managementGroup: alz-prod}}, {{resourceGroup: "rg-prod-*"}}]
    action: ask
    askFor: P3D
    during: night
otherwise: ignore
"""


def settings_of(rule: str, head: str = "") -> Settings:
    return observing(f"{head}\nrules:\n  - {{name: a, action: remediate, {rule}}}\n").rules[0].settings


def problems_of(text: str) -> list[tuple[str, str]]:
    with pytest.raises(BadRules) as caught:
        read_rules(f"version: 1\n{text}")
    return [(problem.path, problem.message) for problem in caught.value.problems]


def test_what_holds_back_is_read_as_it_is_written() -> None:
    rules = read_rules(ARCHITECTURE)

    (rule,) = rules.rules
    assert (rule.action, rule.settings.ask_for) == ("ask", timedelta(days=3))
    assert rule.settings.during == Window("night", (1, 3), time(22), time(4), "Europe/Zurich")
    assert rules.windows == (rule.settings.during,)


def test_limits_and_breaker_have_defaults_key_by_key() -> None:
    usual = observing("")
    strict = observing("limits: {running: 3}\nbreaker: {badRounds: 1}")

    assert (usual.limits, usual.breaker_bad_rounds) == (Bounds(50, 100, 2000), 5)
    assert (strict.limits, strict.breaker_bad_rounds) == (Bounds(3, 100, 2000), 1)


def test_a_rule_overrides_the_retry_of_the_defaults_key_by_key() -> None:
    settings = settings_of("retry: {wait: PT1H}", "defaults: {retry: {attempts: 1, factor: 1.5}}")

    assert (settings.retry_attempts, settings.retry_wait, settings.retry_factor) == (1, timedelta(hours=1), 1.5)


def test_a_rule_waits_for_its_own_window_or_that_of_the_defaults_or_for_none() -> None:
    head = f"windows: {{{NIGHT}, {WEEKEND}}}\ndefaults: {{during: night}}"

    named = [settings_of(rule, head).during for rule in ("during: weekend", "because: x", "during: always")]

    assert [window.name if window else None for window in named] == ["weekend", "night", None]
    assert settings_of("because: x").during is None


@pytest.mark.parametrize(
    ("written", "days"),
    [("mon", (0,)), ("[SUN, Mon, sun]", (0, 6)), ("[Mon, Tue, Wed, Thu, Fri, Sat, Sun]", tuple(range(7)))],
)
def test_days_are_one_or_a_list_in_any_case(written: str, days: tuple[int, ...]) -> None:
    text = f'windows: {{w: {{days: {written}, from: "09:30", to: "17:00", timeZone: UTC}}}}'

    assert observing(text).windows[0].days == days


@pytest.mark.parametrize("written", ["2026-12-24", "'2026-12-24'", "[2026-12-24, '2026-12-24']"])
def test_an_excepted_date_may_be_in_quotes_or_not(written: str) -> None:
    text = f'windows: {{w: {{days: Thu, from: "09:30", to: "17:00", timeZone: UTC, except: {written}}}}}'

    assert observing(text).windows[0].closed_on == (date(2026, 12, 24),)


@pytest.mark.parametrize(
    ("keys", "path", "told"),
    [
        ("days: []", "days", "the window would never open"),
        ("days: Tuesday", "days", "write Tue"),
        ("days: Mon-Fri", "days", "days are Mon, Tue, Wed"),
        ("days: [1]", "days", "reads it as a number"),
        ("days: {Mon: 1}", "days", "must be a text"),
        ("from: 22:00", "from", 'put it in quotes: "22:00"'),
        ("from: 9:05", "from", 'put it in quotes: "09:05"'),
        ("to: '24:00'", "to", 'midnight is "00:00"'),
        ("to: '9:30'", "to", "no time of day"),
        ("to: 9.30", "to", "reads it as a number (9.3)"),
        ("to: true", "to", "reads it as a boolean"),
        ("timeZone: europe/zurich", "timeZone", "did you mean Europe/Zurich?"),
        ("timeZone: Europe/Zurch", "timeZone", "did you mean Europe/Zurich?"),
        ("timeZone: New York", "timeZone", "did you mean America/New_York?"),
        ("timeZone: Europe", "timeZone", "no time zone of the IANA database"),
        ("timeZone: ../../etc/passwd", "timeZone", "no time zone of the IANA database"),
        ("timeZone: localtime", "timeZone", "no time zone of the IANA database"),
        ("timeZone: ''", "timeZone", "such as Europe/Zurich or UTC"),
        ("timeZone: 1", "timeZone", "reads it as a number"),
        ("except: [Christmas]", "except", "no date such as 2026-12-24"),
        ("except: [2026-12-24 10:00:00]", "except", "write the date alone: 2026-12-24"),
        ("except: '2026-02-30'", "except", "not in the calendar"),
        ("tz: UTC", "tz", "did you mean timeZone?"),
        ("start: '22:00'", "start", "did you mean from?"),
        ("running: 3", "running", "known here are days, from, to, timeZone, except"),
    ],
)
def test_what_is_wrong_with_a_window_is_named_with_its_path(keys: str, path: str, told: str) -> None:
    good = {"days": "days: Tue", "from": "from: '22:00'", "to": "to: '04:00'", "timeZone": "timeZone: UTC"}

    found = problems_of(f"windows: {{w: {{{', '.join((good | {keys.partition(':')[0]: keys}).values())}}}}}")

    assert [each for each, _ in found] == [f"windows.w.{path}"]
    assert told in found[0][1]


def test_a_window_needs_all_of_its_keys_but_the_exceptions() -> None:
    found = problems_of("windows: {w: {}}")

    assert [path for path, _ in found] == ["windows.w.days", "windows.w.from", "windows.w.to", "windows.w.timeZone"]
    assert {message for _, message in found} == {"it is missing"}


@pytest.mark.parametrize(
    ("text", "path", "told"),
    [
        ("defaults: {during: night}", "defaults.during", "'windows' at the top of the file defines none"),
        (f"windows: {{{NIGHT}}}\ndefaults: {{during: Night}}", "defaults.during", "did you mean 'night'?"),
        (f"windows: {{{NIGHT}}}\ndefaults: {{during: day}}", "defaults.during", "there are night"),
        ("defaults: {during: [night]}", "defaults.during", "must be a text"),
        (f"windows: {{{NIGHT.replace('night', 'Always')}}}", "windows.Always", "choose another name"),
        (
            "windows: {' ': {days: Tue, from: '22:00', to: '04:00', timeZone: UTC}}",
            "windows. ",
            "1 to 100 printable characters",
        ),
        ("windows: [night]", "windows", "must be a mapping"),
        ("windows: {night: Tue}", "windows.night", "must be a mapping"),
        ("limits: {running: 0}", "limits.running", "at least 1, not 0"),
        ("limits: {running: 1.5}", "limits.running", "a whole number"),
        ("limits: {perDefinition: 101}", "limits.perDefinition", "Azure runs no more tasks of one definition"),
        ("limits: {perdefinition: 1}", "limits.perdefinition", "did you mean perDefinition?"),
        ("breaker: {badRounds: 0}", "breaker.badRounds", "at least 1"),
        ("breaker: 5", "breaker", "must be a mapping"),
        ("badRounds: 5", "badRounds", "write breaker: {badRounds: …}"),
        ("running: 5", "running", "write limits: {running: …}"),
        ("attempts: 5", "attempts", "known here are"),
        ("askFor: P1D", "askFor", "write defaults: {askFor: …}"),
        ("defaults: {retry: {attempts: 0}}", "defaults.retry.attempts", "at least 1"),
        ("defaults: {retry: {attempts: 21}}", "defaults.retry.attempts", "at most 20"),
        ("defaults: {retry: {wait: PT0S}}", "defaults.retry.wait", "at least PT1S"),
        ("defaults: {retry: {factor: 0.5}}", "defaults.retry.factor", "at least 1"),
        ("defaults: {retry: {factor: double}}", "defaults.retry.factor", "must be a number"),
        ("defaults: {retry: {factor: .inf}}", "defaults.retry.factor", "a number that has an end"),
        ("defaults: {retry: 3}", "defaults.retry", "must be a mapping"),
        ("defaults: {attempts: 3}", "defaults.attempts", "write retry: {attempts: …}"),
        ("defaults: {askFor: PT30S}", "defaults.askFor", "at least PT1M"),
        ("defaults: {limits: {running: 1}}", "defaults.limits", "it belongs at the top of the file"),
        ("rules: [{name: a, action: ask, windows: {}}]", "rules[0].windows", "it belongs at the top of the file"),
        ("rules: [{name: a, action: ask, window: x}]", "rules[0].window", "did you mean during?"),
        ("rules: [{name: a, action: ask, match: {during: x}}]", "rules[0].match.during", "in the rule or in defaults"),
        ("otherwise: ask", "otherwise", "'ignore' or 'observe'"),
    ],
)
def test_what_is_wrong_with_the_rest_is_named_with_its_path(text: str, path: str, told: str) -> None:
    found = problems_of(text)

    assert [each for each, _ in found] == [path]
    assert told in found[0][1]


def test_a_rule_may_ask() -> None:
    decision = decide(a_change(), all_facts(), rules_of("- {name: all, action: ask}"))

    assert (decision.answer, decision.reason, decision.action) == (Answer.ASK, "rule", "ask")
    assert "Rule 'all' asks for approval of /subscriptions/" in decision.because


def test_in_mode_observe_nobody_is_asked() -> None:
    decision = decide(a_change(), all_facts(), rules_of("- {name: all, action: ask}").adapted("observe", ()))

    assert (decision.answer, decision.reason, decision.action) == (Answer.OBSERVE, "mode-observe", "ask")
    assert decision.because.endswith("The mode is observe: mode enforce would ask for approval of it.")


def digest(rule: str, head: str = "") -> str:
    return observing(f"{head}\nrules:\n  - {{name: a, action: ask, {rule}}}\n").rules[0].digest


def test_a_digest_depends_on_what_the_named_window_says_and_not_on_limits_or_other_windows() -> None:
    plain = digest("during: night", f"windows: {{{NIGHT}}}")

    assert plain != digest("during: night", f"windows: {{{NIGHT.replace('04:00', '05:00')}}}")
    assert plain != digest("because: x")
    assert plain == digest("during: night", f"windows: {{{NIGHT}, {WEEKEND}}}\nlimits: {{running: 1}}")


@pytest.mark.parametrize("changed", ["retry: {attempts: 4}", "askFor: P1D", "retry: {factor: 3}"])
def test_a_digest_depends_on_the_terms_of_a_retry_and_of_an_approval(changed: str) -> None:
    assert digest("cooldown: PT1H") != digest(changed)
