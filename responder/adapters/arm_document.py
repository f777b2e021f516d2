"""One document of Resource Manager by its id, or a whole list, through the pipeline that every call takes.

The SDKs have an operation for each place where a thing may live, and each takes the id apart to put it together
again; some lists they do not have at all (azure-mgmt-resource-policy 1.0.0 knows no exemptions). One GET with the id
encoded once does for all.

Nothing is read while any instance of the app was asked to wait for that subscription (or for what lies above all of
them), and what is told here by `Retry-After` is told to all of them.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

from azure.core.rest import HttpRequest

from responder.adapters.arm import ALL_PAGES, ONE_CALL, ArmClients, asking
from responder.adapters.arm_error import HELD_BACK, ArmError
from responder.core.documents import BadDocument, list_of, text_of, value_of
from responder.core.resource_id import ResourceId

MOST_PAGES = 300
MOST_ENTRIES = 20_000
"""Azure keeps at most 1,000 exemptions and 4,000 role assignments at one scope; a list spans several."""


async def read_document(clients: ArmClients, kind: str, named: ResourceId, version: str) -> Mapping[str, object]:
    """GET the id; raises `ArmError`, or `BadDocument` where the answer is no object."""
    async with _together(clients, f"reading {kind}", named, ONE_CALL):
        return await _answer(clients, HttpRequest("GET", f"/{named.for_url}", params={"api-version": version}))


async def read_list(
    clients: ArmClients, kind: str, scope: ResourceId, collection: str, parameters: Mapping[str, str]
) -> tuple[Mapping[str, object], ...]:
    """GET every page of a collection at a scope, such as `Microsoft.Authorization/policyExemptions`.

    Raises `ArmError`, or `BadDocument` where an answer is no list: that is not the same as an empty one.
    """
    request: HttpRequest | None = HttpRequest(
        "GET", f"/{scope.for_url}/providers/{collection}", params=dict(parameters)
    )
    found: list[Mapping[str, object]] = []
    pages = 0
    async with _together(clients, f"listing {kind} at", scope, ALL_PAGES):
        while request is not None:
            page = await _answer(clients, request)
            pages += 1
            if value_of(page, "value") is None:
                raise BadDocument(f"the list of {kind} has no entries at all, not even none")
            found += [each for each in list_of(page, "value", kind) if isinstance(each, Mapping)]
            if len(found) > MOST_ENTRIES or pages > MOST_PAGES:
                what = f"more than {MOST_ENTRIES} of them, or than {MOST_PAGES} pages"
                raise ArmError(f"listing {kind} at", scope.text, None, "TooManyRows", what)
            more = value_of(page, "nextLink")
            request = HttpRequest("GET", text_of(page, "nextLink", kind)) if more else None
    return tuple(found)


@asynccontextmanager
async def _together(clients: ArmClients, call: str, about: ResourceId, within: timedelta) -> AsyncIterator[None]:
    """One question; all instances of the app are held back from it together. Raises `ArmError`."""
    throttles, now = clients.throttles, clients.clock()
    if throttles and (wait := await throttles.until(about, now)):
        raise ArmError(call, about.text, 429, HELD_BACK, wait[1], wait[0] - now)
    try:
        async with asking(call, about.text, within):
            yield
    except ArmError as error:
        if throttles and error.retry_after and error.code != HELD_BACK:
            now = clients.clock()
            await throttles.told(about, now + error.retry_after, error.what, now)
        raise


async def _answer(clients: ArmClients, request: HttpRequest) -> Mapping[str, object]:
    response = await clients.policy.send_request(request)
    response.raise_for_status()
    document: object = response.json()
    if not isinstance(document, Mapping):
        raise BadDocument(f"it is a {type(document).__name__}, not an object")
    return document
