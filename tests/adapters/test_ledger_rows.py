"""What is learnt of many resources at once, against a real storage service."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

import pytest

from responder.adapters.conditional_table import ConditionalTable, Conflict, Write
from responder.adapters.ledger import RESOURCES
from responder.core.case import Kind
from responder.core.resource_row import Tried
from tests.adapters.test_ledger import a_ledger, news, the_case
from tests.core.builders import a_change, a_key, a_news, a_task, at, vault


def all_tried(names: Iterable[str]) -> tuple[Tried, ...]:
    return tuple(Tried(vault(name), a_task(), covered=True, cooldown=timedelta(hours=1)) for name in names)


async def test_what_a_task_did_to_hundreds_of_resources_is_written_whether_or_not_events_announced_them(
    storage: str,
) -> None:
    async with a_ledger(storage) as (ledger, _):
        group = a_key(Kind.GROUP)
        await ledger.admit(a_change("kv7"), group, news, at(0), None)
        case = await the_case(ledger, group.id)
        names = [f"kv{number}" for number in range(250)]

        await ledger.update_rows(case, all_tried(names), at(7))
        await ledger.update_rows(case, all_tried(names), at(8))  # after a crash, once more

        rows = await ledger.rows(group)
        assert {row.resource for row in rows} == {vault(name) for name in names}
        assert {(row.covered_at, row.attempts) for row in rows} == {(a_task().created_on, 1)}


async def test_what_events_say_while_many_rows_are_written_is_kept_and_so_is_what_was_written(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        group, names = a_key(Kind.GROUP), [f"kv{number}" for number in range(120)]
        await asyncio.gather(*(ledger.admit(a_change(name), group, news, at(0), None) for name in names))
        case = await the_case(ledger, group.id)
        later = [a_change(name, minutes=9, compliance="compliant") for name in names[::10]]

        await asyncio.gather(
            ledger.update_rows(case, all_tried(names), at(10)),
            *(ledger.admit(change, group, lambda key: a_news(key, withdraws=True), at(10), None) for change in later),
        )

        rows = await ledger.rows(group)
        assert sum(row.covered_at == a_task().created_on for row in rows) == 120
        assert sum(row.scan == later[0].scan for row in rows) == 12


async def test_of_rows_that_are_written_together_none_is_where_one_has_changed(storage: str) -> None:
    async with a_ledger(storage) as (_, clients):
        table = ConditionalTable(clients.tables, RESOURCES)
        etag = await table.insert({"PartitionKey": "p", "RowKey": "known", "n": 1})
        fresh = Write({"PartitionKey": "p", "RowKey": "new", "n": 2}, None)

        for tag in ('W/"another"', None):
            with pytest.raises(Conflict):
                await table.write_together([fresh, Write({"PartitionKey": "p", "RowKey": "known", "n": 2}, tag)])
        before = await table.get("p", "new")
        await table.write_together([fresh, Write({"PartitionKey": "p", "RowKey": "known", "n": 2}, etag)])

        assert before is None
        assert [row["n"] async for row in table.query("PartitionKey eq @p", {"p": "p"})] == [2, 2]
