"""Forgetting on a real storage service: what goes, what stays, and how a pass goes on from tick to tick."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from responder.adapters import case_rows, resource_rows
from responder.adapters.ledger import CASES, RESOURCES
from responder.adapters.poison import POISONED
from responder.core.case import Case, Moment, State
from responder.core.resource_row import ResourceRow
from tests.core.builders import START, a_case, a_key, a_row, scan, vault
from tests.jobs.an_app import App, Clock, an_app

RETENTION = timedelta(days=60)


def a_clock() -> Clock:
    """Long after everything was written: the service itself stamps each row with its own time, too."""
    return Clock(max(START, datetime.now(UTC)) + RETENTION + timedelta(days=1))


def a_closed(name: str, **changes: object) -> Case:
    history = (Moment(START, State.CLOSED, "verified", ""),)
    return replace(a_case(State.CLOSED, key=a_key(place=vault(name)), history=history), **changes)  # type: ignore[arg-type]


async def put(app: App, *written: Case | ResourceRow) -> None:
    for each in written:
        if isinstance(each, Case):
            await app.table(CASES).put(case_rows.to_entity(each))
        else:
            await app.table(RESOURCES).put(resource_rows.to_entity(each))


async def left(app: App, table: str) -> set[str]:
    column = "resource" if table == RESOURCES else "place"
    return {str(row[column]) async for row in app.table(table).query("version ge 0", {})}


async def a_pass(app: App) -> str:
    for _ in range(20):
        await app.sweeps()
        note = (await app.progress("retention")).note
        if note.endswith("all was looked at."):
            return note
    raise AssertionError(note)


async def test_closed_cases_and_tombstones_go_after_the_retention(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path, clock=a_clock()) as app:
        await put(app, a_closed("kv1"), a_row("kv1", settled=scan(0)), a_row("kv2", compliance="compliant"))

        note = await a_pass(app)

        assert await left(app, CASES) == set()
        assert await left(app, RESOURCES) == set()
        assert note.startswith("2 resources, 1 cases and 0 other rows")


async def test_what_still_asks_for_something_stays(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path, clock=a_clock()) as app:
        stopped = replace(a_closed("kv3"), state=State.STOPPED)
        recent = (Moment(app.clock() - timedelta(days=59), State.CLOSED, "verified", ""),)
        await put(app, a_closed("kv1"), a_row("kv1"))  # its news was never dealt with
        await put(app, a_closed("kv2", history=recent), a_row("kv2", cool_until=scan(10**6), settled=scan(0)))
        await put(app, stopped, a_row("kv3", settled=scan(0)))

        await a_pass(app)

        kept = {vault("kv1"), vault("kv2"), vault("kv3")}
        assert await left(app, CASES) == kept
        assert await left(app, RESOURCES) == kept


async def test_nothing_goes_before_the_retention_is_over(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        await put(app, a_closed("kv1"), a_row("kv1", settled=scan(0)))

        await a_pass(app)

        assert await left(app, CASES) == await left(app, RESOURCES) == {vault("kv1")}


async def test_a_tick_forgets_a_bounded_number_and_the_next_goes_on(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path, clock=a_clock()) as app:
        await put(app, *(a_row(f"kv{n}", settled=scan(0)) for n in range(230)))
        counts = []

        for _ in range(9):
            await app.sweeps()
            counts.append(len(await left(app, RESOURCES)))

        assert (counts[0] >= 30, counts[-1]) == (True, 0)


async def test_a_pass_begins_once_an_hour(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path, clock=a_clock()) as app:
        await a_pass(app)
        await put(app, a_closed("kv1"))
        await app.sweeps()
        before = await left(app, CASES)

        app.clock.passes(hours=1)
        await a_pass(app)

        assert (before, await left(app, CASES)) == ({vault("kv1")}, set())


async def test_records_of_failed_messages_go_too(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path, clock=a_clock()) as app:
        await app.table(POISONED).create()
        await app.table(POISONED).put({"PartitionKey": "responder-cases", "RowKey": "m1"})

        note = await a_pass(app)

        assert await app.table(POISONED).get("responder-cases", "m1") is None
        assert "1 other rows" in note


async def test_rows_of_a_newer_version_are_left_alone(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path, clock=a_clock()) as app:
        newer = {"version": 99}
        await app.table(CASES).put({**case_rows.to_entity(a_closed("kv1")), **newer})
        await app.table(RESOURCES).put({**resource_rows.to_entity(a_row("kv1", settled=scan(0))), **newer})

        note = await a_pass(app)

        assert note.startswith("0 resources, 0 cases")
        assert await left(app, CASES) == await left(app, RESOURCES) == {vault("kv1")}
