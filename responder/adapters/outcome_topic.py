"""The Event Grid topic that outcome events are published to, as CloudEvents 1.0.

It is asked once: waits belong between the sweep's ticks and not into an invocation, so the SDK's retries and redirects
are left out. The identity signs; no key of the topic is ever used. Over plain http, which is for a topic of a test on
this machine, no token is sent. The SDK is imported with the first event.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from azure.core.exceptions import AzureError, ResourceNotFoundError

from responder.adapters.arm_credential import ArmCredential
from responder.adapters.arm_error import NO_CREDENTIAL, ArmError, arm_error
from responder.adapters.arm_pipeline import NoAuthentication, OneHost, bearer
from responder.adapters.endpoint import is_loopback
from responder.adapters.settings import Settings
from responder.core.outcome_event import OutcomeEvent
from responder.core.telemetry_names import SERVICE, VERSION

if TYPE_CHECKING:
    from azure.core.messaging import CloudEvent
    from azure.eventgrid.aio import EventGridPublisherClient

# learn.microsoft.com/azure/event-grid/authenticate-with-microsoft-entra-id
_SCOPE = "https://eventgrid.azure.net/.default"
_WITHIN = timedelta(seconds=10)
_LONGEST_REST = timedelta(minutes=5)


class NotPublished(Exception):
    """The topic did not take the events; the message says why and what to do. `theirs`: these very events are at fault.

    `rest`: how long the topic asked not to be asked.
    """

    def __init__(self, because: str, theirs: bool, rest: timedelta | None) -> None:
        super().__init__(because)
        self.theirs, self.rest = theirs, rest


class OutcomeTopic:
    """Publishes. Made once per process, used in one event loop; close it at the end."""

    def __init__(self, settings: Settings, endpoint: str) -> None:
        self._endpoint = endpoint
        self._source = source_of(settings)
        self._credential = ArmCredential(settings.client_id, settings.managed_identity)
        self._client: EventGridPublisherClient | None = None
        self._refusals = 0
        self._rests_until: datetime | None = None

    def rests(self, now: datetime) -> bool:
        """Whether it refused a moment ago: it is left alone for seconds, then for minutes."""
        return self._rests_until is not None and now < self._rests_until

    async def publish(self, events: Sequence[OutcomeEvent], now: datetime) -> None:
        """Publish all of them or none; raises `NotPublished`."""
        try:
            async with asyncio.timeout(_WITHIN.total_seconds()):
                await self._opened().send([cloud_event(event, self._source) for event in events])
        except (AzureError, TimeoutError) as error:
            refused = _refused(_in_one_kind(error, self._endpoint))
            if not refused.theirs:
                self.let_rest(now, refused.rest)
            raise refused from error
        self._refusals, self._rests_until = 0, None

    def let_rest(self, now: datetime, asked: timedelta | None = None) -> None:
        """Leave it alone for a while, longer each time, and at least as long as it asked."""
        self._refusals += 1
        grown = min(timedelta(seconds=2.0 ** min(self._refusals, 10)), _LONGEST_REST)
        self._rests_until = now + max(grown, asked or grown)

    def _opened(self) -> "EventGridPublisherClient":
        if self._client is None:
            from azure.core.pipeline import AsyncPipeline
            from azure.eventgrid.aio import EventGridPublisherClient

            from responder.adapters.arm_transport import transport

            anonymous = self._endpoint.startswith("http://") and is_loopback(self._endpoint)
            pipeline: Any = AsyncPipeline(transport(not anonymous), self._policies(anonymous))
            self._client = EventGridPublisherClient(self._endpoint, self._credential, pipeline=pipeline)
        return self._client

    def _policies(self, anonymous: bool) -> list[Any]:
        from azure.core.pipeline.policies import ContentDecodePolicy, RequestIdPolicy, UserAgentPolicy

        return [
            RequestIdPolicy(),
            UserAgentPolicy(base_user_agent=f"{SERVICE}/{VERSION}", user_agent_overwrite=True),
            ContentDecodePolicy(),
            OneHost(self._endpoint),
            NoAuthentication() if anonymous else bearer(self._credential, _SCOPE),
        ]

    async def close(self) -> None:
        """Close what was opened."""
        if self._client is not None:
            await self._client.close()
        await self._credential.close()


def source_of(settings: Settings) -> str:
    """Who speaks: the app, by its name in Azure where it has one. A URI reference."""
    return f"{SERVICE}/{quote(settings.site_name, safe='')}" if settings.site_name else SERVICE


def cloud_event(event: OutcomeEvent, source: str) -> "CloudEvent[Any]":
    """The event in the SDK's own type."""
    from azure.core.messaging import CloudEvent

    return CloudEvent(
        source=source,
        type=event.type.value,
        id=event.id,
        time=event.at,
        subject=event.subject,
        datacontenttype="application/json",
        data=dict(event.data),
        extensions={"traceparent": event.trace},
    )


def _in_one_kind(error: Exception, endpoint: str) -> ArmError:
    """The SDK replaces the answer by words of its own where it is 404."""
    if isinstance(error, ResourceNotFoundError) and error.status_code is None:
        return ArmError("publishing to", endpoint, 404, "NotFound", str(error))
    return arm_error("publishing to", endpoint, error)


def _refused(error: ArmError) -> NotPublished:
    answer = "no answer" if error.status is None else f"HTTP {error.status}"
    said = " ".join(part for part in (error.code, error.message) if part)
    host = urlsplit(error.about).netloc
    because = f"The topic at {host} did not take it: {answer}{f', {said}' if said else ''}; {_advice(error)}."
    return NotPublished(because, error.status in (400, 413), error.retry_after)


def _advice(error: ArmError) -> str:
    if error.code == NO_CREDENTIAL:
        return "give the app a managed identity (AZURE_CLIENT_ID names a user-assigned one)"
    advice = {
        400: "the topic's input schema must be CloudEvents 1.0 (cloudeventschemav1_0)",
        401: "the app's identity needs the role EventGrid Data Sender on the topic",
        403: "the identity needs the role EventGrid Data Sender on the topic, and the topic's firewall must let it in",
        404: "check RESPONDER_OUTCOME_TOPIC: the endpoint as the portal shows it, with /api/events",
        413: "it is larger than Event Grid takes",
    }
    return advice.get(error.status or 0, "it is tried again")
