"""`explain` where the facts are read from Resource Manager: the real SDKs, the simulator."""

import asyncio
import json
from pathlib import Path

import aiohttp
import pytest

from responder.__main__ import main
from responder.local.simulator.server import Simulator
from tests.core.policies import a_document
from tests.core.test_policy_state import S, an_event

_SUBJECT = f"/subscriptions/{S}/resourceGroups/My-RG/providers/Microsoft.KeyVault/vaults/KV1"
_ASSIGNMENT = f"/subscriptions/{S}/providers/Microsoft.Authorization/policyAssignments/PA"
_DEFINITION = "/providers/Microsoft.Authorization/policyDefinitions/PD"
_RULES = f"""\
version: 1
mode: enforce
within: [/subscriptions/{S}]
rules:
  - name: tags in europe
    match: {{effect: modify, location: westeurope, tags: {{env: prod}}}}
    action: remediate
"""


def an_estate() -> dict[str, object]:
    definition = a_document("azure-policy/policyDefinitions/Tags__AddOrReplaceTag_Modify.json")
    return {
        "assignments": [
            {
                "id": _ASSIGNMENT,
                "name": "PA",
                "identity": {"type": "SystemAssigned", "principalId": "p", "tenantId": "t"},
                "properties": {"policyDefinitionId": _DEFINITION, "scope": f"/subscriptions/{S}"},
            }
        ],
        "definitions": [definition | {"id": _DEFINITION, "name": "PD"}],
        "resources": [{"id": _SUBJECT, "location": "westeurope", "tags": {"Env": "Prod"}}],
        "states": [
            {
                "resourceId": _SUBJECT,
                "policyAssignmentId": _ASSIGNMENT,
                "policyDefinitionId": _DEFINITION,
                "complianceState": "NonCompliant",
                "policyDefinitionAction": "modify",
            }
        ],
    }


async def test_what_no_facts_file_gives_is_read_from_resource_manager(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "rules.yaml").write_text(_RULES, encoding="utf-8")
    (tmp_path / "event.json").write_text(json.dumps(an_event()), encoding="utf-8")
    words = ["explain", str(tmp_path / "event.json"), "--rules", str(tmp_path / "rules.yaml"), "--json"]
    simulator = Simulator()
    url = await simulator.start()
    monkeypatch.setenv("RESPONDER_ARM_ENDPOINT", url)

    try:
        async with aiohttp.ClientSession() as control, control.put(f"{url}/_simulator/estate", json=an_estate()) as put:
            assert put.status < 300, await put.text()
        code = await asyncio.to_thread(main, words)
    finally:
        await simulator.stop()

    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert (code, printed.err) == (0, "")
    assert (document["answer"], document["rule"]) == ("remediate", "tags in europe")
    assert all(check["holds"] for check in document["preflight"])
