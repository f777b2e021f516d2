"""A wide estate on a simulator, and the survey commands run against it as a person runs them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from responder.__main__ import main
from responder.local.simulator.server import Simulator
from tests.local.wide_estate import MANAGEMENT_GROUP, a_subscription, a_wide_estate

RULES = """\
version: 1
mode: observe
within: [{within}]
rules:
  - name: managed by terraform
    because: Terraform would undo it.
    match: {{tags: {{managedBy: terraform}}}}
    action: ignore
  - name: everything that can be remediated
    because: A policy that deploys is meant to.
    match: {{effect: [deployIfNotExists, modify]}}
    gather: {{by: resourceGroup}}
    action: remediate
"""


@dataclass(frozen=True)
class Scene:
    """The estate's simulator, a folder with rules, and what the commands print."""

    url: str
    http: aiohttp.ClientSession
    folder: Path
    capsys: pytest.CaptureFixture[str]

    async def run(self, *words: str) -> tuple[int, str, str]:
        """Run a command in this folder's terms: its exit code, and what it printed on both streams."""
        told = ["--rules", str(self.folder / "rules.yaml")] if "--rules" not in words else []
        code = await asyncio.to_thread(main, [*words, *told])
        printed = self.capsys.readouterr()
        return code, printed.out, printed.err

    async def fault(self, **fault: object) -> None:
        """Make something go wrong."""
        async with self.http.post(f"{self.url}/_simulator/faults", json=[fault]) as answer:
            assert answer.status == 200, await answer.text()

    async def clear_faults(self) -> None:
        """End what goes wrong."""
        async with self.http.delete(f"{self.url}/_simulator/faults") as answer:
            assert answer.status == 200

    async def dials(self, **dials: object) -> None:
        """Set some of the simulator's dials."""
        async with self.http.put(f"{self.url}/_simulator/dials", json=dials) as answer:
            assert answer.status == 200

    async def requests(self, ending: str) -> list[dict[str, object]]:
        """The requests whose path ends so."""
        async with self.http.get(f"{self.url}/_simulator/requests") as answer:
            told = await answer.json()
        return [each for each in told if str(each["path"]).lower().endswith(ending)]


@asynccontextmanager
async def a_scene(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    subscriptions: int = 2,
    states: int = 100,
    within: Sequence[str] = (MANAGEMENT_GROUP,),
) -> AsyncIterator[Scene]:
    """A scene of some subscriptions with some states each."""
    (folder / "rules.yaml").write_text(RULES.format(within=", ".join(within)), encoding="utf-8")
    simulator = Simulator()
    url = await simulator.start()
    monkeypatch.setenv("RESPONDER_ARM_ENDPOINT", url)
    try:
        async with aiohttp.ClientSession() as http:
            await _put(http, url, "PUT", a_wide_estate(subscriptions))
            for number in range(subscriptions):
                await _put(http, url, "POST", a_subscription(number, states))
            yield Scene(url, http, folder, capsys)
    finally:
        await simulator.stop()


async def _put(http: aiohttp.ClientSession, url: str, method: str, estate: object) -> None:
    async with http.request(method, f"{url}/_simulator/estate", data=json.dumps(estate)) as answer:
        assert answer.status == 200, await answer.text()
