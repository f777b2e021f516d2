"""The pause switch in the ledger, as a person turns it, and as it goes missing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from azure.data.tables.aio import TableServiceClient

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.storage import open_storage
from responder.adapters.storage_settings import Storage
from responder.adapters.switches import SWITCHES, Switches


@asynccontextmanager
async def _tables(storage: str) -> AsyncIterator[TableServiceClient]:
    clients = open_storage(Storage(connection_string=storage))
    try:
        yield clients.tables
    finally:
        await clients.close()


async def set_paused(storage: str, paused: bool, why: str = "a test") -> None:
    """Pause the app, or let it go on."""
    async with _tables(storage) as tables:
        switches = Switches(ConditionalTable(tables, SWITCHES))
        await switches.set_paused(paused, "somebody", why, datetime.now(UTC))


async def lose_switch(storage: str) -> None:
    """Take the switch's row away, as a ledger that was restored only in part would have it."""
    async with _tables(storage) as tables:
        await tables.get_table_client(SWITCHES).delete_entity("app", "pause")
