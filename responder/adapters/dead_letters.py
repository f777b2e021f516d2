"""The blob container into which Event Grid puts the events it could not deliver.

Its library is imported when the container is first asked for, in a thread: only the sweep and two commands look
there, and an event must not wait for it. A container that is missing is an empty one: dead letters are off by default.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceModifiedError, ResourceNotFoundError

from responder.adapters.storage import StorageClients

if TYPE_CHECKING:
    from azure.storage.blob.aio import ContainerClient

LARGEST_BLOB = 32 * 1024 * 1024
"""More than this is not read: it would have to be held in memory."""
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class LetterBlob:
    """One blob of dead letters. Event Grid writes it once; the ETag says whether that still holds."""

    name: str
    size: int
    etag: str


class DeadLetters:
    """The container's blobs: listed, read, and deleted when every event of theirs was driven."""

    def __init__(self, container: "ContainerClient") -> None:
        self._container = container

    async def letters(self) -> AsyncIterator[LetterBlob]:
        """Every blob, page by page; none where the container is missing."""
        try:
            async for blob in self._container.list_blobs(results_per_page=_PAGE):
                yield LetterBlob(str(blob.name), int(blob.size or 0), str(blob.etag))
        except ResourceNotFoundError:
            return

    async def count(self, most: int = _PAGE) -> int:
        """How many there are, counted up to `most`."""
        number = 0
        async for _ in self.letters():
            number += 1
            if number >= most:
                break
        return number

    async def read(self, blob: LetterBlob) -> bytes | None:
        """Its content; `None` where it is gone or changed."""
        try:
            client = self._container.get_blob_client(blob.name)
            download = await client.download_blob(etag=blob.etag, match_condition=MatchConditions.IfNotModified)
            return bytes(await download.readall())
        except HttpResponseError as error:
            _must_be_gone(error)
            return None

    async def delete(self, blob: LetterBlob) -> None:
        """Delete it unless it changed; one that is gone is deleted."""
        try:
            client = self._container.get_blob_client(blob.name)
            await client.delete_blob(etag=blob.etag, match_condition=MatchConditions.IfNotModified)
        except HttpResponseError as error:
            _must_be_gone(error)


def _must_be_gone(error: HttpResponseError) -> None:
    if not isinstance(error, ResourceNotFoundError | ResourceModifiedError) and error.status_code != 412:
        raise error


@asynccontextmanager
async def open_dead_letters(storage: StorageClients, container: str) -> AsyncIterator[DeadLetters]:
    """The container in the app's storage account, open for one use. Raises `StorageTrouble` where none is named."""
    await asyncio.to_thread(import_module, "azure.storage.blob.aio")
    async with storage.blobs() as service:
        yield DeadLetters(service.get_container_client(container))
