"""What fails for good in a running app is a recorded fact, and is driven again as often as is allowed."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables.aio import TableServiceClient
from azure.storage.queue.aio import QueueClient

from responder.adapters.case_rows import partition
from responder.adapters.ledger import CASES
from responder.core.poison import MOST_DELIVERIES
from tests.commands.test_cases_and_show import run
from tests.commands.test_redrive import ADDED, put_blob
from tests.scenarios.one_app import App, event_of, one_app
from tests.scenarios.patience import eventually

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(240)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    async with one_app(tmp_path_factory.mktemp("redrive")) as started:
        yield started


async def told(app: App, *words: str) -> tuple[int, dict[str, Any]]:
    done = await run(app.storage, *words, "--json")
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


async def use_up(app: App, queue: str) -> None:
    """All deliveries but the last of what waits in a queue: the app is away meanwhile."""
    async with QueueClient.from_connection_string(app.storage, queue) as client:
        for _ in range(MOST_DELIVERIES - 1):
            message = await client.receive_message()
            assert message is not None
            await client.update_message(message, visibility_timeout=0)


async def poison_of(app: App, queue: str) -> str | None:
    async with QueueClient.from_connection_string(app.storage, f"{queue}-poison") as client:
        try:
            found = await client.peek_messages()
        except ResourceNotFoundError:
            return None
    return str(found[0].content) if found else None


async def put(app: App, queue: str, body: bytes) -> None:
    async with QueueClient.from_connection_string(app.storage, queue) as client:
        await client.send_message(base64.b64encode(body).decode())


async def fail_for_good(app: App) -> None:
    """What waits for a case fails for the last time."""
    await app.laptop.host.stop()
    await use_up(app, "responder-cases")
    await app.laptop.host.start()
    await eventually(lambda: poison_of(app, "responder-cases"), "the message in the poison queue")


async def test_a_dead_letter_that_is_driven_again_becomes_a_task(app: App) -> None:
    await app.breaks("lost")
    await put_blob(app.storage, "SUB/2026/11/20/8/a.json", [{**event_of("lost"), **ADDED}])

    code, report = await told(app, "redrive")
    case = await app.over("lost")

    assert (code, report["driven"]) == (0, 1)
    assert (case.outcome, len(await app.tasks("lost"))) == ("verified", 1)


async def test_a_poison_message_is_on_the_page_of_the_person_on_duty_with_its_reason(app: App) -> None:
    await app.laptop.host.stop()
    await put(app, "responder-cases", b'{"not": "a ticket"}')
    await fail_for_good(app)

    code, page = await told(app, "status")
    poison = next(each for each in page["poison"] if each["queue"] == "responder-cases")
    needs = [need["want"] for need in page["needs"]]
    await told(app, "redrive", "--drop-void")

    assert (code, poison["reasons"], "poison" in needs) == (1, {"bad-ticket": 1}, True)
    assert any("is poison (bad-ticket)" in line for line in app.laptop.host.lines)
    assert await poison_of(app, "responder-cases") is None


async def test_a_ticket_that_fails_again_is_kept_once_it_was_driven_as_often_as_is_allowed(app: App) -> None:
    await app.breaks_and_tells("damaged")
    case = await app.over("damaged")
    await damage(app, case.id)
    await app.laptop.host.stop()
    await put(app, "responder-cases", json.dumps({"case": case.id, "ticket": case.ticket}).encode())
    await fail_for_good(app)

    answers = []
    for _ in range(2):
        await app.laptop.host.stop()
        answers.append(await told(app, "redrive", "--most", "1"))
        if answers[-1][0] == 0:
            await fail_for_good(app)

    assert [report["items"][0]["answer"] for _, report in answers] == ["driven", "kept"]
    assert answers[1][1]["items"][0]["reason"] == "driven-often"


async def damage(app: App, case_id: str) -> None:
    """Something writes nonsense into a case's document."""
    async with TableServiceClient.from_connection_string(app.storage) as tables:
        row = {"PartitionKey": partition(case_id), "RowKey": case_id, "document0": b"nonsense", "chunks": 1}
        await tables.get_table_client(CASES).update_entity(row)
