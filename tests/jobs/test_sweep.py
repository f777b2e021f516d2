"""The jobs of a sweep beside each other: one that fails keeps none of the others from running."""

import asyncio
import base64
import json
import logging
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError

from responder.adapters import case_rows
from responder.adapters.ledger import CASES
from responder.adapters.progress import PROGRESS
from responder.core.case import Hold, State
from responder.core.slots import Want
from tests.core.builders import a_case, a_key, at, vault
from tests.jobs.an_app import RULES, App, an_app


async def test_each_job_tells_when_it_last_ran_and_what_it_did(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        await app.sweeps()

        told = {job: (await app.progress(job)).note for job in ("cases", "rules", "backfill", "retention")}

        assert told["cases"] == "No case stood still."
        assert told["rules"] == "The rules changed: no case had waited for that."
        assert told["retention"].endswith("32 of 256 slices were looked at.")


async def test_cases_that_stand_still_are_driven_again(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        await app.table(CASES).put(case_rows.to_entity(a_case(State.GATHERING)))
        app.clock.passes(minutes=5)

        await app.sweeps()

        [case] = await app.cases()
        assert (case.ticket != "t1", case.due) == (True, app.clock())
        assert (await app.progress("cases")).note == "1 cases stood still and were driven again."


async def test_a_job_that_fails_is_logged_with_its_name_and_the_others_run(
    storage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with an_app(storage, tmp_path) as app:
        broken = {"PartitionKey": "sweep", "RowKey": "backfill", "at": "no time at all"}
        await app.table(PROGRESS).create()
        await app.table(PROGRESS).put(broken)

        await app.sweeps()

        assert "sweep: the job 'backfill' failed" in caplog.text
        assert (await app.progress("retention")).at == app.clock()


async def test_a_sweep_fails_where_cases_cannot_be_driven_and_does_the_rest_first(
    storage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with an_app(storage, tmp_path, backfill=False) as app:
        await app.parts.storage.tables.delete_table(CASES)

        with caplog.at_level(logging.ERROR), pytest.raises(ResourceNotFoundError):
            await app.sweeps()

        assert "non-compliant states read" in (await app.progress("backfill")).note
        assert (await app.progress("cases")).note == "failed: ResourceNotFoundError"


async def test_two_sweeps_at_once_drive_a_case_once(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        await app.table(CASES).put(case_rows.to_entity(a_case(State.GATHERING)))
        app.clock.passes(minutes=5)

        await asyncio.gather(*(app.sweeps() for _ in range(4)))

        assert await tickets(app) == [(await app.cases())[0].ticket]


async def test_the_slot_of_a_case_that_is_over_is_freed_for_the_one_that_waits(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path, rules=RULES + "limits: {running: 1}\n") as app:
        over, waits = (a_key(place=vault(name)) for name in ("kv1", "kv2"))
        reason = Hold.WAITING_FOR_SLOT
        for case in (a_case(State.CLOSED, key=over), a_case(State.HELD, key=waits, reason=reason, due=at(9999))):
            await app.table(CASES).put(case_rows.to_entity(case))
        await app.parts.slots.take(Want(over.id, 1, "d", 1, app.clock()), app.clock())
        await app.parts.slots.take(Want(waits.id, 1, "d", 1, app.clock()), app.clock())

        await app.sweeps()

        woken = await app.parts.ledger.case(waits.id)
        assert woken is not None
        assert ((await app.parts.slots.look()).holders, woken.due) == ((), app.clock())


async def tickets(app: App) -> list[str]:
    """What stands on the queue for the one case, by the tickets that are not void."""
    queue = app.parts.storage.queues.get_queue_client("responder-cases")
    valid = {case.ticket for case in await app.cases()}
    bodies = [str(message.content) for message in await queue.peek_messages(32)]
    found = [json.loads(base64.b64decode(body))["ticket"] for body in bodies]
    return [ticket for ticket in found if ticket in valid]
