"""The storage account: tables for the ledger, a queue for what is due. One place builds the clients.

The SDK's own retries stay on here (unlike for Resource Manager): a storage call is short, and every write is
conditional, so repeating it is safe. The one trap is a write that took effect before its answer was lost; its
repeat finds another ETag, and the protocol reads again in that case anyway.
"""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.request import getproxies

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ServiceRequestError
from azure.data.tables.aio import TableServiceClient
from azure.storage.queue.aio import QueueServiceClient

from responder.adapters.arm_error import printable
from responder.adapters.storage_settings import Storage

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.storage.blob.aio import BlobServiceClient

_RETRIES: dict[str, Any] = {
    "retry_total": 4,
    "retry_connect": 3,
    "retry_read": 3,
    "retry_status": 3,
    "retry_backoff_factor": 0.2,
}
# Queues and blobs have a policy of their own, which begins with a wait of 15 seconds where it is told nothing: Event
# Grid would give up on an event (30 seconds) while its ticket waits. So: after 1 to 3 seconds, then after 3 to 5.
_QUEUE_RETRIES: dict[str, Any] = {
    "retry_total": 2,
    "initial_backoff": 0,
    "increment_base": 2,
    "random_jitter_range": 1,
}


# The SDK would log two records of many lines for each request, at the level at which Functions' worker listens.
_REQUEST_LOG = "azure.core.pipeline.policies.http_logging_policy"


class StorageTrouble(Exception):
    """The storage account did not do what was asked; the message says what, where and what to do."""


@dataclass(frozen=True, slots=True)
class StorageClients:
    """The tables and queues of one account, open until `close`; blobs for the few who ask."""

    tables: TableServiceClient
    queues: QueueServiceClient
    account: Storage
    credential: "AsyncTokenCredential | None" = None

    def blobs(self) -> "BlobServiceClient":
        """The blob service of the same account, for one use: close it. Its library is imported here.

        Raises `StorageTrouble` where the settings name no blob service.
        """
        from azure.storage.blob.aio import BlobServiceClient

        try:
            if self.account.connection_string is not None:
                return BlobServiceClient.from_connection_string(self.account.connection_string, **_QUEUE_RETRIES)
            if not self.account.blob:
                raise ValueError("no URL")
            return BlobServiceClient(self.account.blob, credential=self.credential, **_QUEUE_RETRIES)
        except ValueError as error:
            raise StorageTrouble(
                "Cannot reach the blobs of the storage account: AzureWebJobsStorage names no blob service; set "
                "AzureWebJobsStorage__blobServiceUri, or BlobEndpoint in the connection string"
            ) from error

    async def close(self) -> None:
        """Close both clients and the credential."""
        await self.tables.close()
        await self.queues.close()
        if self.credential is not None:
            await self.credential.close()


def open_storage(storage: Storage) -> StorageClients:
    """The clients of the account that the settings name; nothing is sent yet."""
    logging.getLogger(_REQUEST_LOG).setLevel(logging.WARNING)
    to_tables, to_queues = {**_RETRIES, **_lean()}, {**_QUEUE_RETRIES, **_lean()}
    if storage.connection_string is not None:
        tables = TableServiceClient.from_connection_string(storage.connection_string, **to_tables)
        queues = QueueServiceClient.from_connection_string(storage.connection_string, **to_queues)
        return StorageClients(tables, queues, storage)
    credential = _credential(storage)
    return StorageClients(
        TableServiceClient(storage.table, credential=credential, **to_tables),
        QueueServiceClient(storage.queue, credential=credential, **to_queues),
        storage,
        credential,
    )


def _lean() -> dict[str, Any]:
    """Where no proxy is set, the transport need not look for one.

    It would look for a `.netrc` before each request, in a thread of its own: a third of what the request costs us.
    """
    return {"use_env_settings": bool(getproxies())}


def _credential(storage: Storage) -> "AsyncTokenCredential":
    from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential

    if storage.managed_identity:
        return ManagedIdentityCredential(client_id=storage.client_id)
    return DefaultAzureCredential(managed_identity_client_id=storage.client_id)


def in_words(error: AzureError, doing: str) -> StorageTrouble:
    """One sentence for the person who reads it: what could not be done, why, and what to look at."""
    if isinstance(error, ServiceRequestError):
        what = "nobody answers there; is the storage running (locally: Azurite, `make setup` installs it)?"
    elif isinstance(error, ClientAuthenticationError) or _status(error) in (401, 403):
        what = (
            "it refused us; check AzureWebJobsStorage's key, or the identity's Table and Queue Data Contributor roles"
        )
    else:
        what = printable(str(getattr(error, "message", error)), 300) + "; check AzureWebJobsStorage"
    return StorageTrouble(f"Cannot {doing} in the storage account: {what}")


def _status(error: AzureError) -> int | None:
    return error.status_code if isinstance(error, HttpResponseError) else None
