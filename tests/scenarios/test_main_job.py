"""The main job, whole: the real host, a real storage service, the real SDKs, a simulated Resource Manager."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from responder.adapters.ledger import Ledger
from responder.commands.open_ledger import open_ledger
from responder.core.case import Case, State
from responder.local.laptop import Laptop
from tests.core.builders import GROUP, vault
from tests.scenarios.estates import QUICK, RULES, an_estate, an_event
from tests.scenarios.patience import eventually


@asynccontextmanager
async def a_laptop(storage: str, folder: Path, estate: dict[str, object], rules: str = RULES) -> AsyncIterator[Laptop]:
    (folder / "rules.yaml").write_text(rules)
    async with Laptop(folder, folder / "rules.yaml", estate, storage=storage) as laptop:
        await laptop.control("PUT", "dials", {**QUICK, "eventsTo": laptop.webhook})
        yield laptop


async def over(ledger: Ledger) -> list[Case] | None:
    cases = await ledger.cases()
    return cases if cases and all(case.state in (State.CLOSED, State.STOPPED) for case in cases) else None


async def cases_over(storage: str) -> list[Case]:
    async with open_ledger({"AzureWebJobsStorage": storage}) as ledger:
        return await eventually(lambda: over(ledger), "every case to be over")


async def tasks(laptop: Laptop) -> list[dict[str, Any]]:
    found = await laptop.control("GET", "remediations")
    assert isinstance(found, list)
    return found


async def test_an_event_becomes_one_task_that_is_followed_verified_and_told(storage: str, tmp_path: Path) -> None:
    async with a_laptop(storage, tmp_path, an_estate("kv1")) as laptop:
        assert await laptop.deliver(an_event("kv1")) == 202

        cases = await cases_over(storage)

        assert [(case.state, case.outcome) for case in cases] == [(State.CLOSED, "verified")]
        assert [task["scope"].lower() for task in await tasks(laptop)] == [vault("kv1")]
        assert [span["name"] for span in laptop.spans()].count("remediation") == 1


async def test_resources_of_a_group_that_break_a_policy_together_get_one_task(storage: str, tmp_path: Path) -> None:
    async with a_laptop(storage, tmp_path, an_estate("kv1", "kv2", "kv3")) as laptop:
        for name in ("kv1", "kv2", "kv3"):
            await laptop.deliver(an_event(name))

        cases = await cases_over(storage)

        assert [(case.outcome, case.key.place) for case in cases] == [("verified", GROUP)]
        assert [task["scope"].lower() for task in await tasks(laptop)] == [GROUP]


async def test_the_one_that_fails_is_tried_again_alone_and_given_up_without_its_group(
    storage: str, tmp_path: Path
) -> None:
    async with a_laptop(storage, tmp_path, an_estate("kv1", "kv2", "kv3", kv3="fails")) as laptop:
        for name in ("kv1", "kv2", "kv3"):
            await laptop.deliver(an_event(name))

        cases = await cases_over(storage)

        stopped = [(case.reason, case.key.place) for case in cases if case.state is State.STOPPED]
        assert stopped == [("given-up", vault("kv3"))]
        assert [task["scope"].lower() for task in await tasks(laptop)] == [GROUP, vault("kv3")]
        failed = [span for span in laptop.spans() if span["name"] == "deployment" and span["status"]["code"] == "ERROR"]  # type: ignore[index]
        assert [span["attributes"]["responder.resource"] for span in failed] == 2 * [vault("kv3")]  # type: ignore[index]


async def test_a_forbidden_neighbour_splits_the_group_into_tasks_of_their_own(storage: str, tmp_path: Path) -> None:
    async with a_laptop(storage, tmp_path, an_estate("kv1", "kv2", "break-glass")) as laptop:
        for name in ("kv1", "kv2", "break-glass"):
            await laptop.deliver(an_event(name))

        cases = await cases_over(storage)

        assert sorted(task["scope"].lower() for task in await tasks(laptop)) == [vault("kv1"), vault("kv2")]
        assert sorted(str(case.outcome) for case in cases) == ["verified", "verified", "withdrawn"]


async def test_the_reason_stays_with_the_case_the_resource_and_the_trace(storage: str, tmp_path: Path) -> None:
    async with a_laptop(storage, tmp_path, an_estate("kv1")) as laptop:
        await laptop.deliver(an_event("kv1"))
        cases = await cases_over(storage)
        async with open_ledger({"AzureWebJobsStorage": storage}) as ledger:
            rows = await ledger.rows(cases[0].key)

        plan, admitted = cases[0].plan, rows[0].admitted
        assert plan is not None
        assert admitted is not None
        assert (plan.rule, plan.facts["effect"], plan.facts["identity"]) == (
            "vaults",
            "deployifnotexists",
            "systemassigned",
        )
        assert (admitted.answer, admitted.rule, admitted.digest) == ("remediate", "vaults", plan.digest)
        confirm = next(span for span in laptop.spans() if span["name"] == "confirm")
        assert confirm["attributes"]["responder.rule.digest"] == plan.digest  # type: ignore[index]
