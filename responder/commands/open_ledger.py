"""The ledger as commands use it: the storage that the app uses, found as the app finds it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from azure.core.exceptions import AzureError, ClientAuthenticationError

from responder.adapters.case_rows import NewerRow
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.due_queue import DueQueue
from responder.adapters.ledger import CASES, RESOURCES, Ledger
from responder.adapters.storage import StorageClients, in_words, open_storage
from responder.adapters.storage_settings import BadStorage, read_storage
from responder.local.host.app_settings import LOCAL_SETTINGS, read_app_settings
from responder.local.host.trouble import HostError

_ELSEWHERE = (
    " On a laptop, copy local.settings.json.example to local.settings.json; for the app in Azure, docs/deploy.md has "
    "the line, under 'The command line'."
)
NO_LEDGER = "This storage account has no ledger yet: the app creates it when it takes its first event."


class NoLedger(Exception):
    """The ledger cannot be read; the message is one sentence that says why and what to do."""


@asynccontextmanager
async def open_storage_of(environment: Mapping[str, str] | None = None) -> AsyncIterator[StorageClients]:
    """The environment's storage, else that of `local.settings.json` here; raises `NoLedger`."""
    try:
        storage = read_storage(environment if environment is not None else told_environment())
    except BadStorage as error:
        raise NoLedger(f"{error}.{_hint()}") from error
    clients = open_storage(storage)
    try:
        yield clients
    except AzureError as error:
        raise NoLedger(_why(error)) from error
    except NewerRow as newer:
        raise NoLedger(f"{newer} Run the command with that version.") from newer
    finally:
        await clients.close()


@asynccontextmanager
async def open_ledger(environment: Mapping[str, str] | None = None) -> AsyncIterator[Ledger]:
    """The ledger in that storage; raises `NoLedger`."""
    async with open_storage_of(environment) as clients:
        yield ledger_of(clients)


def ledger_of(clients: StorageClients) -> Ledger:
    """The ledger that lies in a storage account."""
    tables = [ConditionalTable(clients.tables, name) for name in (CASES, RESOURCES)]
    return Ledger(tables[0], tables[1], DueQueue(clients.queues), timedelta(minutes=1))


async def ledger_exists(clients: StorageClients) -> bool:
    """Whether the app has made its tables here. A table of ours made before them would count as a lost ledger."""
    return CASES in [table.name async for table in clients.tables.list_tables()]


def _why(error: AzureError) -> str:
    if getattr(error, "error_code", "") == "TableNotFound" or getattr(error, "status_code", 0) == 404:
        return NO_LEDGER
    if isinstance(error, ClientAuthenticationError) and not error.status_code:
        return "No credential for the ledger's storage account was found: run `az login`, then the command again."
    return str(in_words(error, "read the ledger"))


def _hint() -> str:
    """What a fresh clone lacks."""
    return "" if Path(LOCAL_SETTINGS).exists() else _ELSEWHERE


def told_environment() -> Mapping[str, str]:
    """The environment over what `local.settings.json` here says; raises `NoLedger` where that is unreadable."""
    try:
        return read_app_settings(Path()).values
    except HostError as error:
        raise NoLedger(str(error)) from error
