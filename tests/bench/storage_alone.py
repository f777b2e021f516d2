"""The storage transactions of an admitted event and nothing else: one insert, one point read, 64 events in flight.

    AzureWebJobsStorage=… python -m tests.bench.storage_alone RUN EVENTS

Prints events a second, through the same clients as the app's.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from responder.adapters import resource_rows
from responder.adapters.ledger import CASES, RESOURCES
from responder.adapters.storage import open_storage
from responder.adapters.storage_settings import read_storage
from responder.core.case import CaseKey, Kind
from responder.core.resource_row import Admitted, ResourceRow
from responder.core.span import Link
from tests.bench.estate import group, vaults
from tests.core.builders import ASSIGNMENT, DEFINITION, at, scan

IN_FLIGHT = 64
GROUPS = 50
Entity = dict[str, Any]
Insert = Callable[[Entity], Awaitable[object]]
Read = Callable[[str, str], Awaitable[object]]


async def main(run: str, count: int) -> None:
    """Run them and print the rate."""
    clients = open_storage(read_storage(os.environ))
    try:
        resources_table, cases_table = (clients.tables.get_table_client(name) for name in (RESOURCES, CASES))
        insert, read = resources_table.create_entity, cases_table.get_entity
        cases = [_key(f"steady-{number}").id for number in range(GROUPS)]
        await asyncio.gather(*(read(case[:2], case) for case in cases))  # so that the connections are there
        resources = vaults(f"alone-{run}", count, GROUPS)
        rows = iter([(_row(f"alone-{run}-{n % GROUPS}", each), cases[n % GROUPS]) for n, each in enumerate(resources)])
        begun = time.perf_counter()
        await asyncio.gather(*(_work(rows, insert, read) for _ in range(IN_FLIGHT)))
        print(count / (time.perf_counter() - begun))
    finally:
        await clients.close()


async def _work(rows: Iterator[tuple[Entity, str]], insert: Insert, read: Read) -> None:
    for row, case in rows:
        await insert(row)
        await read(case[:2], case)


def _key(name: str) -> CaseKey:
    return CaseKey(ASSIGNMENT, DEFINITION, Kind.GROUP, group(name))


def _row(name: str, resource: str) -> Entity:
    """The row that an event about this resource would insert."""
    row = ResourceRow(
        resource,
        _key(name),
        DEFINITION,
        "",
        scan(0),
        "noncompliant",
        at(0),
        event_id="0" * 64,
        link=Link("1" * 32, "2" * 16),
        admitted=Admitted("unknown", "vaults", "effect-unknown", "3" * 64),
    )
    return resource_rows.to_entity(row)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
