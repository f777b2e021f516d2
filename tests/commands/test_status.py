"""`status` on a real ledger: one page that says what needs a person."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from azure.storage.queue.aio import QueueClient

from responder.adapters.breakers import Breakers
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.outcome_rows import OUTCOMES, OutcomeRows
from responder.adapters.poison import POISONED, PoisonRecords
from responder.adapters.progress import PROGRESS, ProgressRows
from responder.adapters.restraint import RESTRAINT
from responder.adapters.storage import StorageClients
from responder.adapters.switches import SWITCHES, Switches
from responder.adapters.throttles import Throttles
from responder.core.case import State, Word
from responder.core.orders import cancel
from responder.core.outcome import Outcome
from responder.core.outcome_event import stop_of
from responder.core.poison import recorded
from responder.core.progress import Progress
from responder.core.resource_id import resource_id
from responder.core.switch import rule_scope
from tests.adapters.test_ledger import a_ledger
from tests.commands.test_cases_and_show import run
from tests.commands.test_orders import running
from tests.core.builders import DEFINITION, SUBSCRIPTION
from tests.core.outcome_builders import stopped
from tests.jobs.test_gauges import a_dead_letter, some_cases

NOW = datetime.now(UTC)
BAD = b'{"not": "a ticket"}'


async def a_quiet_app(clients: StorageClients) -> None:
    switches = ConditionalTable(clients.tables, SWITCHES)
    await switches.create()
    await Switches(switches).set_paused(False, "somebody", "it begins", NOW)
    await ConditionalTable(clients.tables, RESTRAINT).create()
    await ProgressRows(ConditionalTable(clients.tables, PROGRESS)).note(Progress("cases", NOW, "No case stood still."))


async def status(storage: str) -> tuple[int, dict[str, Any]]:
    done = await run(storage, "status", "--json")
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


async def test_an_app_in_which_all_is_well_says_so(storage: str) -> None:
    async with a_ledger(storage) as (_, clients):
        await a_quiet_app(clients)

    done = await run(storage, "status")

    assert done.returncode == 0, done.stdout
    assert "All is well: nothing needs a person." in done.stdout
    assert "somebody: resume the app (it begins)" in done.stdout


async def test_everything_that_is_wrong_is_on_one_page(storage: str) -> None:
    async with a_ledger(storage) as (_, clients):
        await a_quiet_app(clients)
        restraint = ConditionalTable(clients.tables, RESTRAINT)
        await Breakers(restraint, 1).record(DEFINITION, "c1", 1, 7, Outcome.FAILED, NOW)
        await Throttles(restraint).told(resource_id(SUBSCRIPTION), NOW + timedelta(hours=1), "429: slow", NOW)
        await Switches(ConditionalTable(clients.tables, SWITCHES)).set_paused(True, "alex", "a freeze", NOW)
        await poison(clients, storage)
    await some_cases(storage)
    await a_dead_letter(storage)

    code, told = await status(storage)

    wants = {need["want"] for need in told["needs"]}
    assert (code, told["well"]) == (1, False)
    assert wants == {"overdue", "paused", "breaker-open", "stopped", "dead-letters", "poison"}
    assert (told["breakersOpen"], told["throttled"][0]["because"]) == ([DEFINITION], "429: slow")


async def test_of_what_is_paused_it_is_said_which_part_by_whom_since_when_and_why(storage: str) -> None:
    async with a_ledger(storage) as (_, clients):
        await a_quiet_app(clients)
        switches = Switches(ConditionalTable(clients.tables, SWITCHES))
        before = await run(storage, "status")
        await switches.set(rule_scope("key vault diagnostics"), True, "alex", "a freeze", NOW)

    done = await run(storage, "status")

    said = [
        line.split(maxsplit=1)[1].strip() for line in done.stdout.splitlines() if line.strip().startswith("paused ")
    ]
    assert said == [f"rule key vault diagnostics (by alex, since {NOW:%Y-%m-%d %H:%M} UTC: a freeze)"]
    assert " ".join(before.stdout.split()).count("paused no") == 1


async def poison(clients: StorageClients, storage: str) -> None:
    records = PoisonRecords(ConditionalTable(clients.tables, POISONED))
    await records.write(recorded("responder-cases", "m1", BAD, "bad-ticket", "it names no case", 5, NOW))
    async with QueueClient.from_connection_string(storage, "responder-cases-poison") as queue:
        await queue.create_queue()
        await queue.send_message(base64.b64encode(BAD).decode(), time_to_live=-1)
        await queue.send_message("not base64", time_to_live=-1)


async def test_poison_is_told_with_its_recorded_reasons(storage: str) -> None:
    async with a_ledger(storage) as (_, clients):
        await a_quiet_app(clients)
        await poison(clients, storage)

    _, told = await status(storage)

    assert told["poison"][1] == {
        "queue": "responder-cases",
        "waiting": 2,
        "reasons": {"bad-ticket": 1, "not-recorded": 1},
        "because": ["bad-ticket: it names no case"],
    }
    assert "2 messages of responder-cases failed for good: 1 bad-ticket, 1 not-recorded." in str(told["needs"])


async def test_what_cannot_be_read_is_said_and_keeps_nothing_else_from_being_told(storage: str) -> None:
    async with a_ledger(storage) as (_, clients):
        await a_quiet_app(clients)
        await clients.tables.delete_table(SWITCHES)
    without_blobs = ";".join(part for part in storage.split(";") if not part.startswith("BlobEndpoint"))

    code, told = await status(f"{without_blobs}BlobEndpoint=http://127.0.0.1:9/x;")

    assert (code, [need["want"] for need in told["needs"]]) == (1, ["unreadable"] * 3)
    assert told["sweep"][0]["note"] == "No case stood still."


async def test_outcome_events_that_their_topic_refuses_are_told_here_and_with_their_case(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        await a_quiet_app(clients)
        case = await ledger.case(await running(ledger))
        event = stop_of(stopped(replace(case, state=State.OPENING))) if case else None
        assert event is not None
        rows = OutcomeRows(ConditionalTable(clients.tables, OUTCOMES))
        await rows.keep(event, NOW - timedelta(minutes=12))

    _, told = await status(storage)
    shown = json.loads((await run(storage, "show", event.case, "--json")).stdout)

    assert told["outcomeEventsWaiting"] == 1
    assert "1 outcome event waits to be published" in str(told["needs"])
    assert [each["type"] for each in shown["untold"]] == ["responder.remediation.stopped"]


async def test_an_account_without_a_ledger_is_one_sentence(storage: str) -> None:
    done = await run(storage, "status")

    assert (done.returncode, "no ledger yet" in done.stderr) == (2, True)


async def test_a_task_that_was_to_be_canceled_and_runs_on_is_told(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        await a_quiet_app(clients)
        case_id = await running(ledger)
        ordered = Word("alex", "overload", NOW - timedelta(minutes=3))
        await ledger.order(case_id, lambda case: cancel(case, ordered), NOW)

    _, told = await status(storage)

    (need,) = [need for need in told["needs"] if need["want"] == "cancel-failed"]
    assert case_id[:10] in need["because"]
