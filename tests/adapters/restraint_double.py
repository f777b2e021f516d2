"""The restraint table of a test: real ones of several hosts on one storage account, and one that cannot be reached."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.restraint import RESTRAINT
from responder.adapters.storage import open_storage
from responder.adapters.storage_settings import Storage

_NOWHERE = (
    "DefaultEndpointsProtocol=http;AccountName=nobody;AccountKey=bm9ib2R5;"
    "QueueEndpoint=http://127.0.0.1:9/nobody;TableEndpoint=http://127.0.0.1:9/nobody;"
)


@asynccontextmanager
async def tables(storage: str, hosts: int = 1) -> AsyncIterator[list[ConditionalTable]]:
    """The table, as so many hosts see it, each over connections of its own."""
    async with AsyncExitStack() as stack:
        seen = []
        for _host in range(hosts):
            clients = open_storage(Storage(connection_string=storage))
            stack.push_async_callback(clients.close)
            seen.append(ConditionalTable(clients.tables, RESTRAINT))
        await seen[0].create()
        yield seen


@asynccontextmanager
async def unreachable() -> AsyncIterator[ConditionalTable]:
    """A table of an account where nobody answers."""
    clients = open_storage(Storage(connection_string=_NOWHERE))
    try:
        yield ConditionalTable(clients.tables, RESTRAINT)
    finally:
        await clients.close()


async def spoil(table: ConditionalTable, partition: str, row: str, **columns: object) -> None:
    """Change columns of a row behind the app's back."""
    found = await table.get(partition, row)
    assert found is not None
    await table.put({**found[0], **columns})
