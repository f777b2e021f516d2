"""Where the open cases are: a few columns of their rows, never the documents.

Closed cases are most of a ledger that has run for a while, and nothing is to come for them: they are not counted.
"""

from collections.abc import AsyncIterator
from datetime import datetime

from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables.aio import TableServiceClient

from responder.adapters import row_ticks
from responder.adapters.ledger import CASES
from responder.core import instant
from responder.core.census import Census, Place, census_of

MOST_COUNTED = 20_000
"""A gauge that is told every minute must not read a ledger in trouble from end to end: 20 requests are enough."""
_OPEN = "due gt 0L or state eq 'stopped'"


async def take_census(tables: TableServiceClient, most: int = MOST_COUNTED, soon: datetime | None = None) -> Census:
    """Count the open cases by state and reason, and by rule those that are due by `soon`; none without a ledger."""
    found: list[Place] = []
    try:
        async for place in _open_cases(tables):
            found.append(place)
            if len(found) > most:
                break
    except ResourceNotFoundError:
        return census_of((), most)
    return census_of(found, most, soon)


async def _open_cases(tables: TableServiceClient) -> AsyncIterator[Place]:
    cases = tables.get_table_client(CASES)
    async for row in cases.query_entities(_OPEN, select=["state", "reason", "due", "overdueSince", "rule"]):
        due = row_ticks.ticks_in(row.get("overdueSince")) or row_ticks.ticks_in(row.get("due"))
        when = instant.moment(due) if due else None
        yield Place(str(row["state"]), str(row.get("reason", "")), when, str(row.get("rule", "")))
