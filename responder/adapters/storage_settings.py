"""Where the ledger lives: `AzureWebJobsStorage`, read as Azure Functions itself reads it.

The app shares the storage account of its function host, so it must understand the same settings: a connection
string, or the identity-based family `AzureWebJobsStorage__*`
(learn.microsoft.com, functions-reference, "Connecting to host storage with an identity").
Connection strings hold keys: they are never printed, neither in a message nor in a `repr`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from responder.adapters.named_parts import named_parts

NAME = "AzureWebJobsStorage"
_SERVICES = ("table", "queue", "blob")
# Azurite's account is published by Microsoft for everybody's laptop (learn.microsoft.com, storage-use-azurite).
_LAPTOP = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1;QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
    "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1;"
)


class BadStorage(ValueError):
    """The storage settings name no storage account; the message says which setting and what to write."""


@dataclass(frozen=True, slots=True)
class Storage:
    """One storage account: reached by its connection string, or, where there is none, by URL and identity."""

    connection_string: str | None = field(default=None, repr=False)
    table: str = ""  # URL of the service, without a trailing slash; empty with a connection string
    queue: str = ""
    blob: str = ""  # only Functions itself needs it
    managed_identity: bool = False  # `__credential` says managedidentity; else the default chain of credentials
    client_id: str | None = None  # of a user-assigned identity


def read_storage(environment: Mapping[str, str]) -> Storage:
    """Read `AzureWebJobsStorage` or its identity-based family; raises `BadStorage`."""
    text = environment.get(NAME, "").strip()
    if text:
        return Storage(connection_string=_connection_string(text))
    return _by_identity(environment)


def _connection_string(text: str) -> str:
    parts = named_parts(text)
    if parts.get("usedevelopmentstorage", "").lower() == "true":
        return _LAPTOP
    keyed = "accountname" in parts and "accountkey" in parts
    signed = "sharedaccesssignature" in parts and {"tableendpoint", "queueendpoint"} <= parts.keys()
    if not (keyed or signed):
        raise BadStorage(
            f"{NAME} is not a storage connection string (it has no AccountName with AccountKey, and no "
            "SharedAccessSignature with TableEndpoint and QueueEndpoint); copy it from the storage account, or write "
            "UseDevelopmentStorage=true for Azurite"
        )
    return text


def _by_identity(environment: Mapping[str, str]) -> Storage:
    account = _told(environment, "accountName")
    urls = {service: _told(environment, f"{service}ServiceUri") for service in _SERVICES}
    if not account and not (urls["table"] and urls["queue"]):
        raise BadStorage(
            f"{NAME} is not set; give it a connection string, or set {NAME}__accountName (or {NAME}__tableServiceUri "
            f"and {NAME}__queueServiceUri) to use an identity, or UseDevelopmentStorage=true for Azurite"
        )
    credential = _told(environment, "credential").lower()
    if credential not in ("", "managedidentity"):
        raise BadStorage(f"{NAME}__credential is {credential!r}; write managedidentity, or leave it out")
    table, queue, blob = (_url(service, urls[service], account) for service in _SERVICES)
    client_id = _told(environment, "clientId") or None
    return Storage(None, table, queue, blob, credential == "managedidentity", client_id)


def _told(environment: Mapping[str, str], suffix: str) -> str:
    return environment.get(f"{NAME}__{suffix}", "").strip()


def _url(service: str, told: str, account: str) -> str:
    """The service's URL; an account's name alone means the public cloud, as it does for Functions."""
    if not told:
        return f"https://{account}.{service}.core.windows.net" if account else ""
    if not _is_address(told):
        raise BadStorage(
            f"{NAME}__{service}ServiceUri must be an https:// address without a query, such as "
            f"https://myaccount.{service}.core.windows.net (an identity's token goes there)"
        )
    return told.rstrip("/")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not parts.query and not parts.username
