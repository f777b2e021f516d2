"""What restrains the app, on the running app: limits, the breaker, and a count that is too small for its group."""

from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from responder.commands.open_ledger import open_ledger
from responder.core.case import Hold, State
from tests.commands.test_cases_and_show import run
from tests.core.builders import DEFINITION, GROUP, vault
from tests.scenarios.estates import RULES, an_estate, an_event
from tests.scenarios.patience import eventually
from tests.scenarios.test_main_job import a_laptop, cases_over, tasks

ALONE = RULES.replace("    gather: {by: resourceGroup}\n", "")


def with_file_keys(rules: str, keys: str) -> str:
    return rules.replace("defaults:\n", f"{keys}\ndefaults:\n", 1)


async def test_a_group_that_is_larger_than_its_count_goes_on_as_a_group(storage: str, tmp_path: Path) -> None:
    names = ("kv1", "kv2", "kv3", "kv4", "kv5")
    rules = RULES.replace(
        "    gather: {by: resourceGroup}\n", "    gather: {by: resourceGroup}\n    task: {resourceCount: 2}\n"
    )
    async with a_laptop(storage, tmp_path, an_estate(*names), rules) as laptop:
        for name in names:
            await laptop.deliver(an_event(name))

        cases = await cases_over(storage)

        scopes = [task["scope"].lower() for task in await tasks(laptop)]
        assert scopes[:2] == [GROUP, GROUP]
        assert len(scopes) == 3
        assert [(case.outcome, case.key.place) for case in cases] == [("verified", GROUP)]


async def test_no_more_tasks_run_than_the_limit_allows_and_whoever_waits_is_woken(storage: str, tmp_path: Path) -> None:
    names = ("kv1", "kv2", "kv3", "kv4")
    rules = with_file_keys(ALONE, "limits: {running: 1}")
    async with a_laptop(storage, tmp_path, an_estate(*names), rules) as laptop:
        for name in names:
            await laptop.deliver(an_event(name))

        cases = await cases_over(storage)

        assert [case.outcome for case in cases] == ["verified"] * 4
        assert any(moment.reason == Hold.WAITING_FOR_SLOT for case in cases for moment in case.history)
        assert overlapping(await tasks(laptop)) == []


async def test_a_definition_that_only_goes_wrong_is_held_until_a_person_resumes_it(
    storage: str, tmp_path: Path
) -> None:
    rules = with_file_keys(ALONE, "breaker: {badRounds: 1}").replace("attempts: 2", "attempts: 1")
    async with a_laptop(storage, tmp_path, an_estate("kv1", "kv2", kv1="fails"), rules) as laptop:
        await laptop.deliver(an_event("kv1"))
        await cases_over(storage)
        await laptop.deliver(an_event("kv2"))
        why = await eventually(lambda: held_as(storage, Hold.BREAKER_OPEN), "a case that the breaker holds")
        before = len(await tasks(laptop))

        resumed = await run(storage, "resume", "--definition", DEFINITION, "--reason", "the role is granted")
        cases = await cases_over(storage)

        assert "resume --definition" in why
        assert (before, resumed.returncode) == (1, 0), resumed.stderr
        assert {case.key.place: str(case.outcome or case.reason) for case in cases}[vault("kv2")] == "verified"


async def held_as(storage: str, hold: Hold) -> str | None:
    async with open_ledger({"AzureWebJobsStorage": storage}) as ledger:
        held = [case for case in await ledger.cases(State.HELD.value) if case.reason == hold]
    return held[0].because if held else None


def overlapping(found: list[dict[str, Any]]) -> list[str]:
    """Tasks that began before the one before them had ended."""
    spans = sorted((_when(task["createdOn"]), _when(task["lastUpdatedOn"]), task["name"]) for task in found)
    return [later[2] for earlier, later in pairwise(spans) if later[0] < earlier[1] - timedelta(milliseconds=1)]


def _when(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))
