"""`redrive` on real storage: what is driven, what is kept, and what a crash in between leaves."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue.aio import QueueClient

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.dead_letters import DeadLetters, open_dead_letters
from responder.adapters.poison import POISONED, PoisonRecords
from responder.core import instant
from tests.adapters.test_ledger import a_ledger, admitted, the_case
from tests.commands.test_cases_and_show import run
from tests.scenarios.estates import an_event

CONTAINER = "responder-dead-letters"
ADDED = {
    "deadLetterReason": "MaxDeliveryAttemptsExceeded",
    "deliveryAttempts": 30,
    "publishTime": "2026-11-20T08:15:00Z",
}
LATELY = instant.iso(instant.of(datetime.now(UTC) - timedelta(hours=30)))
VOID = {"case": "0" * 24, "ticket": "0" * 16}
LONG_AGO = instant.iso(instant.of(datetime.now(UTC) - timedelta(days=70)))


def dead(name: str, scanned: str = LATELY) -> dict[str, object]:
    return {**an_event(name, scanned=scanned), **ADDED}


async def put_blob(storage: str, name: str, content: object) -> None:
    async with a_ledger(storage) as (_, clients), clients.blobs() as blobs:
        container = blobs.get_container_client(CONTAINER)
        if not await container.exists():
            await container.create_container()
        await container.upload_blob(name, json.dumps(content).encode())


@asynccontextmanager
async def letters(storage: str) -> AsyncIterator[DeadLetters]:
    async with a_ledger(storage) as (_, clients), open_dead_letters(clients, CONTAINER) as found:
        yield found


async def blobs(storage: str) -> list[str]:
    async with letters(storage) as found:
        return [blob.name async for blob in found.letters()]


async def put_message(storage: str, queue: str, body: bytes) -> None:
    async with a_ledger(storage), QueueClient.from_connection_string(storage, queue) as client:
        if queue not in ("responder-cases",):
            try:
                await client.get_queue_properties()
            except ResourceNotFoundError:
                await client.create_queue()
        await client.send_message(base64.b64encode(body).decode(), time_to_live=-1)


async def take_all(storage: str, queue: str) -> list[Any]:
    """Take every visible message off a queue."""
    async with QueueClient.from_connection_string(storage, queue) as client:
        taken = []
        async for message in client.receive_messages(max_messages=100):
            taken.append(json.loads(base64.b64decode(str(message.content))))
            await client.delete_message(message)
        return taken


async def redriven(storage: str, *words: str) -> tuple[int, dict[str, Any]]:
    done = await run(storage, "redrive", "--json", *words)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def reasons(report: dict[str, Any]) -> list[tuple[str, str]]:
    return [(item["answer"], item["reason"]) for item in report["items"]]


async def test_a_dead_letter_goes_on_the_queue_as_it_first_came_and_its_blob_goes(storage: str) -> None:
    await put_blob(storage, "A/2026/11/20/8/1.json", [dead("kv1"), dead("kv2")])

    code, report = await redriven(storage)

    put = await take_all(storage, "responder-events")
    assert (code, report["driven"], report["kept"]) == (0, 2, 0)
    assert put == [an_event(name, scanned=LATELY) for name in ("kv1", "kv2")]
    assert await blobs(storage) == []


async def test_a_blob_with_something_to_keep_stays_and_drives_nothing_twice(storage: str) -> None:
    await put_blob(storage, "one.json", [dead("kv1"), dead("old", LONG_AGO), "no event"])

    first = await redriven(storage)
    again = await redriven(storage)

    assert reasons(first[1]) == [("driven", ""), ("kept", "too-old"), ("kept", "unreadable")]
    assert reasons(again[1]) == [("driven-before", ""), ("kept", "too-old"), ("kept", "unreadable")]
    assert (len(await take_all(storage, "responder-events")), await blobs(storage)) == (1, ["one.json"])


async def test_a_dry_run_says_the_same_and_changes_nothing(storage: str) -> None:
    await put_blob(storage, "one.json", [dead("kv1"), dead("old", LONG_AGO)])
    await put_message(storage, "responder-events-poison", json.dumps(an_event("kv3", scanned=LATELY)).encode())

    dry = [await redriven(storage, "--dry-run") for _ in range(2)]
    wet = await redriven(storage)

    assert dry[0] == dry[1]
    assert [(item["where"], item["answer"], item["times"]) for item in dry[0][1]["items"]] == [
        (item["where"], item["answer"], item["times"]) for item in wet[1]["items"]
    ]
    assert dry[0][1]["dryRun"] is True


async def test_what_fails_again_is_driven_as_often_as_is_allowed_and_then_kept(storage: str) -> None:
    body = json.dumps(an_event("kv1", scanned=LATELY)).encode()
    codes = []
    for _ in range(3):
        await put_message(storage, "responder-events-poison", body)  # it failed again
        codes.append((await redriven(storage, "--most", "2"))[0])

    kept = await redriven(storage, "--most", "2")
    allowed = await redriven(storage, "--most", "3")

    assert codes == [0, 0, 1]
    assert reasons(kept[1]) == [("kept", "driven-often")]
    assert (reasons(allowed[1]), allowed[1]["items"][0]["times"]) == ([("driven", "")], 3)


async def test_the_count_survives_that_an_event_comes_back_by_another_way(storage: str) -> None:
    await put_blob(storage, "one.json", dead("kv1"))
    await redriven(storage, "--most", "1")
    (put,) = await take_all(storage, "responder-events")

    await put_message(storage, "responder-events-poison", json.dumps(put).encode())
    _, report = await redriven(storage, "--most", "1")

    assert reasons(report) == [("kept", "driven-often")]


async def test_a_ticket_goes_back_only_while_it_is_in_force(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case = await the_case(ledger, await admitted(ledger))
    for ticket in (
        {"case": case.id, "ticket": case.ticket},
        {"case": case.id, "ticket": "0" * 16},
        {"not": "a ticket"},
    ):
        await put_message(storage, "responder-cases-poison", json.dumps(ticket).encode())

    code, report = await redriven(storage)

    assert code == 1
    assert reasons(report) == [("driven", ""), ("kept", "void"), ("kept", "unreadable")]
    assert {"case": case.id, "ticket": case.ticket} in await take_all(storage, "responder-cases")


async def test_what_moves_nothing_is_dropped_when_a_person_says_so_and_stays_recorded(storage: str) -> None:
    await put_message(storage, "responder-cases-poison", json.dumps(VOID).encode())
    await put_message(storage, "responder-events-poison", b"\xff\xfe")
    await put_blob(storage, "one.json", "no event")

    code, report = await redriven(storage, "--drop-void")

    async with a_ledger(storage) as (_, clients):
        records = PoisonRecords(ConditionalTable(clients.tables, POISONED))
        fates = [(each.reason, each.fate.split(" by ")[0]) async for each in records.all("responder-cases")]
    assert (code, report["dropped"], fates) == (1, 2, [("void", "dropped")])
    assert await take_all(storage, "responder-cases-poison") == await take_all(storage, "responder-events-poison") == []
    assert await blobs(storage) == ["one.json"]


async def test_what_is_kept_can_be_seen_again_at_once(storage: str) -> None:
    await put_message(storage, "responder-events-poison", b'"no event"')

    await redriven(storage)

    assert await take_all(storage, "responder-events-poison") == ["no event"]


async def test_many_are_driven_in_one_run(storage: str) -> None:
    async with a_ledger(storage), QueueClient.from_connection_string(storage, "responder-events-poison") as client:
        await client.create_queue()
        for number in range(70):
            body = json.dumps(an_event(f"kv{number}", scanned=LATELY)).encode()
            await client.send_message(base64.b64encode(body).decode())

    _, dry = await redriven(storage, "--dry-run")
    _, report = await redriven(storage)

    assert (dry["driven"], dry["notLookedAt"]) == (32, 38)
    assert (report["driven"], len(await take_all(storage, "responder-events"))) == (70, 70)


async def test_the_table_says_what_is_kept_and_why(storage: str) -> None:
    await put_blob(storage, "one.json", [dead("kv1"), dead("old", LONG_AGO)])

    done = await run(storage, "redrive", "--dry-run")

    assert done.returncode == 1
    assert "kept (too-old)" in done.stdout
    assert "2 looked at: 1 would be driven, 1 kept. A dry run: nothing was changed." in done.stdout


async def test_nothing_to_drive_is_said(storage: str) -> None:
    async with a_ledger(storage):
        done = await run(storage, "redrive")

    assert (done.returncode, done.stdout) == (0, "Nothing failed for good: no dead letters, no poison messages.\n")


async def test_an_account_without_a_ledger_is_left_without_tables(storage: str) -> None:
    done = await run(storage, "redrive")

    assert (done.returncode, "no ledger yet" in done.stderr) == (2, True)


async def test_a_run_that_died_before_it_cleared_the_place_is_repeated_and_counted(storage: str) -> None:
    await put_blob(storage, "one.json", dead("kv1"))
    await redriven(storage)
    await put_blob(storage, "one.json", dead("kv1"))  # as if it had died before the blob was deleted

    code, report = await redriven(storage)

    assert (code, report["items"][0]["times"]) == (0, 2)
    assert len(await take_all(storage, "responder-events")) == 2
    assert await blobs(storage) == []
