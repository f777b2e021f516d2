"""What nobody told us, read from a simulated Azure into a real ledger, tick by tick."""

import asyncio
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from handlers import policy_state_change
from responder.core.backfill import EVENT_ID
from responder.core.backfill_cycle import STOPPED
from responder.core.case import Kind, State
from responder.core.resource_id import resource_id
from responder.jobs.backfill import memory_of
from tests.core.builders import ASSIGNMENT, GROUP, a_key, vault
from tests.jobs.an_app import App, a_state, an_app
from tests.scenarios.estates import THE_ASSIGNMENT, an_event

_STATES = "/queryResults"


async def rows_of(app: App) -> dict[str, str]:
    rows = await app.parts.ledger.rows(a_key(Kind.GROUP))
    return {row.resource: row.event_id for row in rows}


async def test_states_that_no_event_announced_are_admitted_as_news(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        await app.breaks("kv1", "kv2", "break-glass", scanned=app.clock.ago(hours=2))

        note = await app.sweeps_to_the_end()

        assert [(case.key.place, case.state) for case in await app.cases()] == [(GROUP, State.GATHERING)]
        assert await rows_of(app) == {vault("kv1"): EVENT_ID, vault("kv2"): EVENT_ID}
        assert note.startswith("3 non-compliant states read, 2 wanted by a rule, 2 of them unannounced, 2 admitted, 0")


async def test_without_backfill_they_are_only_counted(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path, backfill=False) as app:
        await app.breaks("kv1", "kv2", scanned=app.clock.ago(hours=2))

        note = await app.sweeps_to_the_end()

        assert await app.cases() == []
        assert "2 of them unannounced, 0 admitted" in note


async def test_what_was_scanned_within_the_hour_is_left_to_its_event(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        await app.breaks("kv1", scanned=app.clock.ago(minutes=50))

        note = await app.sweeps_to_the_end()

        assert await app.cases() == []
        assert "1 wanted by a rule, 0 of them unannounced" in note


async def test_what_an_event_announced_is_not_admitted_again(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        scanned = app.clock.ago(hours=2)
        await app.breaks("kv1", scanned=scanned)
        await policy_state_change.handle(an_event("kv1", scanned=scanned), "", app.parts)

        note = await app.sweeps_to_the_end()

        assert (await rows_of(app))[vault("kv1")] != EVENT_ID
        assert "0 of them unannounced" in note


async def test_a_cycle_begins_when_its_time_has_come_and_not_before(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        await app.sweeps_to_the_end()
        await app.sweeps()
        first = await app.queries()

        app.clock.passes(hours=6)
        await app.sweeps()

        assert (first, await app.queries()) == (1, 2)


async def test_a_tick_reads_two_pages_and_the_next_goes_on_where_it_was(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path, backfill=False) as app:
        await app.control("PUT", "dials", {"pageSize": 3})
        await app.breaks(*(f"kv{n:02}" for n in range(20)), scanned=app.clock.ago(hours=2))
        asked = []

        for _ in range(4):
            await app.sweeps()
            asked.append(await app.queries())

        assert asked == [2, 4, 6, 7]
        assert "20 non-compliant states read, 20 wanted by a rule, 20" in (await app.progress("backfill")).note


async def test_an_app_that_is_started_anew_goes_on_with_the_cycle(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path, backfill=False) as app:
        await app.control("PUT", "dials", {"pageSize": 3})
        await app.breaks(*(f"kv{n:02}" for n in range(9)), scanned=app.clock.ago(hours=2))
        await app.sweeps()
        cursor = (await app.progress("backfill")).cursor

        await app.sweeps()

        assert memory_of(await app.progress("backfill")).cycle is None
        assert '"states":6' in cursor


async def test_azure_asks_us_to_wait_and_nothing_is_asked_before(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        await app.breaks("kv1", scanned=app.clock.ago(hours=2))
        fault = {"method": "POST", "path": _STATES, "status": 429, "headers": {"Retry-After": "150"}}
        await app.control("POST", "faults", [fault])

        await app.sweeps()
        held = (await app.progress("backfill")).note
        await app.sweeps()
        asked = await app.queries()
        app.clock.passes(minutes=2)

        assert ("Azure asks us to wait until" in held, asked) == (True, 1)
        assert "1 admitted" in await app.sweeps_to_the_end()


async def test_what_others_were_told_to_wait_for_holds_backfill_too(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        until = app.clock() + timedelta(minutes=10)
        await app.parts.throttles.told(resource_id(GROUP), until, "HTTP 429", app.clock())

        await app.sweeps()

        assert "Azure asks us to wait until 2026-11-20 12:10:00" in (await app.progress("backfill")).note
        assert await app.queries() == 0


async def test_a_scope_that_may_not_be_read_is_told_and_the_cycle_ends(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        fault = {"method": "POST", "path": _STATES, "status": 403, "code": "AuthorizationFailed", "times": 1}
        await app.control("POST", "faults", [fault])

        note = await app.sweeps_to_the_end()

        assert "HTTP 403, AuthorizationFailed" in note


async def test_a_link_that_leads_nowhere_any_more_begins_the_scope_anew(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path, backfill=False) as app:
        await app.control("PUT", "dials", {"pageSize": 3})
        await app.breaks(*(f"kv{n:02}" for n in range(9)), scanned=app.clock.ago(hours=2))
        await app.sweeps()
        await app.control("POST", "faults", [{"method": "POST", "path": _STATES, "status": 400, "times": 1}])

        note = await app.sweeps_to_the_end()

        assert note.startswith("9 non-compliant states read")


async def test_facts_of_many_policies_are_read_over_several_ticks(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path, backfill=False) as app:
        ids = [f"{ASSIGNMENT}-{n:02}" for n in range(25)]
        states = [a_state("kv1", app.clock.ago(hours=2), each) for each in ids]
        assignments = [{**THE_ASSIGNMENT, "id": each, "name": each.rpartition("/")[2]} for each in ids]
        await app.control("POST", "estate", {"resources": [{"id": vault("kv1")}], "assignments": assignments})
        await app.control("POST", "estate", {"states": states})

        await app.sweeps()
        half = (await app.progress("backfill")).note
        note = await app.sweeps_to_the_end()

        assert "20 states so far" in half
        assert note.startswith("25 non-compliant states read, 25 wanted")


async def test_two_sweeps_at_once_count_everything_once(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        await app.control("PUT", "dials", {"pageSize": 3})
        await app.breaks(*(f"kv{n:02}" for n in range(9)), scanned=app.clock.ago(hours=2))

        for _ in range(3):
            app.clock.passes(minutes=1)
            await asyncio.gather(*(app.ticks() for _ in range(3)))

        assert "9 of them unannounced, 9 admitted" in (await app.progress("backfill")).note
        assert len(await rows_of(app)) == 9


async def test_it_is_noticed_that_events_have_stopped_and_that_they_come_again(
    storage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with an_app(storage, tmp_path, backfill=False) as app:
        await app.breaks("kv1", scanned=app.clock.ago(hours=2))
        before = await app.sweeps_to_the_end()
        app.clock.passes(hours=6)
        await app.breaks("kv2", scanned=app.clock.ago(hours=2))

        stopped = await app.sweeps_to_the_end()
        told = [record.levelno for record in caplog.records if STOPPED in record.getMessage()]
        app.clock.passes(hours=6)
        scanned = app.clock.ago(hours=2)
        await app.breaks("kv3", scanned=scanned)
        await policy_state_change.handle(an_event("kv3", scanned=scanned), "", app.parts)
        again = await app.sweeps_to_the_end()

        assert [STOPPED in note for note in (before, stopped, again)] == [False, True, False]
        assert told == [logging.ERROR]


async def test_an_event_of_something_mended_since_shows_that_events_come(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path, backfill=False) as app:
        await app.sweeps_to_the_end()
        app.clock.passes(hours=6)
        await policy_state_change.handle(an_event("kv1", scanned=app.clock.ago(hours=3)), "", app.parts)
        await app.breaks("kv2", scanned=app.clock.ago(hours=2))

        note = await app.sweeps_to_the_end()

        assert "1 of them unannounced" in note
        assert STOPPED not in note
