"""The present non-compliant states of some scopes, read page by page into a notebook.

One query for each scope, a management group too: that is the fewest requests, and the order of the rows does not
matter, because the notebook puts them in order. Several scopes are read at a time.
"""

import asyncio
from collections.abc import Callable, Iterator

from responder.adapters.arm import ArmClients
from responder.adapters.arm_error import ArmError
from responder.adapters.patience import Patience
from responder.adapters.state_pages import Page, read_page
from responder.adapters.survey_notebook import Notebook, Unfinished

AT_A_TIME = 4

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
            page = await _page(clients, scope, link, patience)
        except ArmError as error:
            if not continued or error.status not in (400, 404, 410):
                raise
            notebook.start_over(scope)  # a link that was written down yesterday leads nowhere any more
            link, continued = None, False
            continue
        continued, link = False, page.following
        count = notebook.add_page(scope, page.rows, link)
        progress(scope, count, link is None)
        if link is None:
            return


async def _page(clients: ArmClients, scope: str, link: str | None, patience: Patience) -> Page:
    tries = 0
    while True:
        tries += 1
        try:
            return await read_page(clients, scope, link)
        except ArmError as error:
            await patience.after(error, tries)
