"""The simulator answers what Azure was recorded to answer: sessions of real traffic, refusals, failed deployments.

Sessions are compared step by step: status, keys, kinds of values, the headers that were kept, and ids in the very
spelling of the recording.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.local.estate_builders import (
    ASSIGNMENT,
    GROUP,
    INITIATIVE,
    MANAGEMENT_GROUP,
    SUBSCRIPTION,
    Answer,
    Sandbox,
    a_resource,
    a_simulator,
    a_task,
    a_vault,
    an_assignment,
    an_estate,
    an_estate_for,
    insights,
)

RECORDINGS = Path(__file__).parents[1] / "data" / "recordings"
REFUSALS = json.loads((RECORDINGS / "remediation_errors.json").read_text())
DEPLOYMENT_ERRORS = json.loads((RECORDINGS / "remediation_deployment_errors.json").read_text())
SESSIONS = sorted(RECORDINGS.glob("*_session.json"))
CATALOGUES = {"remediation_errors.json", "remediation_deployment_errors.json"}
INSIGHTS = "/providers/Microsoft.PolicyInsights"


def test_every_recording_is_played() -> None:
    recorded = {path.name for path in RECORDINGS.glob("*.json")}

    assert recorded == CATALOGUES | {path.name for path in SESSIONS}


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
async def test_a_recorded_session_is_answered_alike_step_by_step(path: Path) -> None:
    session = _json(path)
    async with a_simulator(an_estate_for(session[0]["request"]["body"]), accepted="PT10S") as azure:
        for step in session:
            asked, recorded = step["request"], step["response"]

            answer = await azure.ask(
                asked["method"], urlsplit(asked["uri"]).path, asked["body"], _version(asked["uri"])
            )

            assert answer.status == recorded["status"]
            assert _shape(answer.body) == _shape(recorded["body"])
            assert _spelled(answer.body) == _spelled(recorded["body"])
            _assert_headers(answer, recorded["headers"])


@pytest.mark.parametrize("entry", REFUSALS, ids=lambda entry: entry["body"]["error"]["message"][-40:])
async def test_a_recorded_refusal_is_given_in_the_same_words(entry: Mapping[str, Any]) -> None:
    error = entry["body"]["error"]

    async with _refusing() as azure:
        answer, names = await _refused(azure, error["message"])

    assert answer.status == (entry["http"] or 400)
    assert answer.body == {"error": {"code": error["code"], "message": error["message"].format(**names)}}


@pytest.mark.parametrize("entry", DEPLOYMENT_ERRORS, ids=lambda entry: entry["message"][:40])
async def test_a_deployment_can_fail_with_each_recorded_message(entry: Mapping[str, Any]) -> None:
    vault = a_vault("kv1")
    error = {"code": "DeploymentFailed", "message": entry["message"]}
    estate = an_estate([vault], [a_resource(vault, outcome="fails", error=error)])

    async with a_simulator(estate) as azure, insights(azure.url) as client:
        await client.remediations.create_or_update_at_resource(GROUP, "task", a_task())
        await azure.advance(2)
        rows = [row async for row in client.remediations.list_deployments_at_resource(GROUP, "task")]

    assert [row.status for row in rows] == ["Failed"]
    assert rows[0].error is not None
    assert rows[0].error.message == entry["message"]


def _json(path: Path) -> Any:
    return json.loads(path.read_text())


def _version(uri: str) -> str:
    return uri.rpartition("api-version=")[2]


@asynccontextmanager
async def _refusing() -> AsyncIterator[Sandbox]:
    """A task that has ended, one that runs, and an assignment of an initiative."""
    by_initiative = an_assignment(f"{ASSIGNMENT}-all", INITIATIVE)
    estate = an_estate([a_vault("kv1")], assignments=[an_assignment(), by_initiative])
    async with a_simulator(estate, deployment="PT1H") as azure:
        await azure.ask("PUT", f"{SUBSCRIPTION}/resourceGroups/rg-done{INSIGHTS}/remediations/done", a_task())
        await azure.advance(1)
        await azure.ask("PUT", f"{GROUP}{INSIGHTS}/remediations/running", a_task())
        yield azure


async def _refused(azure: Sandbox, message: str) -> tuple[Answer, dict[str, str]]:
    reference = {"policyAssignmentId": f"{ASSIGNMENT}-all"}
    reevaluate = a_task(resourceDiscoveryMode="ReEvaluateCompliance")
    cases: dict[str, tuple[str, str, str, object]] = {
        "subscription scope and below": ("PUT", MANAGEMENT_GROUP, "new", reevaluate),
        "single policy definition reference": ("PUT", GROUP, "new", {"properties": reference}),
        "already running": ("PUT", a_vault("kv1"), "new", a_task()),
        "changed or replaced": ("PUT", GROUP, "running", a_task()),
        "before it can be deleted": ("DELETE", GROUP, "running", None),
        "cannot be cancelled": ("POST", f"{SUBSCRIPTION}/resourceGroups/rg-done", "done/cancel", None),
    }
    method, scope, name, body = next(case for words, case in cases.items() if words in message)
    assignment = f"{ASSIGNMENT}-all" if body == {"properties": reference} else ASSIGNMENT
    names = {"name": name, "assignmentId": assignment, "referenceId": "", "runningName": "running"}
    return await azure.ask(method, f"{scope}{INSIGHTS}/remediations/{name}", body), names


def _shape(body: Any) -> Any:
    """The body with kinds in place of values."""
    if isinstance(body, dict):
        return {key: _shape(value) for key, value in body.items()}
    if isinstance(body, list):
        return [_shape(value) for value in body]
    return type(body).__name__


def _spelled(body: Any) -> Any:
    """What must be the very same: ids in their spelling, names, states, counters."""
    exact = {"id", "name", "type", "policyAssignmentId", "provisioningState", "resourceDiscoveryMode"}
    exact |= {"totalDeployments", "successfulDeployments", "failedDeployments"}
    if isinstance(body, dict):
        return {k: v if k in exact else _spelled(v) for k, v in body.items() if k in exact or _deep(v)}
    return [_spelled(value) for value in body] if isinstance(body, list) else None


def _deep(value: Any) -> bool:
    return isinstance(value, dict | list)


def _assert_headers(answer: Answer, recorded: Mapping[str, str]) -> None:
    assert answer.headers["content-type"] == recorded["content-type"]
    assert set(recorded) <= {name.lower() for name in answer.headers}
    assert 0 < int(answer.headers["x-ms-ratelimit-remaining-policy-insights-requests"]) < 150
