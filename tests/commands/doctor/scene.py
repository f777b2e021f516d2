"""An app that is set up as it should be: storage with its ledger, rules, a simulated Azure with rights, topic and event
subscription. Each test breaks one thing.
"""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.blob.aio import BlobServiceClient
from azure.storage.queue.aio import QueueServiceClient

from responder.__main__ import main
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.progress import PROGRESS, ProgressRows
from responder.core.doctor_rights import NEEDED
from responder.core.progress import Progress
from responder.local.simulator.server import Simulator
from responder.wiring import build, read_setup
from tests.az_options import commands_in, known, misunderstood, name_of
from tests.core.builders import SUBSCRIPTION
from tests.scenarios.estates import an_estate

GROUP = f"{SUBSCRIPTION}/resourceGroups/rg-responder"
SUBSCRIPTION_ID = SUBSCRIPTION.rsplit("/", 1)[1]
SITE = f"{GROUP}/providers/Microsoft.Web/sites/func-responder"
TOPIC = f"{GROUP}/providers/Microsoft.EventGrid/systemTopics/egst-responder"
PRINCIPAL = "22222222-2222-2222-2222-222222222222"
TOPIC_PRINCIPAL = "66666666-6666-6666-6666-666666666666"
CLIENT = "33333333-3333-3333-3333-333333333333"
ROLE = "44444444-4444-4444-4444-444444444444"
RULES = f"""
version: 1
mode: enforce
within: ["{SUBSCRIPTION}"]
rules:
  - name: vaults
    because: Key vaults must always log.
    match: {{resourceType: Microsoft.KeyVault/vaults}}
    action: remediate
"""
Json = dict[str, Any]


def a_role(*actions: str) -> Json:
    """The custom role, or one that allows something else."""
    named = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{ROLE}"
    permissions = [{"actions": list(actions or NEEDED), "notActions": []}]
    return {"id": named, "properties": {"roleName": "Azure Policy Responder", "permissions": permissions}}


def a_role_assignment(scope: str = SUBSCRIPTION) -> Json:
    """The app's identity holds it."""
    properties = {"scope": scope, "principalId": PRINCIPAL, "roleDefinitionId": a_role()["id"]}
    return {"id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/ra-1", "properties": properties}


def a_topic(source: str = SUBSCRIPTION, named: str = TOPIC) -> Json:
    """A system topic of Azure Policy."""
    kind = "Microsoft.PolicyInsights.PolicyStates"
    identity = {"type": "SystemAssigned", "principalId": TOPIC_PRINCIPAL}
    properties = {"source": source, "topicType": kind, "provisioningState": "Succeeded"}
    return {"id": named, "identity": identity, "properties": properties}


def a_topics_role(account: str, where: str = "blobServices/default/containers/responder-dead-letters") -> Json:
    """The topic may put dead letters into the container, or what else is named."""
    scope = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/{account}/{where}"
    role = (
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe" if where.startswith("blob") else "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a"
    )
    named = f"{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    properties = {"scope": scope, "principalId": TOPIC_PRINCIPAL, "roleDefinitionId": named}
    return {"id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/ra-2", "properties": properties}


def an_event_subscription(account: str, topic: str = TOPIC, name: str = "responder") -> Json:
    """One that delivers everything to the function."""
    storage = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/{account}"
    letters = {"resourceId": storage, "blobContainerName": "responder-dead-letters"}
    return {
        "id": f"{topic}/eventSubscriptions/{name}",
        "name": name,
        "properties": {
            "provisioningState": "Succeeded",
            "destination": {
                "endpointType": "AzureFunction",
                "properties": {"resourceId": f"{SITE}/functions/policy_state_change"},
            },
            "filter": {"includedEventTypes": [f"Microsoft.PolicyInsights.PolicyState{each}" for each in _KINDS]},
            "deadLetterWithResourceIdentity": {
                "identity": {"type": "SystemAssigned"},
                "deadLetterDestination": {"endpointType": "StorageBlob", "properties": letters},
            },
            "eventDeliverySchema": "CloudEventSchemaV1_0",
            "retryPolicy": {"maxDeliveryAttempts": 30, "eventTimeToLiveInMinutes": 1440},
        },
    }


_KINDS = ("Created", "Changed", "Deleted")


UNASKED = ("az login", "az monitor app-insights component show")  # without options; of an extension


def not_of_az(mend: str) -> list[str]:
    """The commands and options in what mends something that the Azure CLI would not understand."""
    commands = [command for line in mend.splitlines() for command in commands_in(line)]
    unknown = [name for name in map(name_of, commands) if name not in known() and name not in UNASKED]
    return [*unknown, *(option for command in commands for option in misunderstood(command))]


@dataclass
class Scene:
    """What stands, how the doctor is called, and what it says."""

    url: str
    http: aiohttp.ClientSession
    folder: Path
    storage: str
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    estate: Json = field(default_factory=dict)

    @property
    def account(self) -> str:
        """The storage account's name."""
        return self.storage.partition("AccountName=")[2].partition(";")[0]

    def setting(self, name: str, value: str) -> None:
        """Give a setting another value."""
        self.monkeypatch.setenv(name, value)

    def rules(self, text: str) -> None:
        """Write other rules."""
        (self.folder / "rules.yaml").write_text(text, encoding="utf-8")

    async def change(self, **changes: object) -> None:
        """Put another estate in the place of the one that stands."""
        self.estate = {**copy.deepcopy(self.estate), **changes}
        async with self.http.put(f"{self.url}/_simulator/estate", data=json.dumps(self.estate)) as answer:
            assert answer.status == 200, await answer.text()

    async def change_event_subscription(self, **changes: object) -> None:
        """Change properties of the event subscription."""
        told = copy.deepcopy(self.estate["eventSubscriptions"][0])
        told["properties"] |= changes
        await self.change(eventSubscriptions=[told])

    async def fault(self, **fault: object) -> None:
        """Make Resource Manager answer otherwise, always."""
        async with self.http.post(f"{self.url}/_simulator/faults", json=[{"times": None, **fault}]) as answer:
            assert answer.status == 200, await answer.text()

    async def requests(self) -> int:
        """How many requests Resource Manager was asked so far."""
        async with self.http.get(f"{self.url}/_simulator/requests") as answer:
            return len(await answer.json())

    async def doctor(self, *words: str) -> tuple[int, list[dict[str, str]]]:
        """Call the doctor: its exit code and its findings."""
        self.capsys.readouterr()
        code = await asyncio.to_thread(main, ["doctor", "--json", *words])
        told: list[dict[str, str]] = json.loads(self.capsys.readouterr().out)
        for each in told:
            assert not_of_az(each["mend"]) == [], each["mend"]
        return code, told

    async def only(self, section: str, check: str, *words: str) -> list[dict[str, str]]:
        """What it says about one thing, beside all that is well."""
        _, told = await self.doctor("--only", section, *words)
        return [each for each in told if each["check"] == check and each["verdict"] != "ok"]

    async def the(self, section: str, check: str, *words: str) -> dict[str, str]:
        """The one thing that it finds there."""
        found = await self.only(section, check, *words)
        assert len(found) == 1, found
        return found[0]


@asynccontextmanager
async def a_healthy_app(
    storage: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Scene]:
    """The app, and nothing broken."""
    simulator = Simulator()
    url = await simulator.start()
    async with aiohttp.ClientSession() as http:
        scene = Scene(url, http, folder, storage, monkeypatch, capsys)
        scene.rules(RULES)
        monkeypatch.chdir(folder)
        settings = {
            "AzureWebJobsStorage": storage,
            "RESPONDER_RULES": "rules.yaml",
            "RESPONDER_ARM_ENDPOINT": url,
            "RESPONDER_OWN_SCOPES": GROUP,
            "RESPONDER_TRACE_FILE": str(folder / "traces.jsonl"),
            "WEBSITE_SITE_NAME": "func-responder",
        }
        for name, value in settings.items():
            scene.setting(name, value)
        await _a_ledger(settings)
        await _queues_and_dead_letters(storage)
        await scene.change(
            **an_estate("kv1"),
            roleDefinitions=[a_role()],
            roleAssignments=[a_role_assignment(), a_topics_role(scene.account)],
            systemTopics=[a_topic()],
            eventSubscriptions=[an_event_subscription(scene.account)],
        )
        try:
            yield scene
        finally:
            await simulator.stop()


async def _a_ledger(settings: dict[str, str]) -> None:
    parts = await build(read_setup(settings))
    now = datetime.now(UTC)
    await ProgressRows(ConditionalTable(parts.storage.tables, PROGRESS)).note(Progress("cases", now, "No case."))
    await parts.close()


async def _queues_and_dead_letters(storage: str) -> None:
    async with QueueServiceClient.from_connection_string(storage) as queues:
        for name in ("responder-events", "responder-cases"):
            try:
                await queues.create_queue(name)
            except ResourceExistsError:
                continue
    async with BlobServiceClient.from_connection_string(storage) as blobs:
        await blobs.create_container("responder-dead-letters")
