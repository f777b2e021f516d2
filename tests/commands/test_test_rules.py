"""`test-rules`, as a person or a build runs it."""

import json
from pathlib import Path

import pytest

from responder.__main__ import main
from tests.core.test_policy_state import S, an_event

ROOT = Path(__file__).parents[2]
_RULES = """\
version: 1
rules:
  - {name: vaults, match: {resourceType: Microsoft.KeyVault/vaults, location: westeurope}, action: remediate}
"""
_STATE = f"""\
    resourceId: /subscriptions/{S}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv1
    policyAssignmentId: /subscriptions/{S}/providers/Microsoft.Authorization/policyAssignments/pa
    policyDefinitionId: /providers/Microsoft.Authorization/policyDefinitions/pd
"""


class Desk:
    """A folder with rules and their tests, and the command."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys
        self.write("rules.yaml", _RULES)

    def write(self, name: str, text: str) -> None:
        """Put a file on the desk."""
        (self._folder / name).write_text(text, encoding="utf-8")

    def expecting(self, expect: str, state: str = "") -> tuple[int, str, str]:
        """Run one test of a state."""
        self.write("rules.tests.yaml", f"- name: one\n  state:\n{_STATE}{state}\n  expect: {expect}\n")
        return self.run()

    def run(self, *options: str) -> tuple[int, str, str]:
        """Run it; the exit code, what it printed, what it complained of."""
        code = main(["test-rules", str(self._folder / "rules.yaml"), *options])
        printed = self._capsys.readouterr()
        return code, printed.out, printed.err


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_the_shipped_rules_pass_their_tests(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RESPONDER_RULES", raising=False)
    monkeypatch.chdir(ROOT)

    assert main(["test-rules"]) == 0
    assert "11 tests passed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("state", "expect"),
    [
        ("    resourceLocation: West Europe", "{action: remediate, rule: Vaults, reason: mode-observe}"),
        ("    resourceLocation: westeurope", "{answer: unknown, rule: vaults, reason: facts-unreadable}"),
        ("    resourceLocation: northeurope", "{action: ignore, rule: otherwise, reason: no-rule-matches}"),
        ("", "{action: unknown, rule: vaults}"),
        ("    complianceState: Compliant", "{answer: ignore, reason: compliant}"),
        ("    timestamp: 2026-11-20T12:00:00.1234567Z\n    resourceTags: '{}'", "{rule: vaults}"),
    ],
)
def test_what_is_expected_and_found_passes(desk: Desk, state: str, expect: str) -> None:
    assert desk.expecting(expect, state)[:2] == (0, "✓ one\n1 test passed\n")


def test_a_failing_test_says_what_differs_and_which_way_the_rules_went(desk: Desk) -> None:
    code, out, _ = desk.expecting("{action: remediate, rule: vaults}", "    resourceLocation: northeurope")

    assert code == 1
    assert "✗ one" in out
    assert "rules.tests.yaml:1" in out
    assert "    action  expected remediate, found ignore\n    rule    expected vaults, found otherwise\n" in out
    assert "vaults (does not): location northeurope is not westeurope" in out


def test_verdicts_can_be_had_as_json(desk: Desk) -> None:
    desk.expecting("{action: ignore}", "    resourceLocation: westeurope")

    code, out, _ = desk.run("--json")

    (verdict,) = json.loads(out)
    assert code == 1
    assert (verdict["name"], verdict["line"], verdict["passed"]) == ("one", 1, False)
    assert verdict["differences"] == [{"key": "action", "expected": "ignore", "found": "remediate"}]


def test_events_and_facts_may_lie_in_files(desk: Desk) -> None:
    desk.write("event.json", json.dumps(an_event()))
    desk.write("facts.json", json.dumps({"location": "westeurope"}))
    desk.write(
        "rules.tests.yaml", "- {name: one, event: event.json, facts: facts.json, expect: {action: remediate}}\n"
        "- {name: two, event: {eventType: x}, expect: {answer: rejected, reason: unknown-type}}\n"
    )  # fmt: skip

    assert desk.run()[0] == 0


@pytest.mark.parametrize(
    ("tests", "told"),
    [
        ("", "1:1: the file is empty"),
        ("[]", "1:1: there is no test in it"),
        ("tests: []", "the file is not a list"),
        ("- {names: a}", "1:4: tests[0].names: unknown key; did you mean name?"),
        ("- {name: a, event: {}, state: {}, expect: {rule: x}}", "either an event or a state, and not both"),
        ("- {name: a, event: {}, expect: {}}", "tests[0].expect: nothing is expected"),
        ("- {name: a, event: {}, expect: {answer: remediat}}", "did you mean remediate?"),
        ("- {name: a, event: {}, expect: {rule: vault}}", "no rule is called 'vault'; did you mean 'vaults'?"),
        ("- {name: a, event: no.json, expect: {rule: vaults}}", "no.json cannot be read: No such file"),
        ("- {name: a, event: 7, expect: {rule: vaults}}", "tests[0].event: it must be a mapping, or the name"),
        ("- {name: a, event: {}, facts: {colour: red}, expect: {rule: x}}", "tests[0].facts: unknown facts: colour"),
        ("- {name: a, state: {resourceTag: {}}, expect: {rule: vaults}}", "did you mean resourceTags?"),
        ("- {name: a, state: {resourceId: x}, expect: {rule: vaults}}", "tests[0].state: it names no resource"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_tests_is_said_with_its_place_and_is_exit_2(desk: Desk, tests: str, told: str) -> None:
    desk.write("rules.tests.yaml", tests)

    code, out, complaint = desk.run()

    assert (code, out) == (2, "")
    assert told in complaint


def test_what_is_wrong_with_the_rules_is_said_with_its_place_and_is_exit_2(desk: Desk) -> None:
    desk.write("rules.yaml", "version: 1\nmodes: x\n")

    code, _, complaint = desk.run()

    assert code == 2
    assert "rules.yaml:2:1: modes: unknown key" in complaint


def test_without_tests_it_says_which_file_is_missing(desk: Desk) -> None:
    code, _, complaint = desk.run()

    assert code == 2
    assert "rules.tests.yaml: there is no such file" in complaint
