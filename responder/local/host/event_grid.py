"""The Event Grid webhook, as the extension in Azure answers it.

One invocation for each event of a body, all of them in parallel; 202 only when all of them succeed, else 500
and Event Grid sends the whole body again, what succeeded included.

https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
https://github.com/cloudevents/spec/blob/v1.0/http-webhook.md#4-abuse-protection
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence

from aiohttp import web

from responder.local.host.functions import Function
from responder.local.host.invocations import Invocations
from responder.local.host.messages import TypedData
from responder.local.host.worker import Failed

PATH = "/runtime/webhooks/EventGrid"


class EventGridWebhook:
    """The door for the app's Event Grid functions, by name."""

    def __init__(self, functions: Mapping[str, Function], invocations: Invocations) -> None:
        self._functions = {name.lower(): function for name, function in functions.items()}
        self._invocations = invocations

    def routes(self) -> list[web.RouteDef]:
        """Where it is to be found; Azure does not mind the case of the path."""
        path = "/runtime/webhooks/{extension:(?i:eventgrid)}"
        return [web.post(path, self._post), web.options(path, self._handshake)]

    async def _post(self, request: web.Request) -> web.Response:
        name = request.query.get("functionName", "")
        function = self._functions.get(name.lower())
        if function is None:
            return web.Response(status=404, text=f"There is no Event Grid function named {name!r}.")
        match request.headers.get("aeg-event-type", "").lower():
            case "subscriptionvalidation":
                return _validation(await request.text())
            case "notification":
                return await self._notify(function, request)
            case "unsubscribe":
                return web.Response(status=202)
            case _:
                return web.Response(
                    status=400,
                    text="The header aeg-event-type must be Notification, SubscriptionValidation or Unsubscribe.",
                )

    async def _notify(self, function: Function, request: web.Request) -> web.Response:
        try:
            events = _events(await request.text())
        except ValueError as error:
            return web.Response(status=400, text=str(error))
        traceparent = request.headers.get("traceparent", "")
        runs = [self._run(function, event, traceparent) for event in events]
        failures = [outcome for outcome in await asyncio.gather(*runs) if outcome is not None]
        if failures:
            return web.Response(status=500, text="\n".join(failures))
        return web.Response(status=202)

    async def _run(self, function: Function, event: Mapping[str, object], traceparent: str) -> str | None:
        """Run the function for one event, and return what went wrong."""
        outcome = await self._invocations.run(
            function,
            TypedData(json=json.dumps(event)),
            traceparent=traceparent,
            cause=f"event {_name(event)}",
        )
        return outcome.message if isinstance(outcome, Failed) else None

    async def _handshake(self, request: web.Request) -> web.Response:
        """Answer CloudEvents' question whether we want to be sent events from there: yes, as fast as you like."""
        origin = request.headers.get("WebHook-Request-Origin")
        if not origin:
            return web.Response(status=400, text="The header WebHook-Request-Origin is missing.")
        return web.Response(headers={"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"})


def _validation(text: str) -> web.Response:
    """Prove to Event Grid that the endpoint is ours, by sending its code back."""
    try:
        event = _events(text)[0]
        data = event["data"]
        code = data["validationCode"] if isinstance(data, dict) else None
    except (ValueError, IndexError, KeyError):
        code = None
    if not isinstance(code, str):
        return web.Response(status=400, text="The validation event has no data.validationCode.")
    return web.json_response({"validationResponse": code})


def _events(text: str) -> Sequence[Mapping[str, object]]:
    """Read an array of events, or one event alone. `ValueError` says what else it is."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"The body is not JSON: {error}.") from error
    events = content if isinstance(content, list) else [content]
    for number, event in enumerate(events, start=1):
        if not isinstance(event, dict):
            raise ValueError(f"Event {number} of the body is not an object.")
    return events


def _name(event: Mapping[str, object]) -> str:
    """What the log calls it; an id that is no text may be nested too deep to be written out."""
    named = event.get("id")
    return named[:80] if isinstance(named, str) else f"({type(named).__name__})"
