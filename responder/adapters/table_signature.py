"""What proves to Table storage who asks: the account's key, a shared access signature, or an identity's token.

A token or a signature goes to the account's own endpoint and nowhere else: redirects are not followed
(learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key, "Shared Key Lite format for Table service").
"""

import asyncio
import base64
import hashlib
import hmac
import time
from typing import Protocol
from urllib.parse import urlsplit
from wsgiref.handlers import format_date_time

from azure.core.credentials import AccessToken, AzureNamedKeyCredential, AzureSasCredential
from azure.core.credentials_async import AsyncTokenCredential

# The same in every cloud (learn.microsoft.com/azure/storage/tables/authorize-access-azure-active-directory).
_SCOPE = "https://storage.azure.com/.default"
_EARLY = 300  # seconds before its end at which a token is asked for anew

Credential = AzureNamedKeyCredential | AzureSasCredential | AsyncTokenCredential


class Signature(Protocol):
    """One way to prove who asks."""

    query: str  # what the address carries; "" but for a shared access signature

    async def headers(self, path: str) -> dict[str, str]:
        """The headers of one request to this path, which is encoded as it will be sent."""

    def refused(self) -> None:
        """The service answered 401: what was kept is not to be used again."""


def signature_of(url: str, credential: Credential | None) -> Signature:
    """The way that fits a client's credential; where it has none, its address carries the signature."""
    match credential:
        case AzureNamedKeyCredential():
            return _SharedKey(credential)
        case AzureSasCredential():
            return _SharedAccess(credential.signature.lstrip("?"))
        case None:
            return _SharedAccess(urlsplit(url).query)
        case _:
            return _Token(credential)


class _SharedKey:
    """The account's key, which signs the time and the path."""

    query = ""

    def __init__(self, credential: AzureNamedKeyCredential) -> None:
        named = credential.named_key
        self._account, self._key = named.name, base64.b64decode(named.key)

    async def headers(self, path: str) -> dict[str, str]:
        date = format_date_time(time.time())
        told = hmac.digest(self._key, f"{date}\n/{self._account}{path}".encode(), hashlib.sha256)
        return {
            "x-ms-date": date,
            "Authorization": f"SharedKeyLite {self._account}:{base64.b64encode(told).decode()}",
        }

    def refused(self) -> None:
        """A key does not age."""


class _SharedAccess:
    """A signature that somebody made beforehand; it is part of every address."""

    def __init__(self, query: str) -> None:
        self.query = query

    async def headers(self, path: str) -> dict[str, str]:  # noqa: ARG002 - the address proves it
        return {"x-ms-date": format_date_time(time.time())}

    def refused(self) -> None:
        """Nobody can make another."""


class _Token:
    """An identity's token, asked for once and kept until shortly before its end."""

    query = ""

    def __init__(self, credential: AsyncTokenCredential) -> None:
        self._credential = credential
        self._kept: AccessToken | None = None
        self._asking = asyncio.Lock()

    async def headers(self, path: str) -> dict[str, str]:  # noqa: ARG002 - a token is not bound to a path
        return {"x-ms-date": format_date_time(time.time()), "Authorization": f"Bearer {(await self._token()).token}"}

    def refused(self) -> None:
        self._kept = None

    async def _token(self) -> AccessToken:
        if self._kept is None or self._kept.expires_on - time.time() < _EARLY:
            async with self._asking:
                if self._kept is None or self._kept.expires_on - time.time() < _EARLY:
                    self._kept = await self._credential.get_token(_SCOPE)
        return self._kept
