"""What only hours bring about: told by the app's own sweep on a clock that jumps, and judged by the alert rules."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from handlers import policy_state_change
from responder.adapters import case_rows
from responder.adapters.due_queue import Ticket
from responder.adapters.ledger import CASES
from responder.core.case import State
from tests.core.builders import a_case
from tests.jobs.an_app import App, an_app
from tests.queries.rules import fired, rules
from tests.scenarios.estates import an_event
from tests.wire.ingestion import Ingestion, receiving
from tests.wire.tables import Tables

SILENCE = timedelta(minutes=16)


@asynccontextmanager
async def a_told_app(storage: str, folder: Path) -> AsyncIterator[tuple[App, Ingestion]]:
    """An app in this process whose telemetry arrives here."""
    async with (
        receiving() as ingestion,
        an_app(
            storage, folder, backfill=False, APPLICATIONINSIGHTS_CONNECTION_STRING=ingestion.connection_string
        ) as app,
    ):
        yield app, ingestion


async def passes(app: App, ingestion: Ingestion, minutes: int, every: int = 5) -> set[str]:
    """So many minutes with a tick each few of them, told at the times that the app's clock shows; what fires then."""
    for _ in range(0, minutes, every):
        before = len(ingestion.envelopes)
        app.clock.passes(minutes=every)
        await app.ticks()
        await app.parts.telemetry.flush_all()
        for envelope in ingestion.envelopes[before:]:
            envelope["time"] = app.clock().isoformat().replace("+00:00", "Z")
    return now_firing(ingestion.rows(), app.clock())


def now_firing(tables: Tables, now: datetime) -> set[str]:
    """The names of the rules that fire."""
    return {rule.name for rule in rules() if fired(rule.name, tables, now)}


async def test_a_case_that_nobody_takes_is_a_backlog_until_somebody_takes_it(storage: str, tmp_path: Path) -> None:
    async with a_told_app(storage, tmp_path) as (app, ingestion):
        await app.table(CASES).put(case_rows.to_entity(a_case(State.GATHERING, due=app.clock())))
        early = await passes(app, ingestion, 30)
        late = await passes(app, ingestion, 20)
        [case] = await app.cases()
        await app.parts.ledger.claim(Ticket(case.id, case.ticket), app.clock())
        after = await passes(app, ingestion, 5)

    assert (early, late, after) == (set(), {"backlog"}, set())


async def test_an_app_that_stopped_is_silent_after_a_while_and_a_new_one_is_not(storage: str, tmp_path: Path) -> None:
    async with a_told_app(storage, tmp_path) as (app, ingestion):
        new = now_firing(ingestion.rows(), app.clock())
        running = await passes(app, ingestion, 15)
        found = [now_firing(ingestion.rows(), app.clock() + after) for after in (timedelta(minutes=10), SILENCE)]

    assert (new, running, found) == (set(), set(), [set(), {"sweep-silent"}])


async def test_events_that_stopped_are_told_until_one_comes_again(storage: str, tmp_path: Path) -> None:
    async with a_told_app(storage, tmp_path) as (app, ingestion):
        await app.sweeps_to_the_end()
        app.clock.passes(hours=6)
        await app.breaks("kv2", scanned=app.clock.ago(hours=2))
        await app.sweeps_to_the_end()
        stopped = await passes(app, ingestion, 5)

        app.clock.passes(hours=6)
        scanned = app.clock.ago(hours=2)
        await app.breaks("kv3", scanned=scanned)
        await policy_state_change.handle(an_event("kv3", scanned=scanned), "", app.parts)
        await app.sweeps_to_the_end()
        again = await passes(app, ingestion, 5)

    assert "events-stopped" in stopped
    assert "events-stopped" not in again
