"""A look at the storage account that changes nothing: what may be read, what may be written, and whose clock is right.

A write is tried as the deletion of something that is not there: nothing is left behind, no message comes to anybody,
and no table of ours appears in an account that has none (an app that finds one would take its ledger for lost).
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import Any

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError

from responder.adapters.endpoint import is_loopback
from responder.adapters.ledger import CASES
from responder.adapters.named_parts import named_parts
from responder.adapters.storage import StorageClients, StorageTrouble
from responder.adapters.storage_settings import Storage
from responder.core.doctor import Check
from responder.core.doctor_storage import NO_CREDENTIAL, Answer, Probe
from responder.core.redrive import QUEUES

NOTHING = "doctor"  # a partition, a row, a blob that nobody has
_NO_MESSAGE = "00000000-0000-0000-0000-000000000000"
_NO_RECEIPT = "AgAAAAMAAAAAAAAA"


def account_of(storage: Storage) -> tuple[str, bool]:
    """The storage account's name, and whether it is one on this machine."""
    told = storage.connection_string
    if told is None:
        return storage.table.partition("://")[2].partition(".")[0], False
    parts = named_parts(told)
    endpoint = parts.get("tableendpoint", "")
    name = parts.get("accountname", "") or endpoint.partition("://")[2].partition(".")[0]
    return name, bool(endpoint) and is_loopback(endpoint)


class StorageHealth:
    """Probes one account. `ahead`: how far the clock here is ahead of the service's, once a queue has answered."""

    def __init__(self, clients: StorageClients, dead_letters: str, clock: Callable[[], datetime]) -> None:
        self._clients, self._container, self._clock = clients, dead_letters, clock
        self.ahead: timedelta | None = None

    async def probes(self) -> tuple[Probe, ...]:
        """Every table, queue and container that the app cannot do without."""
        return tuple(await asyncio.gather(self._table(), *map(self._queue, QUEUES), self._dead_letters()))

    async def _table(self) -> Probe:
        table = self._clients.tables.get_table_client(CASES)
        read = await _answer(lambda: _first(table.list_entities(results_per_page=1)))
        write = await _answer(lambda: table.delete_entity(NOTHING, NOTHING))
        return Probe(Check.TABLES, CASES, read, write)

    async def _queue(self, name: str) -> Probe:
        queue = self._clients.queues.get_queue_client(name)
        read = await _answer(lambda: queue.get_queue_properties(raw_response_hook=self._compare))
        write = await _answer(lambda: queue.delete_message(_NO_MESSAGE, _NO_RECEIPT))
        return Probe(Check.QUEUES, name, read, write)

    async def _dead_letters(self) -> Probe:
        await asyncio.to_thread(import_module, "azure.storage.blob.aio")
        try:
            service = self._clients.blobs()
        except StorageTrouble:
            return Probe(Check.DEAD_LETTERS, self._container, Answer(0), Answer(0))
        async with service:
            container = service.get_container_client(self._container)
            read = await _answer(lambda: _first(container.list_blobs(results_per_page=1)))
            write = await _answer(lambda: container.delete_blob(NOTHING))
        return Probe(Check.DEAD_LETTERS, self._container, read, write)

    def _compare(self, response: Any) -> None:
        """Its `Date` has whole seconds, cut off."""
        told = response.http_response.headers.get("Date")
        if told:
            ahead = self._clock() - parsedate_to_datetime(told).astimezone(UTC)
            self.ahead = ahead if ahead < timedelta() or ahead >= timedelta(seconds=1) else timedelta()


async def _first(pages: Any) -> None:
    async for _ in pages:
        return


async def _answer(ask: Callable[[], Awaitable[object]]) -> Answer:
    try:
        await ask()
    except HttpResponseError as error:
        if error.status_code is None:
            return Answer(0, NO_CREDENTIAL if isinstance(error, ClientAuthenticationError) else "")
        return Answer(error.status_code, _code(error))
    except AzureError:
        return Answer(0)
    return Answer(200)


def _code(error: HttpResponseError) -> str:
    told = getattr(error, "error_code", None)
    return str(getattr(told, "value", told) or "")
