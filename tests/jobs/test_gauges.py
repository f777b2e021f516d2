"""What goes up and down, read from a real ledger and told to a real collector."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from azure.storage.queue.aio import QueueClient

from responder.adapters.case_census import take_census
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.dead_letters import open_dead_letters
from responder.adapters.settings import Settings
from responder.adapters.storage_settings import Storage
from responder.adapters.switches import SWITCHES
from responder.core import seen
from responder.core.outcome import Outcome
from responder.core.progress import Progress
from responder.core.rules import read_rules
from responder.core.switch import rule_scope
from responder.core.transitions import record
from responder.jobs.gauges import measure, run
from responder.jobs.poison import unrecorded_poison
from responder.wiring import Parts, Setup, build
from tests.adapters.test_ledger import a_ledger, admitted, claimed
from tests.core.builders import DEFINITION, SETTINGS, a_plan, at
from tests.scenarios.estates import RULES
from tests.wire.collector import Collector, collecting


@asynccontextmanager
async def measured(storage: str, collector: Collector) -> AsyncIterator[Parts]:
    settings = Settings(storage=Storage(connection_string=storage), otlp_endpoint=collector.url)
    parts = await build(Setup(settings, read_rules(RULES)))
    try:
        yield parts
    finally:
        await parts.close()


def numbers(collector: Collector) -> dict[tuple[str, ...], float]:
    return {
        (metric.name, *(each.value.string_value for each in point.attributes)): point.as_int or point.as_double
        for request in collector.metrics
        for metric in request.resource_metrics[0].scope_metrics[0].metrics
        for point in metric.gauge.data_points
    }


async def some_cases(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        await admitted(ledger, "kv1")
        case = await admitted(ledger, "kv2", minutes=0)
        held = await claimed(ledger, case, at(3))
        opening = record(held.case, seen.Planned(a_plan("kv2"), SETTINGS), at(3))
        await ledger.settle(held, record(opening, seen.Refused("403: no rights"), at(3)), at(3))


async def a_dead_letter(storage: str, container: str = "responder-dead-letters", content: bytes = b"[{}]") -> None:
    async with a_ledger(storage) as (_, clients), clients.blobs() as blobs:
        there = blobs.get_container_client(container)
        if not await there.exists():
            await there.create_container()
        await there.upload_blob("SUBSCRIPTION/2026/11/20/8/a.json", content)


async def test_a_census_counts_open_cases_without_reading_them(storage: str) -> None:
    await some_cases(storage)

    async with a_ledger(storage) as (_, clients):
        census = await take_census(clients.tables)

    assert census.counts == {("gathering", ""): 1, ("stopped", "refused"): 1}
    assert census.overdue(at(5)) == timedelta(minutes=3)


async def test_every_gauge_is_told(storage: str) -> None:
    await some_cases(storage)
    await a_dead_letter(storage)
    async with QueueClient.from_connection_string(storage, "responder-events-poison") as queue:
        await queue.create_queue()
        await queue.send_message("eA==")

    async with collecting() as collector:
        async with measured(storage, collector) as parts:
            await measure(parts, at(5))
        told = numbers(collector)

    assert (told["responder.cases", "gathering", ""], told["responder.cases", "held", "paused"]) == (1, 0)
    assert (told["responder.oldest.due.seconds",], told["responder.dead.letters",]) == (180, 1)
    assert told["responder.poison.waiting", "responder-events"] == 1
    assert (told["responder.slots", "used"], told["responder.slots", "limit"]) == (0, 50)


def next_hour(rule: str, told: dict[tuple[str, ...], float]) -> float:
    return told["responder.due.next.hour", rule]


async def test_open_breakers_pauses_and_what_comes_next_are_told(storage: str) -> None:
    await some_cases(storage)
    async with collecting() as collector:
        async with measured(storage, collector) as parts:
            for number in range(1, 6):
                await parts.breakers.record(DEFINITION, "c1", number, number, Outcome.FAILED, at(0))
            await parts.switches.set_paused(False, "ada", "all is well", at(0))
            await parts.switches.set(rule_scope("vaults"), True, "ada", "half of them fail", at(0))
            await measure(parts, at(60))
        told = numbers(collector)

    assert told["responder.breakers.open", DEFINITION] == 1
    assert {name: value for name, value in told.items() if "paused.seconds" in name[0]} == {
        ("responder.paused.seconds", "rule:vaults"): 3600
    }
    assert (told["responder.due.next.hour", "key vault diagnostics"], told["responder.due.next.hour", "vaults"]) == (
        1,
        0,
    )


async def test_a_missing_switch_is_a_pause_since_it_was_first_missed(storage: str) -> None:
    async with collecting() as collector:
        async with measured(storage, collector) as parts:
            switches = ConditionalTable(parts.storage.tables, SWITCHES)
            await switches.delete("app", "pause", "*")
            missed = await run(parts, Progress("gauges"), at(5))
            still = await run(parts, missed, at(15))
            await parts.switches.set_paused(False, "ada", "it is back", at(16))
            mended = await run(parts, still, at(17))
        told = numbers(collector)

    assert told["responder.paused.seconds", "app"] == 600
    assert mended.cursor == ""


async def test_a_number_that_cannot_be_read_keeps_none_of_the_others(storage: str) -> None:
    async with collecting() as collector:
        async with measured(storage, collector) as parts:
            nobody = "AccountName=a;AccountKey=eA==;BlobEndpoint=http://127.0.0.1:9/a"
            nowhere = replace(parts.storage, account=Storage(connection_string=nobody))
            await measure(replace(parts, storage=nowhere), at(5))
        told = numbers(collector)

    assert ("responder.dead.letters",) not in told
    assert told["responder.poison.waiting", "responder-cases"] == 0


async def test_what_cannot_be_read_is_logged_when_that_begins(storage: str, caplog: pytest.LogCaptureFixture) -> None:
    async with collecting() as collector, measured(storage, collector) as parts:
        nowhere = replace(parts.storage, account=Storage(table="https://a.table.core.windows.net"))
        without = replace(parts, storage=nowhere)
        first = await run(without, Progress("gauges"), at(5))
        again = await run(without, first, at(6))

    assert (first.note, again.note) == ("Could not be counted: dead letters.",) * 2
    assert [record.levelname for record in caplog.records] == ["WARNING"]


async def test_a_number_that_cannot_be_read_counts_as_a_failure_of_the_job(storage: str) -> None:
    async with collecting() as collector:
        async with measured(storage, collector) as parts:
            nowhere = replace(parts.storage, account=Storage(table="https://a.table.core.windows.net"))
            await run(replace(parts, storage=nowhere), Progress("gauges"), at(5))
            await run(parts, Progress("gauges"), at(6))
        counted = [
            (point.as_int, *(each.value.string_value for each in point.attributes))
            for request in collector.metrics
            for metric in request.resource_metrics[0].scope_metrics[0].metrics
            for point in metric.sum.data_points
            if metric.name == "responder.sweep.jobs"
        ]

    assert counted == [(1, "gauges", "failed")]


async def test_a_message_that_became_poison_is_counted_by_queue_and_reason(storage: str) -> None:
    async with QueueClient.from_connection_string(storage, "responder-cases-poison") as queue:
        await queue.create_queue()
        await queue.send_message("no base64!")

    async with collecting() as collector:
        async with measured(storage, collector) as parts:
            await unrecorded_poison(parts, at(5))
        counted = [
            [(each.key, each.value.string_value) for each in point.attributes]
            for request in collector.metrics
            for metric in request.resource_metrics[0].scope_metrics[0].metrics
            for point in metric.sum.data_points
            if metric.name == "responder.poison"
        ]

    assert counted == [[("responder.queue", "responder-cases"), ("responder.reason", "not-recorded")]]


async def test_a_container_that_is_missing_is_empty(storage: str) -> None:
    async with a_ledger(storage) as (_, clients), open_dead_letters(clients, "no-such-container") as letters:
        assert await letters.count() == 0
