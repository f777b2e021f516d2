"""Resource Manager as an export remembers it: the answers of a notebook, offered on this machine.

So a survey from a file reads its facts through the same clients, and nothing in them knows of files. It listens on
127.0.0.1 alone, on any free port, and to plain http on loopback no credential is ever sent.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from responder.adapters.survey_clients import question
from responder.adapters.survey_notebook import Notebook

_UNKNOWN = {"error": {"code": "NotInTheExport", "message": "The export holds no answer to this; export it again."}}


@asynccontextmanager
async def offline(notebook: Notebook) -> AsyncIterator[str]:
    """Offer the notebook's answers while the context lasts; gives the endpoint."""

    async def answer(request: web.Request) -> web.Response:
        kept = notebook.answer(question(request.raw_path))
        if kept is None:
            return web.json_response(_UNKNOWN, status=400)
        # Links to next pages lead to where the answers came from.
        body = kept.body.replace(notebook.endpoint, _endpoint(runner)) if notebook.endpoint else kept.body
        return web.Response(status=kept.status, text=body, content_type="application/json")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield _endpoint(runner)
    finally:
        await runner.cleanup()


def _endpoint(runner: web.AppRunner) -> str:
    return f"http://127.0.0.1:{runner.addresses[0][1]}"
