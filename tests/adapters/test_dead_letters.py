"""The container of dead letters on real storage, and the setting that names it."""

import pytest

from responder.adapters.dead_letters import LetterBlob, open_dead_letters
from responder.adapters.settings import BadSettings, read_settings
from responder.adapters.storage import StorageTrouble, open_storage
from responder.adapters.storage_settings import Storage
from tests.adapters.test_ledger import a_ledger
from tests.commands.test_redrive import CONTAINER, put_blob

NAME = "RESPONDER_DEAD_LETTERS"


async def test_a_blob_that_changed_since_it_was_listed_is_neither_read_nor_deleted(storage: str) -> None:
    await put_blob(storage, "one.json", [{}])
    old = LetterBlob("one.json", 4, '"0x0"')

    async with a_ledger(storage) as (_, clients), open_dead_letters(clients, CONTAINER) as letters:
        read = await letters.read(old)
        await letters.delete(old)

        assert read is None
        assert [blob.name async for blob in letters.letters()] == ["one.json"]


async def test_a_blob_that_is_gone_is_gone(storage: str) -> None:
    await put_blob(storage, "one.json", [{}])

    async with a_ledger(storage) as (_, clients), open_dead_letters(clients, CONTAINER) as letters:
        (blob,) = [blob async for blob in letters.letters()]
        await letters.delete(blob)
        await letters.delete(blob)

        assert await letters.read(blob) is None


async def test_blobs_are_counted_up_to_a_number(storage: str) -> None:
    for number in range(3):
        await put_blob(storage, f"{number}.json", [{}])

    async with a_ledger(storage) as (_, clients), open_dead_letters(clients, CONTAINER) as letters:
        assert [await letters.count(most) for most in (2, 5)] == [2, 3]


async def test_an_identity_without_a_blob_service_is_told_which_setting_is_missing() -> None:
    clients = open_storage(Storage(table="https://a.table.core.windows.net", queue="https://a.queue.core.windows.net"))

    with pytest.raises(StorageTrouble, match="AzureWebJobsStorage__blobServiceUri"):
        async with open_dead_letters(clients, CONTAINER):
            pass
    await clients.close()


@pytest.mark.parametrize("name", ["ab", "Upper", "a--b", "-ab", "ab-", "https://a/b", "a" * 64, "a_b"])
def test_what_is_no_name_of_a_container_is_refused(name: str) -> None:
    with pytest.raises(BadSettings, match=NAME):
        read_settings({"AzureWebJobsStorage": "UseDevelopmentStorage=true", NAME: name})


@pytest.mark.parametrize("name", ["abc", "dead-letters-2", "a" * 63])
def test_a_name_of_a_container_is_taken(name: str) -> None:
    settings = read_settings({"AzureWebJobsStorage": "UseDevelopmentStorage=true", NAME: name})

    assert settings.dead_letters == name
