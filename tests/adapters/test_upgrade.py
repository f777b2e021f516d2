"""Rows of an older version are read and written back as ours; rows of a newer one are left as they are."""

import base64
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from azure.data.tables import EdmType, EntityProperty
from azure.functions import QueueMessage

from handlers import case_due, policy_state_change
from responder.adapters import case_rows, resource_rows
from responder.adapters.case_rows import NewerRow
from responder.adapters.due_queue import Ticket
from responder.adapters.ledger import CASES, RESOURCES, Claimed, Dropped
from responder.adapters.progress import PROGRESS
from responder.commands.open_ledger import NoLedger, open_ledger
from responder.core.case import Case, State
from responder.put_off import put_off_if_newer
from responder.wiring import Parts
from tests.core.builders import a_case, a_row, vault
from tests.jobs.an_app import App, an_app
from tests.scenarios.estates import an_event

_KEPT = json.loads((Path(__file__).parent / "rows-of-version-1.json").read_text(encoding="utf-8"))
NEWER = 99


def as_row(kept: Mapping[str, Any]) -> dict[str, Any]:
    """A row as it was written then."""
    return {name: _value(value) for name, value in kept.items()}


def _value(value: object) -> object:
    match value:
        case {"bytes": text}:
            return base64.b64decode(text)
        case {"int64": text}:
            return EntityProperty(int(text), EdmType.INT64)
        case _:
            return value


# Older rows ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kept", _KEPT["cases"], ids=[f"{row['state']} {row['reason']}" for row in _KEPT["cases"]])
def test_a_case_of_version_1_is_read_and_written_back_as_ours(kept: Mapping[str, Any]) -> None:
    case = case_rows.from_entity(as_row(kept))

    after = case_rows.to_entity(case)

    assert (after["state"], after["ticket"], after["round"]) == (kept["state"], kept["ticket"], kept["round"])
    assert after["version"] == case_rows.VERSION
    assert case_rows.from_entity(after) == case


@pytest.mark.parametrize("kept", _KEPT["resources"], ids=[row["resource"][-3:] for row in _KEPT["resources"]])
def test_a_resource_of_version_1_is_read_and_written_back_as_ours(kept: Mapping[str, Any]) -> None:
    row = resource_rows.from_entity(as_row(kept))

    after = resource_rows.to_entity(row)

    assert (after["RowKey"], after["compliance"], after["attempts"]) == (
        kept["RowKey"],
        kept["compliance"],
        kept["attempts"],
    )
    assert after["version"] == resource_rows.VERSION
    assert resource_rows.from_entity(after) == row


@pytest.mark.parametrize(
    "kept", [row for row in _KEPT["cases"] if row["due"] != {"int64": "0"}], ids=lambda r: r["state"]
)
async def test_a_case_of_version_1_is_driven_on(storage: str, tmp_path: Path, kept: Mapping[str, Any]) -> None:
    async with an_app(storage, tmp_path) as app:
        await app.table(CASES).put(as_row(kept))
        app.clock.passes(days=1)

        await app.sweeps()
        [case] = await app.cases()
        claimed = await app.parts.ledger.claim(Ticket(case.id, case.ticket), app.clock())

        assert case.ticket != kept["ticket"]
        assert isinstance(claimed, Claimed)
        assert (await version_of(app, case)) == case_rows.VERSION


async def version_of(app: App, case: Case) -> object:
    found = await app.table(CASES).get(case_rows.partition(case.id), case.id)
    return found and found[0]["version"]


async def test_an_event_of_a_resource_of_version_1_is_taken(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        for kept in _KEPT["resources"]:
            await app.table(RESOURCES).put(as_row(kept))

        await policy_state_change.handle(an_event("kv1", scanned="2026-11-20T13:00:00.0000000Z"), "", app.parts)

        assert [(case.key.place, case.state) for case in await app.cases()] == [(vault("kv1"), State.GATHERING)]


# Newer rows ----------------------------------------------------------------------------------------------------------


async def put_newer(app: App, *, case: Case | None = None, resource: str = "") -> None:
    if case is not None:
        await app.table(CASES).put({**case_rows.to_entity(case), "version": NEWER})
    if resource:
        await app.table(RESOURCES).put({**resource_rows.to_entity(a_row(resource)), "version": NEWER})


async def etags(app: App) -> list[str]:
    return [etag for name in (CASES, RESOURCES) async for _, etag in app.table(name).tagged("version ge 0", {})]


async def test_a_ticket_of_a_newer_case_comes_again_later(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        await put_newer(app, case=a_case())
        before = await etags(app)

        dropped = await app.parts.ledger.claim(Ticket(a_case().id, "t1"), app.clock())

        assert isinstance(dropped, Dropped)
        assert await etags(app) == before


@pytest.mark.parametrize("newer", ["case", "resource"])
async def test_an_event_about_something_newer_is_not_acknowledged(storage: str, tmp_path: Path, newer: str) -> None:
    async with an_app(storage, tmp_path) as app:
        await put_newer(app, case=a_case() if newer == "case" else None, resource="kv1" if newer == "resource" else "")
        if newer == "case":  # the resource is known, and names it
            await app.table(RESOURCES).put(resource_rows.to_entity(a_row("kv1")))

        with pytest.raises(NewerRow, match="newer version"):
            await policy_state_change.handle(an_event("kv1", scanned="2026-11-20T13:00:00Z"), "", app.parts)


async def test_a_case_whose_resource_is_newer_is_left_to_the_newer_version(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        ticket = "0123456789abcdef"
        await app.table(CASES).put(case_rows.to_entity(a_case(ticket=ticket)))
        await put_newer(app, resource="kv1")
        app.clock.passes(hours=1)

        with pytest.raises(NewerRow, match="newer version"):
            await case_due.handle(json.dumps({"case": a_case().id, "ticket": ticket}).encode(), app.parts)

        assert (await app.cases())[0].claim  # it is held until its lease ends, so that nothing loops


async def test_a_message_about_something_newer_is_put_off_and_used_up_by_nobody(
    storage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    async with an_app(storage, tmp_path) as app:
        queue = app.parts.storage.queues.get_queue_client("responder-cases")
        message = QueueMessage(id="m1", body=b'{"case": "c", "ticket": "t"}')

        async def parts() -> Parts:
            return app.parts

        await _met_by_an_older_version(message, parts)

        assert (await queue.get_queue_properties()).approximate_message_count == 1
        assert await queue.peek_messages() == []
        assert "put off for 5 minutes: Case c was written by a newer version." in caplog.text


async def _met_by_an_older_version(message: QueueMessage, parts: Callable[[], Awaitable[Parts]]) -> None:
    async with put_off_if_newer("responder-cases", message, parts):
        raise NewerRow("Case c was written by a newer version.")


async def test_a_sweep_over_newer_rows_changes_none_and_fails_nowhere(
    storage: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with an_app(storage, tmp_path) as app:
        await put_newer(app, case=a_case(), resource="kv1")
        await app.breaks("kv1", scanned="2026-11-20T09:00:00Z")
        await app.table(PROGRESS).create()
        await app.table(PROGRESS).put({"PartitionKey": "sweep", "RowKey": "rules", "version": NEWER, "at": 12})
        before = await etags(app)
        app.clock.passes(hours=1)

        with caplog.at_level(logging.ERROR):
            note = await app.sweeps_to_the_end()

        assert await etags(app) == before
        assert "1 wanted by a rule" in note
        assert caplog.text == ""


async def test_commands_say_that_a_newer_version_wrote_it(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        await put_newer(app, case=a_case())

        with pytest.raises(NoLedger, match=r"newer version of this app .* Run the command with that version"):
            async with open_ledger({"AzureWebJobsStorage": storage}) as ledger:
                await ledger.release(a_case().id, "me", "why not", app.clock())
        assert await app.cases() == []
