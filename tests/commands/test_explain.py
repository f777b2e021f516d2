"""`explain`, run as a person or a pipeline runs it."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from responder.__main__ import main
from tests.core.test_policy_state import S, an_event

_RULES = f"""\
version: 1
mode: enforce
within: [/subscriptions/{S}]
rules:
  - name: vaults
    because: Vaults must log.
    match: {{effect: deployIfNotExists, resourceType: Microsoft.KeyVault/vaults}}
    unless: {{tags: {{managedBy: terraform}}}}
    action: remediate
"""
_SET = "/providers/Microsoft.Authorization/policySetDefinitions/set"
_ASSIGNMENT = {
    "id": f"/subscriptions/{S}/providers/Microsoft.Authorization/policyAssignments/PA",
    "identity": {"type": "SystemAssigned"},
    "properties": {"policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/PD"},
}
_FACTS = {"effect": "DeployIfNotExists", "tags": {}, "location": "westeurope", "assignment": _ASSIGNMENT}


class Desk:
    """A folder with an event, rules and facts, and the command."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._folder, self._capsys = folder, capsys
        self.write("rules.yaml", _RULES)
        self.write("event.json", json.dumps(an_event()))
        self.write("facts.json", json.dumps(_FACTS))

    def write(self, name: str, text: str) -> None:
        """Put a file on the desk."""
        (self._folder / name).write_text(text, encoding="utf-8")

    def explain(self, *options: str) -> tuple[int, str, str]:
        """Run it; the exit code, what it printed, what it complained of."""
        files = [str(self._folder / name) for name in ("event.json", "rules.yaml", "facts.json")]
        code = main(["explain", files[0], "--rules", files[1], "--facts", files[2], *options])
        printed = self._capsys.readouterr()
        return code, printed.out, printed.err

    def document(self, *options: str) -> Mapping[str, object]:
        """What it prints as JSON."""
        code, out, _ = self.explain("--json", *options)
        assert code == 0
        document = json.loads(out)
        assert isinstance(document, dict)
        return document


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    for name in ("RESPONDER_MODE", "RESPONDER_RULES", "RESPONDER_OWN_SCOPES", "RESPONDER_ARM_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    return Desk(tmp_path, capsys)


def test_a_person_reads_the_answer_first_and_then_the_way_to_it(desk: Desk) -> None:
    code, out, _ = desk.explain()

    assert code == 0
    assert out.startswith("REMEDIATE")
    assert out.index("Vaults must log.") < out.index("✓ vaults") < out.index("✓ too-wide") < out.index("To be opened")


def test_the_json_has_the_keys_of_the_contract(desk: Desk) -> None:
    document = desk.document()

    assert list(document) == ["answer", "rule", "because", "reason", "considered", "preflight", "plan", "due"]
    assert (document["answer"], document["rule"], document["reason"]) == ("remediate", "vaults", "rule")
    assert document["plan"] == {
        "scope": f"/subscriptions/{S}/resourcegroups/my-rg/providers/microsoft.keyvault/vaults/kv1",
        "body": {
            "properties": {
                "policyAssignmentId": f"/subscriptions/{S}/providers/microsoft.authorization/policyassignments/pa",
                "resourceDiscoveryMode": "ReEvaluateCompliance",
                "resourceCount": 1,
                "parallelDeployments": 10,
                "failureThreshold": {"percentage": 0.1},
            }
        },
    }
    assert str(document["due"]).endswith("Z")


def test_a_rule_that_gathers_by_group_plans_for_the_group(desk: Desk) -> None:
    desk.write("rules.yaml", _RULES + "    gather: {by: resourceGroup}\n    task: {resourceCount: 40}\n")

    plan = desk.document()["plan"]

    assert isinstance(plan, dict)
    assert plan["scope"] == f"/subscriptions/{S}/resourcegroups/my-rg"
    assert plan["body"]["properties"]["resourceCount"] == 40


def test_the_reference_id_is_spelled_as_in_the_initiative(desk: Desk) -> None:
    initiative = {
        "id": _SET,
        "properties": {
            "policyDefinitions": [{"policyDefinitionReferenceId": "DiagKv", "policyDefinitionId": "/providers/x/y/PD"}]
        },
    }
    assignment = {**_ASSIGNMENT, "properties": {"policyDefinitionId": _SET}}
    desk.write("event.json", json.dumps(an_event(policyDefinitionReferenceId="diagkv")))
    desk.write("facts.json", json.dumps({**_FACTS, "assignment": assignment, "initiative": initiative}))

    plan = desk.document()["plan"]

    assert isinstance(plan, dict)
    assert plan["body"]["properties"]["policyDefinitionReferenceId"] == "DiagKv"


@pytest.mark.parametrize(
    ("event", "facts", "answer", "reason"),
    [
        ({}, {"tags": {"managedBy": "Terraform"}}, "ignore", "no-rule-matches"),
        ({}, {"effect": "audit"}, "ignore", "no-rule-matches"),
        ({}, {"tags": None}, "unknown", "facts-unreadable"),
        ({}, {"assignment": {**_ASSIGNMENT, "identity": None}}, "blocked", "assignment-has-no-identity"),
        ({"complianceState": "Compliant"}, {}, "ignore", "compliant"),
        ({"eventType": "Microsoft.Storage.BlobCreated"}, {}, "rejected", "unknown-type"),
        ({"subject": "/subscriptions/s2", "topic": "/subscriptions/s2", "subscriptionId": "s2"}, {}, "blocked",
         "outside-boundary"),
    ],
)  # fmt: skip
def test_every_answer_comes_with_its_reason_and_no_plan(
    desk: Desk, event: dict[str, object], facts: dict[str, object], answer: str, reason: str
) -> None:
    desk.write("event.json", json.dumps(an_event(**event)))
    desk.write("facts.json", json.dumps({**_FACTS, **facts}))

    document = desk.document()

    assert (document["answer"], document["reason"]) == (answer, reason)
    assert (document["plan"], document["due"]) == (None, None)
    assert document["because"]


def test_the_setting_for_the_mode_counts_here_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESPONDER_MODE", "observe")

    assert desk.document("--expect", "observe")["reason"] == "mode-observe"


def test_an_approval_and_a_window_are_told_and_may_be_expected(desk: Desk) -> None:
    window = '{days: Tue, from: "22:00", to: "04:00", timeZone: Europe/Zurich}'
    rules = _RULES.replace("action: remediate", "action: ask\n    during: night")
    desk.write("rules.yaml", f"{rules}windows:\n  night: {window}\n")

    code, out, _ = desk.explain("--expect", "ask")

    assert code == 0
    assert out.startswith("ASK  rule")
    told = ("A person is asked", "waits for somebody's approval", "waits for its window", "  and where")
    assert [text for text in told if text not in out] == []


def test_another_answer_than_the_expected_one_is_exit_1(desk: Desk) -> None:
    code, _, complaint = desk.explain("--expect", "ignore")

    assert code == 1
    assert "expected ignore, but the answer is remediate" in complaint


@pytest.mark.parametrize("several", ["[{0}, {0}]", "{0}\n{0}\n"])
def test_several_events_are_explained_one_by_one(desk: Desk, several: str) -> None:
    desk.write("event.json", several.replace("{0}", json.dumps(an_event())))

    code, out, _ = desk.explain("--json", "--expect", "remediate")

    assert code == 0
    assert [document["answer"] for document in json.loads(out)] == ["remediate", "remediate"]


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("rules.yaml", "version: 2\nmode: never\n", "rules.yaml: line 2: mode"),
        ("event.json", "not json", "not JSON"),
        ("event.json", "[]", "event.json holds no event"),
        ("facts.json", "{", "facts.json is not JSON"),
        ("facts.json", '{"colour": "red"}', "facts.json: unknown facts: colour"),
        ("facts.json", '{"assignment": {}}', "the assignment has no properties object"),
    ],
)
def test_what_cannot_be_read_is_exit_2_and_said_in_a_sentence(desk: Desk, file: str, text: str, told: str) -> None:
    desk.write(file, text)

    code, out, complaint = desk.explain()

    assert (code, out) == (2, "")
    assert told in complaint


def test_without_a_facts_file_what_cannot_be_asked_is_said_and_unknown(
    tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESPONDER_ARM_ENDPOINT", "http://127.0.0.1:9")  # nobody listens on the discard port

    code = main(["explain", str(tmp_path / "event.json"), "--rules", str(tmp_path / "rules.yaml"), "--json"])

    printed = capsys.readouterr()
    assert code == 0
    assert json.loads(printed.out)["answer"] == "unknown"
    assert "note: reading the policy states of" in printed.err
