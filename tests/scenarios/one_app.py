"""One running app that many small stories share, each about a vault in a resource group of its own."""

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import aiohttp

from responder.adapters.ledger import Ledger
from responder.commands.open_ledger import open_ledger
from responder.core import instant
from responder.core.case import Case, State
from responder.local.azurite import Azurite
from responder.local.laptop import Laptop
from tests.core.builders import ASSIGNMENT, DEFINITION, SUBSCRIPTION, vault
from tests.scenarios.estates import QUICK, RULES, SCANNED, an_estate, an_event
from tests.scenarios.patience import eventually

PATIENCE = 45.0
DIALS = {**QUICK, "notVisibleFor": "PT0S"}


def group(name: str) -> str:
    """The resource group of a story."""
    return f"{SUBSCRIPTION}/resourcegroups/rg-{name}"


@dataclass(frozen=True, slots=True)
class Policy:
    """What assigns what."""

    assignment: str = ASSIGNMENT
    definition: str = DEFINITION


USUAL = Policy()


def event_of(name: str, policy: Policy = USUAL, scanned: str = SCANNED) -> dict[str, object]:
    """The event about a story's vault."""
    event = an_event(name, scanned=scanned, subject=vault(name, group(name)))
    ids = {"policyAssignmentId": policy.assignment, "policyDefinitionId": policy.definition}
    return {**event, "data": {**cast(dict[str, object], event["data"]), **ids}}


@dataclass(frozen=True, slots=True)
class App:
    """The app, what it talks to, and its ledger."""

    laptop: Laptop
    ledger: Ledger

    @property
    def storage(self) -> str:
        """The connection string of its storage."""
        return self.laptop.storage

    async def breaks(self, name: str, policy: Policy = USUAL, **remediation: str) -> None:
        """A vault breaks the policy; `remediation` says what will come of remediating it."""
        resource = vault(name, group(name))
        state = {
            "resourceId": resource,
            "policyAssignmentId": policy.assignment,
            "policyDefinitionId": policy.definition,
            "timestamp": SCANNED,
        }
        added = {"resources": [{"id": resource, "remediation": remediation}], "states": [state]}
        await self.laptop.control("POST", "estate", added)

    async def breaks_and_tells(self, name: str, policy: Policy = USUAL, **remediation: str) -> None:
        """The same, and the event arrives."""
        await self.breaks(name, policy, **remediation)
        assert await self.laptop.deliver(event_of(name, policy)) == 202

    async def spoil(self, name: str, method: str, path: str, **fault: object) -> None:
        """Make a call of this story go wrong."""
        await self.laptop.control("POST", "faults", [{"method": method, "path": f"/rg-{name}/.*{path}", **fault}])

    async def case(self, name: str, such: Callable[[Case], bool], what: str) -> Case:
        """The story's case, once it is such."""

        async def look() -> Case | None:
            found = [case for case in await self.ledger.cases() if case.key.place.startswith(group(name))]
            return next((case for case in found if such(case)), None)

        return await eventually(look, f"the case of {name} to be {what}", PATIENCE)

    async def held(self, name: str, reason: str) -> Case:
        """The story's case, once it is held for this reason."""
        return await self.case(name, lambda case: (case.state, case.reason) == (State.HELD, reason), f"held: {reason}")

    async def over(self, name: str) -> Case:
        """The story's case, once it is over."""
        return await self.case(name, lambda case: case.state in (State.CLOSED, State.STOPPED), "over")

    async def tasks(self, name: str) -> list[dict[str, Any]]:
        """Every task that was ever opened for the story, also those that were replaced."""
        found = await self.laptop.control("GET", "remediations")
        assert isinstance(found, list)
        return [task for task in found if f"/rg-{name}" in task["scope"].lower()]

    async def requests(self, name: str) -> list[dict[str, Any]]:
        """Every request to Azure about the story, in order."""
        found = await self.laptop.control("GET", "requests")
        assert isinstance(found, list)
        return [request for request in found if f"/rg-{name}/" in f"{request['path'].lower()}/"]

    def events_told(self) -> list[dict[str, object]]:
        """The attributes of every event's span."""
        spans = [span for span in self.laptop.spans() if span["name"] == "policy state change"]
        return [cast(dict[str, object], span["attributes"]) for span in spans]

    async def ask_azure(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """What somebody else does in Azure."""
        url = f"{self.laptop.simulated}{path}?api-version=2024-10-01"
        async with aiohttp.ClientSession() as session, session.request(method, url, json=body) as answer:
            told: dict[str, Any] = json.loads(await answer.text())
        assert answer.status < 300, told
        return told

    async def in_order_again(self) -> None:
        """No faults, usual dials: for the next story."""
        await self.laptop.control("DELETE", "faults")
        await self.laptop.control("PUT", "dials", DIALS)


@asynccontextmanager
async def one_app(folder: Path, rules: str = RULES, settings: Mapping[str, str] | None = None) -> AsyncIterator[App]:
    """An app whose ledger exists, in an estate where nothing is broken yet."""
    (folder / "rules.yaml").write_text(rules)
    async with Azurite() as azurite:
        storage = azurite.connection_string
        async with Laptop(folder, folder / "rules.yaml", an_estate(), settings or {}, storage=storage) as laptop:
            await laptop.control("PUT", "dials", DIALS)
            assert await laptop.deliver(an_event("break-glass")) == 202  # the first event makes the ledger
            async with open_ledger({"AzureWebJobsStorage": storage}) as ledger:
                yield App(laptop, ledger)


def seconds_between(earlier: str, later: str) -> float:
    """How far apart two of Azure's timestamps are."""
    return (instant.ticks(later) - instant.ticks(earlier)) / 1e7
