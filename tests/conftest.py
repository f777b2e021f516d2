"""What tests share: a started Azurite, and for each test a storage account of its own in it."""

import base64
import itertools
import os
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from hypothesis import settings

from responder.local.azurite import Azurite

# What is submitted is judged by the same examples every time; on a laptop the search goes on.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")

KEY = base64.b64encode(b"a key for tests, of 32 bytes ...").decode()
_ACCOUNTS = [f"test{number}" for number in range(400)]


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def azurite() -> AsyncIterator[Azurite]:
    """One Azurite a worker process."""
    async with Azurite(accounts=dict.fromkeys(_ACCOUNTS, KEY)) as started:
        yield started


@pytest.fixture(scope="session")
def account_names() -> Iterator[str]:
    """Names of accounts that nobody has used yet."""
    return itertools.chain(_ACCOUNTS)


@pytest.fixture
def storage(azurite: Azurite, account_names: Iterator[str]) -> str:
    """The connection string of an empty storage account."""
    return account(azurite, next(account_names))


def account(azurite: Azurite, name: str) -> str:
    """The connection string of one of its accounts."""
    urls = {"Blob": azurite.blob_url, "Queue": azurite.queue_url, "Table": azurite.table_url}
    endpoints = ";".join(f"{kind}Endpoint={url}/{name}" for kind, url in urls.items())
    return f"DefaultEndpointsProtocol=http;AccountName={name};AccountKey={KEY};{endpoints};"
