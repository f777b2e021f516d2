"""The host's own endpoints: is it up, what does it run, run this one now.

https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import web

from responder.local.host.functions import EventGridTrigger, Function, HttpTrigger, QueueTrigger, TimerTrigger
from responder.local.host.invocations import Invocations
from responder.local.host.messages import TypedData
from responder.local.host.timers import timer_request

_KINDS = {
    EventGridTrigger: "eventGridTrigger",
    QueueTrigger: "queueTrigger",
    TimerTrigger: "timerTrigger",
    HttpTrigger: "httpTrigger",
}


class Admin:
    """What a person or a script asks of the host itself."""

    def __init__(self, functions: Mapping[str, Function], invocations: Invocations) -> None:
        self._functions = functions
        self._invocations = invocations

    def routes(self) -> list[web.RouteDef]:
        """The admin paths of a Functions host that are of use on a laptop."""
        return [
            web.get("/admin/host/status", self._status),
            web.get("/admin/functions", self._list),
            web.post("/admin/functions/{name}", self._start),
        ]

    async def _status(self, _request: web.Request) -> web.Response:
        return web.json_response({"state": "Running", "processUptime": None, "errors": []})

    async def _list(self, _request: web.Request) -> web.Response:
        return web.json_response(
            [
                {"name": each.name, "config": {"bindings": [{"type": _KINDS[type(each.trigger)]}]}}
                for each in self._functions.values()
            ]
        )

    async def _start(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        function = self._functions.get(name)
        if function is None:
            return web.Response(status=404, text=f"There is no function named {name!r}.")
        try:
            data = _data(function, await request.text())
        except ValueError as error:
            return web.Response(status=400, text=str(error))
        self._invocations.start(function, data, cause="by hand")
        return web.Response(status=202)


def _data(function: Function, text: str) -> TypedData:
    """What the function is given: the request's `input`, or for a timer the present time."""
    match function.trigger:
        case TimerTrigger() as trigger:
            return timer_request(trigger, datetime.now(UTC), None)
        case QueueTrigger():
            return TypedData(string=_input(text))
        case EventGridTrigger():
            return TypedData(json=_event(_input(text)))
        case HttpTrigger():
            raise ValueError(f"{function.name} is an HTTP function; send the request to its own address.")


def _input(text: str) -> str:
    try:
        content = json.loads(text)
    except ValueError as error:
        raise ValueError(f"The body is not JSON: {error}.") from error
    value = content.get("input") if isinstance(content, dict) else None
    if not isinstance(value, str):
        raise ValueError('The body must be {"input": "<a string>"}.')
    return value


def _event(text: str) -> str:
    if not isinstance(json.loads(text), dict):
        raise ValueError("The input of an Event Grid function must be one event.")
    return text
