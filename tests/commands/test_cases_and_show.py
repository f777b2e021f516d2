"""`cases` and `show` on a real ledger, as a person runs them."""

import asyncio
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from responder.commands.open_ledger import open_ledger
from responder.core import seen
from responder.core.case import Case
from responder.core.outcome import Outcome
from responder.core.resource_row import Tried
from responder.core.transitions import record
from tests.adapters.test_ledger import a_ledger, admitted, claimed
from tests.core.builders import SETTINGS, a_deployment, a_plan, a_task, at, vault

ROOT = Path(__file__).parents[2]


def _run(storage: str, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment = {**kept, "AzureWebJobsStorage": storage, "PYTHONPATH": str(ROOT), "COLUMNS": "160", **settings}
    command = [sys.executable, "-m", "responder", *words]
    return subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, check=False)


async def run(storage: str, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(_run, storage, *words, **settings)


async def a_failed_round(storage: str) -> str:
    async with a_ledger(storage) as (ledger, _):
        case_id = await admitted(ledger)
        held = await claimed(ledger, case_id, at(3))
        failed = a_deployment("kv1", "Failed", "AuthorizationFailed", "no permission [bold]to write[/]")
        end = seen.TaskEnded(a_task("Failed", 1, 0, 1), Outcome.FAILED, "0 of 1", more=False, deployments=(failed,))
        await ledger.update_rows(held.case, (Tried(vault("kv1"), a_task(), False, timedelta(hours=1)),), at(7))
        case: Case = record(held.case, seen.Planned(a_plan(), SETTINGS), at(3))
        case = record(record(case, seen.TaskSeen(a_task("Running", 1, 0)), at(4)), end, at(7))
        await ledger.settle(held, case, at(7))
    return case_id


async def test_cases_lists_every_case_with_the_fields_of_the_contract(storage: str) -> None:
    case_id = await a_failed_round(storage)

    listed = json.loads((await run(storage, "cases", "--json")).stdout)

    assert [set(row) for row in listed] == [
        {"case", "state", "reason", "rule", "assignment", "reference", "place", "round", "due", "outcome"}
    ]
    assert (listed[0]["case"], listed[0]["state"], listed[0]["outcome"]) == (case_id, "closed", "failed")


async def test_cases_can_be_chosen_by_state_and_assignment(storage: str) -> None:
    await a_failed_round(storage)

    held = await run(storage, "cases", "--state", "held", "--json")
    others = await run(storage, "cases", "--assignment", "no-such", "--json")
    these = await run(storage, "cases", "--assignment", "DEPLOY-diag", "--json")

    assert [json.loads(answer.stdout) for answer in (held, others)] == [[], []]
    assert len(json.loads(these.stdout)) == 1


async def test_a_choice_that_fits_no_case_does_not_call_the_ledger_empty(storage: str) -> None:
    await a_failed_round(storage)

    others = await run(storage, "cases", "--assignment", "no-such")

    assert others.stdout == "No case is like that; `cases` alone lists them all.\n"


async def test_show_tells_the_plan_the_task_each_deployment_and_the_way(storage: str) -> None:
    case_id = await a_failed_round(storage)

    shown = json.loads((await run(storage, "show", case_id[:8], "--json")).stdout)

    assert shown["resources"][0]["complianceState"] == "NonCompliant"
    assert shown["resources"][0]["attempts"] == 1
    assert shown["deployments"][0]["error"]["code"] == "AuthorizationFailed"
    assert shown["task"]["provisioningState"] == "Failed"
    assert [moment["state"] for moment in shown["history"]] == ["gathering", "opening", "running", "closed"]


async def test_show_prints_foreign_text_as_it_is(storage: str) -> None:
    case_id = await a_failed_round(storage)

    shown = (await run(storage, "show", case_id)).stdout

    assert "no permission [bold]to write[/]" in " ".join(shown.split())
    assert "nothing: the round is over" in shown
    assert "closed (failed), round 1" in shown


async def test_a_case_that_does_not_exist_is_one_sentence(storage: str) -> None:
    await a_failed_round(storage)

    shown = await run(storage, "show", "ffffffff")

    assert (shown.returncode, len(shown.stderr.splitlines())) == (2, 1)


async def test_a_storage_account_without_a_ledger_is_one_sentence(storage: str) -> None:
    listed = await run(storage, "cases")

    assert listed.returncode == 2
    assert "no ledger yet" in listed.stderr


async def test_storage_that_nobody_answers_for_is_one_sentence() -> None:
    nobody = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YWJj;TableEndpoint=http://127.0.0.1:9/a;"
    listed = await run(nobody + "QueueEndpoint=http://127.0.0.1:9/a", "cases")

    assert (listed.returncode, len(listed.stderr.splitlines())) == (2, 1)
    assert "nobody answers" in listed.stderr


async def test_storage_that_refuses_the_key_is_one_sentence(storage: str) -> None:
    wrong = storage.replace("AccountKey=", "AccountKey=QUJD")

    listed = await run(wrong, "cases")

    assert listed.returncode == 2
    assert "refused" in listed.stderr


async def test_the_ledger_can_be_opened_by_a_program(storage: str) -> None:
    case_id = await a_failed_round(storage)

    async with open_ledger({"AzureWebJobsStorage": storage}) as ledger:
        case = await ledger.case(case_id)

    assert case is not None
    assert case.outcome is Outcome.FAILED


async def test_before_a_decision_the_rule_is_one_that_may_decide(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await admitted(ledger)

    shown = (await run(storage, "show", case_id)).stdout

    assert "may be: " in next(line for line in shown.splitlines() if line.startswith("rule "))
