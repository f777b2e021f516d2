"""Small estates for the simulator, and the real SDKs pointed at it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientSession
from azure.core.credentials import AccessToken
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.policyinsights.aio import PolicyInsightsClient
from azure.mgmt.resource.policy.aio import PolicyClient
from multidict import CIMultiDictProxy
from yarl import URL

from responder.local.simulator.server import Simulator

SUBSCRIPTION = "/subscriptions/3b9f7d2c-0000-4000-8000-000000000001"
GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-app"
MANAGEMENT_GROUP = "/providers/Microsoft.Management/managementGroups/alz"
ASSIGNMENT = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments/Deploy-Diag"
DEFINITION = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/policyDefinitions/diag"
INITIATIVE = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/policySetDefinitions/diag-all"


def a_vault(name: str, group: str = GROUP) -> str:
    """The id of a key vault."""
    return f"{group}/providers/Microsoft.KeyVault/vaults/{name}"


def vaults(count: int) -> list[str]:
    """Ids of some key vaults in one group."""
    return [a_vault(f"kv{number:03}") for number in range(count)]


def a_resource(resource_id: str, **remediation: object) -> dict[str, object]:
    """A resource, and what comes of remediating it: `outcome`, `error`, `takes`."""
    return {"id": resource_id, "location": "westeurope", "remediation": remediation}


def an_assignment(
    assignment_id: str = ASSIGNMENT, definition: str = DEFINITION, scope: str = SUBSCRIPTION
) -> dict[str, object]:
    """An assignment with an identity of its own."""
    return {
        "id": assignment_id,
        "location": "westeurope",
        "identity": {"type": "SystemAssigned", "principalId": "11111111-0000-4000-8000-000000000001"},
        "properties": {"policyDefinitionId": definition, "scope": scope, "enforcementMode": "Default"},
    }


def a_state(resource_id: str, **changes: object) -> dict[str, object]:
    """A non-compliant state of the assignment, or what `changes` make of it."""
    return {
        "resourceId": resource_id,
        "policyAssignmentId": ASSIGNMENT,
        "policyDefinitionId": DEFINITION,
        **changes,
    }


def an_estate(
    broken: Sequence[str] = (), resources: Sequence[dict[str, object]] = (), **more: object
) -> dict[str, object]:
    """One assignment and a non-compliant state for each of `broken`."""
    groups = [{"name": "alz", "subscriptions": [SUBSCRIPTION.rpartition("/")[2]]}]
    return {
        "managementGroups": groups,
        "assignments": [an_assignment()],
        "definitions": [{"id": DEFINITION, "properties": {"mode": "Indexed"}}],
        "resources": list(resources),
        "states": [a_state(each) for each in broken],
        **more,
    }


def a_task(**properties: object) -> dict[str, object]:
    """The body of a PUT for the assignment."""
    return {"properties": {"policyAssignmentId": ASSIGNMENT, **properties}}


def an_estate_for(body: Mapping[str, Any]) -> dict[str, object]:
    """The assignment that the body of a PUT names, of an initiative where the body has a reference."""
    asked = body["properties"]
    kind = "policySetDefinitions" if "policyDefinitionReferenceId" in asked else "policyDefinitions"
    definition = f"/providers/Microsoft.Authorization/{kind}/some"
    return {"assignments": [an_assignment(asked["policyAssignmentId"], definition)]}


class _NoCredential:
    """Never asked: the simulator takes requests without a token."""

    async def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
        raise AssertionError("no token is needed on this machine")

    async def close(self) -> None:
        """Nothing to close."""

    async def __aenter__(self) -> _NoCredential:
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Nothing to close."""


class _NoAuthentication(SansIOHTTPPolicy):
    def on_request(self, request: PipelineRequest) -> None:
        """Send the request as it is."""


@asynccontextmanager
async def insights(url: str) -> AsyncIterator[PolicyInsightsClient]:
    """The SDK for policy states and remediations, without retries."""
    async with PolicyInsightsClient(
        _NoCredential(), "", base_url=url, authentication_policy=_NoAuthentication(), retry_total=0
    ) as client:
        yield client


@asynccontextmanager
async def policies(url: str) -> AsyncIterator[PolicyClient]:
    """The SDK for assignments and definitions, without retries."""
    subscription = SUBSCRIPTION.rpartition("/")[2]
    async with PolicyClient(
        _NoCredential(), subscription, base_url=url, authentication_policy=_NoAuthentication(), retry_total=0
    ) as client:
        yield client


class Sandbox:
    """A running simulator: its URL, plain HTTP to it, and its control endpoints by name."""

    def __init__(self, url: str, http: ClientSession) -> None:
        self.url = url
        self.http = http

    async def ask(self, method: str, path: str, body: object = None, version: str = "2024-10-01") -> Answer:
        """One request as any client would send it; the path may have its query."""
        mark = "&" if "?" in path else "?"
        url = URL(f"{self.url}{path}{mark}api-version={version}", encoded=True)
        async with self.http.request(method, url, json=body) as answer:
            text = await answer.text()
            return Answer(answer.status, json.loads(text) if text else None, answer.headers)

    async def control(self, method: str, name: str, body: object = None) -> Any:
        """A control request that must be good; returns what it said."""
        async with self.http.request(method, f"{self.url}/_simulator/{name}", json=body) as answer:
            told = await answer.json()
            assert answer.status == 200, told
            return told

    async def advance(self, seconds: float) -> None:
        """Move the simulated time on."""
        await self.control("POST", "clock", {"advance": f"PT{seconds}S"})


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: CIMultiDictProxy[str]


@asynccontextmanager
async def a_simulator(estate: object = None, **dials: object) -> AsyncIterator[Sandbox]:
    """A simulator whose clock stands still until it is advanced, with an estate and some dials."""
    simulator = Simulator(clock_speed=0)
    url = await simulator.start()
    try:
        async with ClientSession() as http:
            sandbox = Sandbox(url, http)
            await sandbox.control("PUT", "estate", estate or an_estate())
            await sandbox.control("PUT", "dials", dials)
            yield sandbox
    finally:
        await simulator.stop()
