"""Events that wait lie in a table of their own, and only where somebody is told."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.outcome_rows import OUTCOMES, OutcomeRows
from responder.commands.open_ledger import open_storage_of
from responder.core.case import State
from responder.core.outcome_event import OutcomeEvent, stop_of
from tests.core.builders import START, a_case
from tests.core.outcome_builders import stopped


def an_event(because: str = "The template is broken.") -> OutcomeEvent:
    event = stop_of(stopped(a_case(State.OPENING), because))
    assert event is not None
    return event


async def test_an_event_comes_back_as_it_was_and_the_last_word_counts(storage: str) -> None:
    async with open_storage_of({"AzureWebJobsStorage": storage}) as clients:
        rows = OutcomeRows(ConditionalTable(clients.tables, OUTCOMES))
        await rows.keep(an_event("At first."), START)  # makes the table, too
        await rows.keep(an_event("In the end."), START + timedelta(minutes=1))

        [kept] = await rows.waiting(10)

    assert (kept.event, kept.since) == (an_event("In the end."), START + timedelta(minutes=1))


async def test_what_was_written_anew_meanwhile_is_not_forgotten(storage: str) -> None:
    async with open_storage_of({"AzureWebJobsStorage": storage}) as clients:
        rows = OutcomeRows(ConditionalTable(clients.tables, OUTCOMES))
        old = await rows.keep(an_event("At first."), START)
        new = await rows.keep(an_event("In the end."), START)

        await rows.forget(old)
        left = await rows.of(new.event.case)
        await rows.forget(new)

        assert [kept.event for kept in left] == [new.event]
        assert await rows.waiting(10) == []


async def test_a_row_that_somebody_spoilt_keeps_no_other_waiting(storage: str) -> None:
    async with open_storage_of({"AzureWebJobsStorage": storage}) as clients:
        table = ConditionalTable(clients.tables, OUTCOMES)
        rows = OutcomeRows(table)
        kept = await rows.keep(an_event(), START)
        await table.insert({"PartitionKey": "0", "RowKey": "spoilt", "version": 1, "chunks": 1, "document0": b"x"})
        await table.insert({"PartitionKey": "0", "RowKey": "newer", "version": 99})

        assert [each.event for each in await rows.waiting(10)] == [kept.event]


async def test_those_behind_a_case_are_found_in_the_order_of_their_cases(storage: str) -> None:
    events = sorted((replace(an_event(), case=f"{number:024x}") for number in range(5)), key=lambda event: event.case)
    async with open_storage_of({"AzureWebJobsStorage": storage}) as clients:
        rows = OutcomeRows(ConditionalTable(clients.tables, OUTCOMES))
        for event in reversed(events):
            await rows.keep(event, START)

        found = await rows.waiting(2, after=events[1].case)

    assert [kept.event for kept in found] == events[2:4]


async def test_where_nobody_is_told_an_order_writes_nothing_and_makes_no_table(storage: str) -> None:
    async with open_storage_of({"AzureWebJobsStorage": storage}) as clients:
        rows = OutcomeRows(ConditionalTable(clients.tables, OUTCOMES))

        await rows.keep_where_told(an_event(), START)

        assert await rows.waiting(10) == []
        assert OUTCOMES not in [table.name async for table in clients.tables.list_tables()]


def test_the_client_of_event_grid_is_imported_with_the_first_event_and_not_before() -> None:
    modules = "handlers.case_due, responder.sweep, responder.jobs.outcomes, responder.adapters.outcome_topic"
    script = f"import sys, {modules}; print([name for name in sys.modules if name.startswith('azure.eventgrid')])"

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
