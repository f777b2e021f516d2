"""The present non-compliant states of some scopes, read page by page into a notebook.

One query for each scope, a management group too (`policyStates/latest/queryResults` exists at every scope,
https://learn.microsoft.com/rest/api/policyinsights/policy-states): that is the fewest requests, and the order of the
rows does not matter, because the notebook puts them in order. Several scopes are read at a time.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from azure.core.rest import HttpRequest

from responder.adapters.arm import ArmClients, asking
from responder.adapters.arm_error import ArmError
from responder.adapters.patience import Patience
from responder.adapters.survey_notebook import Notebook, Unfinished
from responder.core.resource_id import resource_id

API_VERSION = "2024-10-01"
AT_A_TIME = 4
_FILTER = "complianceState eq 'NonCompliant'"

Progress = Callable[[str, int, bool], None]  # the scope, how many states its page held, whether it was the last page


async def read_states(clients: ArmClients, notebook: Notebook, patience: Patience, progress: Progress) -> None:
    """Read what is still unread. Raises `ArmError` and `Impatient`; what was read by then is in the notebook."""
    waiting = iter(notebook.unfinished())
    try:
        async with asyncio.TaskGroup() as group:
            for _reader in range(AT_A_TIME):
                group.create_task(_read_scopes(waiting, clients, notebook, patience, progress))
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors


async def _read_scopes(
    waiting: Iterator[Unfinished], clients: ArmClients, notebook: Notebook, patience: Patience, progress: Progress
) -> None:
    for unfinished in waiting:
        await _read_scope(unfinished, clients, notebook, patience, progress)


async def _read_scope(
    unfinished: Unfinished, clients: ArmClients, notebook: Notebook, patience: Patience, progress: Progress
) -> None:
    scope, link = unfinished.scope, unfinished.link
    continued = link is not None
    while True:
        try:
            rows, link = await _page(clients, scope, link, patience)
        except ArmError as error:
            if not continued or error.status not in (400, 404, 410):
                raise
            notebook.start_over(scope)  # a link that was written down yesterday leads nowhere any more
            link, continued = None, False
            continue
        continued = False
        count = notebook.add_page(scope, rows, link)
        progress(scope, count, link is None)
        if link is None:
            return


async def _page(
    clients: ArmClients, scope: str, link: str | None, patience: Patience
) -> tuple[list[Mapping[str, object]], str | None]:
    tries = 0
    while True:
        tries += 1
        try:
            return await _ask(clients, scope, link)
        except ArmError as error:
            await patience.after(error, tries)


async def _ask(clients: ArmClients, scope: str, link: str | None) -> tuple[list[Mapping[str, object]], str | None]:
    """One page. A link goes out as Azure wrote it; the pipeline refuses one that leads to another host.

    The SDK would make an object of each row, which costs more than all the rest; the rows are read as they came.
    """
    async with asking("reading the policy states of", scope):
        response = await clients.insights.send_request(_request(scope, link))
        response.raise_for_status()
        body: Any = response.json()
    rows = [row for row in body.get("value", []) if isinstance(row, Mapping)]
    following = body.get("@odata.nextLink")
    return rows, following if isinstance(following, str) and following else None


def _request(scope: str, link: str | None) -> HttpRequest:
    if link is not None:
        return HttpRequest("POST", link)
    path = f"/{resource_id(scope).for_url}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults"
    return HttpRequest("POST", path, params={"api-version": API_VERSION, "$filter": _FILTER})
