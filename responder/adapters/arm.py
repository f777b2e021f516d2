"""The two SDK clients for Resource Manager, built in one place and only when something needs them.

azure-mgmt-policyinsights 1.1.0b6 speaks 2024-10-01 (the stable 1.0.1 speaks 2019-07-01 and drops resourceCount,
failureThreshold and statusMessage); azure-mgmt-resource-policy 1.0.0 speaks 2026-06-01. Ids are put into URLs by
us, already encoded (`ResourceId.for_url`), because the SDKs do not encode a resource's id.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError

from responder.adapters.arm_credential import ArmCredential
from responder.adapters.arm_error import arm_error
from responder.adapters.arm_hold_back import Holds
from responder.adapters.arm_pipeline import Count, NoAuthentication, bearer, pipeline
from responder.adapters.settings import Settings
from responder.core.telemetry_names import SERVICE, VERSION

if TYPE_CHECKING:
    from azure.mgmt.policyinsights.aio import PolicyInsightsClient
    from azure.mgmt.resource.policy.aio import PolicyClient

    from responder.adapters.throttles import Throttles

ONE_CALL = timedelta(seconds=30)
ALL_PAGES = timedelta(minutes=2)


def _uncounted(_call: str, _status: int | None) -> None:
    """Nobody counts."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ArmClients:
    """Both clients on one identity. Made once per process, used in one event loop; close it at the end.

    Neither calls for a subscription before the time that `Retry-After` told either of them, by `clock`. `throttles`:
    what the other instances of the app were told, where there are others.
    """

    def __init__(
        self,
        settings: Settings,
        count: Count = _uncounted,
        clock: Callable[[], datetime] = _utc_now,
        throttles: "Throttles | None" = None,
    ) -> None:
        self.clock = clock
        self.throttles = throttles
        self._settings = settings
        self._count = count
        self._holds = Holds(clock)
        self._credential = ArmCredential(settings.client_id, settings.managed_identity)

    @cached_property
    def insights(self) -> "PolicyInsightsClient":
        """Policy states and remediation tasks."""
        from azure.mgmt.policyinsights.aio import PolicyInsightsClient

        # The subscription is part of each id; no operation that takes it from the client is used.
        return PolicyInsightsClient(self._credential, "", **self._options())

    @cached_property
    def policy(self) -> "PolicyClient":
        """Assignments, definitions, initiatives."""
        from azure.mgmt.resource.policy.aio import PolicyClient

        return PolicyClient(self._credential, "", **self._options())

    def _options(self) -> dict[str, Any]:
        from responder.adapters.arm_transport import transport

        settings = self._settings
        authentication = NoAuthentication() if settings.arm_anonymous else bearer(self._credential, settings.arm_scope)
        agent = f"{SERVICE}/{VERSION}"
        return {
            "base_url": settings.arm_endpoint,
            "authentication_policy": authentication,
            "policies": pipeline(settings.arm_endpoint, authentication, self._count, agent, self._holds),
            # A proxy from the environment stands between us and Azure, never between us and this machine.
            "transport": transport(trust_environment=not settings.arm_anonymous),
        }

    async def close(self) -> None:
        """Close what was opened."""
        for name in ("insights", "policy"):
            if name in self.__dict__:
                await getattr(self, name).close()
        await self._credential.close()


@asynccontextmanager
async def asking(call: str, about: str, within: timedelta = ONE_CALL) -> AsyncIterator[None]:
    """Whatever goes wrong inside becomes an `ArmError` about this call; `within` bounds all of it, pages included."""
    try:
        async with asyncio.timeout(within.total_seconds()):
            yield
    except (AzureError, TimeoutError, RecursionError) as error:
        raise arm_error(call, about, error) from error
