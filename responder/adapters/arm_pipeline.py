"""What every request to Resource Manager passes through, the same for both SDK clients.

The list replaces the SDK's own on purpose. It has no retries, because a wait belongs in the queue and not in an
invocation, and because a PUT must go out once. It follows no redirects, and it does not register resource
providers by itself: the SDK's policy for that would answer a 409 with a POST, minutes of sleep and a second PUT.
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import (
    AsyncBearerTokenCredentialPolicy,
    AsyncHTTPPolicy,
    ContentDecodePolicy,
    HeadersPolicy,
    RequestIdPolicy,
    SansIOHTTPPolicy,
    UserAgentPolicy,
)
from azure.core.rest import AsyncHttpResponse, HttpRequest

from responder.adapters.arm_answer import ObjectsOnly, Readable
from responder.adapters.arm_credential import ArmCredential
from responder.adapters.arm_error import ForeignHost
from responder.adapters.arm_hold_back import HoldBack, Holds
from responder.adapters.endpoint import origin

Count = Callable[[str, int | None], None]  # the call's name, and the answer's status or None
_CALLS = re.compile(
    r"/(policystates|remediations|policyassignments|policydefinitions|policysetdefinitions"
    r"|policyexemptions|roleassignments|roledefinitions)"
    r"(?:/[^/]+(?:/(queryresults|listdeployments|cancel))?)?$"
)
_Request = PipelineRequest[HttpRequest]
_Authentication = SansIOHTTPPolicy[HttpRequest, AsyncHttpResponse] | AsyncHTTPPolicy[HttpRequest, AsyncHttpResponse]


def pipeline(endpoint: str, authentication: _Authentication, count: Count, agent: str, holds: Holds) -> list[object]:
    """The policies, outermost first. The host is checked before a token is put on the request.

    What is held back is not counted as a call; `holds` is shared by all clients of the process.
    """
    return [
        Readable(),
        RequestIdPolicy(),
        HeadersPolicy(),
        UserAgentPolicy(base_user_agent=agent, user_agent_overwrite=True),
        ObjectsOnly(),
        ContentDecodePolicy(),
        NextPagesByPost(),
        OneHost(endpoint),
        HoldBack(holds),
        CountCalls(count),
        authentication,
    ]


class OneHost(SansIOHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Refuses a request to any host but the endpoint: a token goes nowhere else, whatever a next link says."""

    def __init__(self, endpoint: str) -> None:
        self._origin = origin(endpoint)

    def on_request(self, request: _Request) -> None:
        """Raise `ForeignHost` before anything is sent."""
        try:
            told = origin(request.http_request.url)
        except ValueError as error:
            raise ForeignHost(f"the answer points to an address that is none: {error}") from error
        if "@" in urlsplit(request.http_request.url).netloc:
            raise ForeignHost("the answer points to an address with a user's name in it")
        if told != self._origin:
            raise ForeignHost(f"the answer points to {told[0]}://{told[1]}, which is not the configured endpoint")


class NextPagesByPost(SansIOHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Sends the link to a next page of policy states by POST.

    The query is a POST in every version of the API, and the specification defines no GET of that path; older SDKs
    have a `NextLink` operation of its own for it. The SDK of 2024-10-01 would follow the link by GET.
    """

    def on_request(self, request: _Request) -> None:
        """Change the method of a query that is about to go out as a GET."""
        asked = request.http_request
        if asked.method == "GET" and urlsplit(asked.url).path.lower().endswith("/queryresults"):
            asked.method = "POST"


class CountCalls(AsyncHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Tells how each request ended; the names are few, so that they can be a metric's dimension."""

    def __init__(self, count: Count) -> None:
        self._count = count

    async def send(self, request: _Request) -> PipelineResponse[HttpRequest, AsyncHttpResponse]:
        """Send the request and count its status; `None` where none came."""
        status: int | None = None
        try:
            response = await self.next.send(request)
            status = response.http_response.status_code
            return response
        finally:
            self._count(_name(request.http_request), status)


def _name(request: HttpRequest) -> str:
    found = _CALLS.search(urlsplit(request.url).path.lower())
    return f"{request.method} {found[2] or found[1]}" if found else f"{request.method} other"


class NoAuthentication(SansIOHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Sends no credential: for plain http on loopback, where a token must not travel."""


def bearer(credential: ArmCredential, scope: str) -> AsyncBearerTokenCredentialPolicy[HttpRequest, AsyncHttpResponse]:
    """Authentication by token, over https only; it also answers a claims challenge (continuous access evaluation)."""
    return AsyncBearerTokenCredentialPolicy(credential, scope)
