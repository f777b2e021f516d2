"""The connections to Resource Manager, and the one retry that has to be taken out of them.

aiohttp sends a request of an "idempotent" method a second time, by itself, when the connection breaks before an
answer (RFC 9112, 9.3.1). For a remediation a second PUT is not harmless: the first may have taken effect and ended.
Whether it did is found out by looking for the task under its name, so a PUT goes out once.
"""

from typing import TYPE_CHECKING

import aiohttp

if TYPE_CHECKING:
    from azure.core.pipeline.transport import AioHttpTransport

CONNECT_SECONDS = 5
READ_SECONDS = 20  # between two pieces of one answer


def transport(trust_environment: bool) -> "AioHttpTransport":
    """A transport of its own session; made inside the event loop that will use it. The SDK client closes it."""
    from azure.core.pipeline.transport import AioHttpTransport

    session = aiohttp.ClientSession(
        middlewares=(_writes_go_out_once,),
        trust_env=trust_environment,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,  # the SDK does it
    )
    return AioHttpTransport(session=session, connection_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS)


async def _writes_go_out_once(
    request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
) -> aiohttp.ClientResponse:
    """Tell a broken connection under another name than those that aiohttp answers with a repetition."""
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise  # nothing was sent, and aiohttp does not repeat it either
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        if request.method in ("GET", "HEAD"):
            raise
        raise aiohttp.ClientConnectionError(f"the connection broke before an answer came: {error}") from error
