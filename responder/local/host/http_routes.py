"""HTTP triggers: a request goes to its function, what the function returns is the answer.

Keys are not asked for, as with Core Tools on a laptop.
https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from responder.local.host.functions import Function, HttpTrigger
from responder.local.host.invocations import Invocations
from responder.local.host.messages import RpcHttp, TypedData
from responder.local.host.worker import Failed

_PARAMETER = re.compile(r"\{(?P<rest>\*?)(?P<name>\w+)(?::(?P<kind>\w+)(?:\([^)]*\))?)?(?P<optional>\??)\}")
_KINDS = {"int": r"-?\d+", "long": r"-?\d+", "guid": r"[0-9a-fA-F-]{36}", "alpha": r"[A-Za-z]+"}


class HttpRoute:
    """The door for one HTTP function."""

    def __init__(self, function: Function, trigger: HttpTrigger, prefix: str, invocations: Invocations) -> None:
        self._function = function
        self._trigger = trigger
        self._prefix = prefix
        self._invocations = invocations

    @property
    def path(self) -> str:
        """Where it is to be found, as the app declares it."""
        return "/" + "/".join(part.strip("/") for part in (self._prefix, self._trigger.route) if part)

    def routes(self) -> list[web.RouteDef]:
        """Its path for each of its methods; twice where the last segment may be left out."""
        methods = self._trigger.methods
        return [_route(method, path, self._answer) for method in methods for path in _paths(self.path)]

    async def _answer(self, request: web.Request) -> web.Response:
        http = RpcHttp(
            method=request.method,
            url=str(request.url),
            headers=dict(request.headers),
            params=dict(request.match_info),
            query=dict(request.query),
            body=TypedData(bytes=await request.read()),
        )
        outcome = await self._invocations.run(
            self._function,
            TypedData(http=http),
            traceparent=request.headers.get("traceparent", ""),
            cause=f"{request.method} {request.path}",
        )
        # Azure does not tell a caller what was raised either.
        return web.Response(status=500) if isinstance(outcome, Failed) else _response(outcome.value)


def _route(method: str, path: str, answer: Callable[[web.Request], Awaitable[web.Response]]) -> web.RouteDef:
    # aiohttp would let GET answer HEAD too, which clashes with a function that declares both.
    return web.get(path, answer, allow_head=False) if method == "GET" else web.route(method, path, answer)


def _paths(route: str) -> list[str]:
    """Write an ASP.NET route template the way aiohttp does."""
    path = _PARAMETER.sub(_parameter, route)
    optional = [found for found in _PARAMETER.finditer(route) if found["optional"]]
    if not optional:
        return [path]
    return [_PARAMETER.sub(_parameter, route[: optional[0].start()].rstrip("/")), path]


def _parameter(found: re.Match[str]) -> str:
    if found["rest"]:
        return f"{{{found['name']}:.*}}"
    kind = _KINDS.get(found["kind"] or "")
    return f"{{{found['name']}:{kind}}}" if kind else f"{{{found['name']}}}"


def _response(value: TypedData | None) -> web.Response:
    if value is None:
        return web.Response(status=204)
    if value.http is None:
        return web.Response(text=value.string or value.json or "")
    response = web.Response(status=int(value.http.status_code), headers=value.http.headers, body=_body(value.http.body))
    for cookie in value.http.cookies or []:
        response.set_cookie(cookie.name, cookie.value)
    return response


def _body(data: TypedData | None) -> bytes:
    if data is None:
        return b""
    return data.bytes if data.bytes is not None else (data.string or data.json or "").encode()
