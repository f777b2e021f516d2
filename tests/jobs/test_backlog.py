"""A case that is due and that nobody takes is overdue for all that time, however often the sweep drives it again."""

from datetime import timedelta
from pathlib import Path

from responder.adapters import case_rows
from responder.adapters.case_census import take_census
from responder.adapters.due_queue import Ticket
from responder.adapters.ledger import CASES, Claimed
from responder.core.case import State
from tests.core.builders import a_case
from tests.jobs.an_app import App, an_app


async def overdue(app: App) -> timedelta:
    census = await take_census(app.parts.storage.tables)
    return census.overdue(app.clock())


async def a_case_that_nobody_takes(app: App, minutes: int) -> None:
    await app.table(CASES).put(case_rows.to_entity(a_case(State.GATHERING, due=app.clock())))
    for _ in range(minutes):
        await app.sweeps()


async def test_a_case_that_only_the_sweep_drives_is_overdue_since_it_was_due(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        await a_case_that_nobody_takes(app, minutes=12)

        assert await overdue(app) == timedelta(minutes=12)
        assert (await app.progress("cases")).note != ""


async def test_a_case_that_a_worker_takes_is_not_overdue_any_more(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        await a_case_that_nobody_takes(app, minutes=12)
        [case] = await app.cases()

        claimed = await app.parts.ledger.claim(Ticket(case.id, case.ticket), app.clock())

        assert isinstance(claimed, Claimed)
        assert await overdue(app) == timedelta(0)
