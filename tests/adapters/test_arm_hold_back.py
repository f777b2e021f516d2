"""A request that Azure asked us not to send yet is not sent."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from aiohttp import web

from responder.adapters.arm import ArmClients, asking
from responder.adapters.arm_error import HELD_BACK, ArmError
from responder.adapters.arm_hold_back import Holds
from responder.adapters.policy_insights import PolicyInsights
from responder.adapters.settings import Settings
from responder.adapters.storage_settings import Storage
from responder.core.resource_id import ResourceId, resource_id
from tests.adapters.arm_double import Answer, Double, answering, serving
from tests.core.builders import GROUP, START, SUBSCRIPTION

SCOPE = resource_id(GROUP)
OTHER = resource_id("/subscriptions/11111111-0000-4000-8000-000000000001/resourcegroups/rg-a")
SLOW = {"error": {"code": "TooManyRequests", "message": "Slow down."}}
NOT_FOUND = {"error": {"code": "NotFound", "message": "no"}}


class Clock:
    """A clock that jumps."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@asynccontextmanager
async def an_app(answer: Answer) -> AsyncIterator[tuple[Double, ArmClients, Clock, list[str]]]:
    """The double, the clients that ask it, their clock, and the calls that were counted."""
    clock, counted = Clock(), list[str]()
    async with serving(answer) as (double, url):
        settings = Settings(storage=Storage(), arm_endpoint=url)
        clients = ArmClients(settings, lambda call, status: counted.append(f"{call} {status}"), clock)
        try:
            yield double, clients, clock, counted
        finally:
            await clients.close()


def refusing_once(status: int, headers: dict[str, str]) -> Answer:
    refused: list[bool] = []

    async def answer(_request: web.Request) -> web.StreamResponse:
        if refused:
            return web.json_response(NOT_FOUND, status=404)
        refused.append(True)
        return web.json_response(SLOW, status=status, headers=headers)

    return answer


async def refused(clients: ArmClients, scope: ResourceId = SCOPE) -> ArmError:
    with pytest.raises(ArmError) as caught:
        await PolicyInsights(clients).task(scope, "t-1")
    return caught.value


@pytest.mark.parametrize("status", [429, 503])
async def test_after_a_refusal_the_subscription_is_not_asked_before_its_time(status: int) -> None:
    async with an_app(refusing_once(status, {"Retry-After": "17"})) as (double, clients, clock, _):
        await refused(clients)
        clock.passes(16.9)
        held = await refused(clients)
        asked_before = len(double.seen)
        clock.passes(0.1)
        found = await PolicyInsights(clients).task(SCOPE, "t-1")

    assert (held.status, held.code, held.retry_after) == (429, HELD_BACK, timedelta(seconds=0.1))
    assert (asked_before, len(double.seen), found) == (1, 2, None)


async def test_what_was_held_back_says_that_nothing_was_asked_and_is_not_counted() -> None:
    async with an_app(answering(429, SLOW, {"Retry-After": "17"})) as (_, clients, _clock, counted):
        await refused(clients)
        held = await refused(clients)

    assert "not asked, HeldBack the service asked for no calls for subscription" in held.what
    assert "it is asked again when the service allows it" in held.what
    assert counted == ["GET remediations 429"]


async def test_another_subscription_and_what_lies_above_are_not_held() -> None:
    async with an_app(refusing_once(429, {"Retry-After": "17"})) as (_, clients, _clock, counted):
        await refused(clients)
        await PolicyInsights(clients).task(OTHER, "t-1")
        async with asking("reading the definition", "it"):
            with pytest.raises(Exception, match="no"):
                await clients.policy.policy_definitions.get_built_in("it")

    assert counted == ["GET remediations 429", "GET remediations 404", "GET policydefinitions 404"]


async def test_both_clients_hold_back_together() -> None:
    async with an_app(refusing_once(429, {"Retry-After": "17"})) as (double, clients, _clock, _counted):
        await refused(clients)
        with pytest.raises(ArmError, match=HELD_BACK):
            async with asking("reading the assignment", SUBSCRIPTION):
                await clients.policy.policy_assignments.get(SUBSCRIPTION[1:], "deploy-diag-kv")

    assert len(double.seen) == 1


def test_a_wait_only_grows() -> None:
    clock = Clock()
    holds = Holds(clock)

    for told in ("60", "5"):
        holds.told("", {"retry-after": told})
    clock.passes(6)

    assert holds.rest("") == timedelta(seconds=54)


@pytest.mark.parametrize(
    ("status", "headers"), [(429, {}), (500, {"Retry-After": "17"}), (429, {"Retry-After": "soon"})]
)
async def test_without_a_time_from_a_throttle_the_next_call_goes_out(status: int, headers: dict[str, str]) -> None:
    async with an_app(refusing_once(status, headers)) as (double, clients, _clock, _counted):
        await refused(clients)
        await PolicyInsights(clients).task(SCOPE, "t-1")

    assert len(double.seen) == 2
