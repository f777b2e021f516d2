"""A request that Azure asked us not to send yet is not sent.

Azure throttles by subscription and says how long by `Retry-After`; calls that come all the same count against us
(https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling). Hundreds of cases
may be due for one subscription: the first that is refused tells all others of this process. Nothing sleeps here: the
call fails with what is left to wait, and the case is held so long.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy
from azure.core.rest import AsyncHttpResponse, HttpRequest

from responder.adapters.arm_error import HeldBack, retry_after

_REFUSALS = (429, 503)
_SUBSCRIPTION = re.compile(r"/subscriptions/([^/]+)")
_STEP = timedelta(milliseconds=100)


class Holds:
    """Until when each subscription is left alone; "" is everything above subscriptions."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._until: dict[str, datetime] = {}

    def rest(self, subscription: str) -> timedelta | None:
        """What is left to wait, rounded up to a tenth of a second, or `None`."""
        until = self._until.get(subscription)
        if until is None:
            return None
        left = until - self._clock()
        if left <= timedelta():
            del self._until[subscription]
            return None
        return -(-left // _STEP) * _STEP

    def told(self, subscription: str, headers: dict[str, str]) -> None:
        """Take what an answer's headers (names in lower case) ask for; a hold only grows."""
        now = self._clock()
        if wait := retry_after(headers, now):
            self._until[subscription] = max(now + wait, self._until.get(subscription, now))


class HoldBack(AsyncHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Sends nothing for a subscription that is held; learns from each 429 and 503 that tells a time."""

    def __init__(self, holds: Holds) -> None:
        self._holds = holds

    async def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, AsyncHttpResponse]:
        """Send the request, or raise `HeldBack` before anything leaves this process."""
        found = _SUBSCRIPTION.match(urlsplit(request.http_request.url).path.lower())
        subscription = found[1] if found else ""
        if rest := self._holds.rest(subscription):
            raise HeldBack(f"subscription {subscription}" if subscription else "the tenant", rest)
        response = await self.next.send(request)
        if response.http_response.status_code in _REFUSALS:
            headers = {name.lower(): value for name, value in response.http_response.headers.items()}
            self._holds.told(subscription, headers)
        return response
