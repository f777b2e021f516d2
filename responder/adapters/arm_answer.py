"""What an answer of Resource Manager must look like before anything else reads it.

A proxy or a gateway can answer 200 with anything. The SDKs would break on it far from here and in many ways, or take
it for an empty list; here it becomes `DecodeError`, which is treated like no answer at all.
"""

import zlib
from collections.abc import Mapping
from urllib.parse import urlsplit

from azure.core.exceptions import DecodeError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy, ContentDecodePolicy, SansIOHTTPPolicy
from azure.core.rest import AsyncHttpResponse, HttpRequest

_LISTINGS = ("/queryresults", "/listdeployments")
_LINKS = ("nextLink", "@odata.nextLink")
_Request = PipelineRequest[HttpRequest]
_Response = PipelineResponse[HttpRequest, AsyncHttpResponse]


class Readable(AsyncHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Takes a body that cannot be unpacked, or is nested deeper than a parser goes, for one that cannot be read."""

    async def send(self, request: _Request) -> _Response:
        """Raise `DecodeError` for what neither the transport nor the SDK calls an error of its own."""
        try:
            return await self.next.send(request)
        except (RecursionError, zlib.error, LookupError, ValueError) as error:
            raise DecodeError(f"the body cannot be read: {type(error).__name__}") from error


class ObjectsOnly(SansIOHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Takes a success whose body is no object, or whose `value` is no list, for one that cannot be read.

    The SDK would read a list without `value` as an empty one, and nothing non-compliant is something else than nothing
    said. A link to a next page must be a text, and not lead to the same page again.
    """

    def on_response(self, request: _Request, response: _Response) -> None:
        """Raise `DecodeError`, as for a body that is no JSON at all."""
        body = response.context.get(ContentDecodePolicy.CONTEXT_NAME)
        asked = request.http_request.url
        if response.http_response.status_code in (200, 201) and not _is_readable(body, asked):
            raise DecodeError("the body is not the object that was expected", response=response.http_response)


def _is_readable(body: object, asked: str) -> bool:
    if not isinstance(body, Mapping):
        return False
    listing = urlsplit(asked).path.lower().endswith(_LISTINGS)
    links = [body.get(name) for name in _LINKS]
    followed = all(link is None or (isinstance(link, str) and link != asked) for link in links)
    return followed and isinstance(body.get("value", None if listing else []), list)
