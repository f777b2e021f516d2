"""What Azure asked to wait for, against a real storage service and between hosts."""

import asyncio
from datetime import timedelta

import pytest

from responder.adapters.throttles import LONGEST, Throttles
from responder.core.resource_id import resource_id
from tests.adapters.restraint_double import spoil, tables, unreachable
from tests.core.builders import GROUP, at, vault

SCOPE = resource_id(vault("kv1"))
SAME = resource_id(GROUP)
OTHER = resource_id("/subscriptions/11111111-0000-4000-8000-000000000001/resourcegroups/rg-a")
ABOVE = resource_id("/providers/microsoft.management/managementgroups/alz")
SUBSCRIPTION = str(SCOPE.subscription)


async def test_a_whole_subscription_waits_and_no_other(storage: str) -> None:
    async with tables(storage) as (table,):
        throttles = Throttles(table)

        await throttles.told(SCOPE, at(2), "slow down", at(0))

        assert await throttles.until(SAME, at(1)) == (at(2), "slow down")
        assert (await throttles.until(OTHER, at(1)), await throttles.until(ABOVE, at(1))) == (None, None)


async def test_what_lies_above_subscriptions_waits_together(storage: str) -> None:
    async with tables(storage) as (table,):
        throttles = Throttles(table)

        await throttles.told(ABOVE, at(2), "slow down", at(0))

        assert await throttles.until(resource_id("/providers/microsoft.management/managementgroups/b"), at(1))
        assert await throttles.until(SCOPE, at(1)) is None


async def test_other_hosts_wait_too_even_those_whose_clock_is_ahead(storage: str) -> None:
    async with tables(storage, 2) as (here, there):
        await Throttles(here).told(SCOPE, at(2), "slow down", at(0))

        other = Throttles(there)

        assert await other.until(SCOPE, at(2) + timedelta(seconds=5)) == (at(2) + timedelta(seconds=6), "slow down")
        assert await other.until(SCOPE, at(2.1)) is None


async def test_a_wait_only_grows_and_by_no_more_than_a_day(storage: str) -> None:
    async with tables(storage, 2) as (here, there):
        one, other = Throttles(here), Throttles(there)

        await one.told(SCOPE, at(9), "long", at(0))
        await other.told(SCOPE, at(2), "short", at(0))
        await one.told(OTHER, at(999_999), "for ever", at(0))

        assert await Throttles(there).until(SCOPE, at(5)) == (at(9) + timedelta(seconds=6), "long")
        assert await one.until(OTHER, at(1)) == (at(0) + LONGEST, "for ever")


async def test_many_hosts_that_are_told_at_once_keep_the_longest(storage: str) -> None:
    async with tables(storage, 6) as seen:
        hosts = [Throttles(table) for table in seen]

        await asyncio.gather(*(host.told(SCOPE, at(1 + n), f"{n}", at(0)) for n, host in enumerate(hosts)))

        assert await Throttles(seen[0]).until(SCOPE, at(0)) == (at(6) + timedelta(seconds=6), "5")


async def test_what_cannot_be_read_restrains_nothing_and_is_told(
    storage: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with tables(storage, 2) as (here, there):
        await Throttles(here).told(SCOPE, at(2), "slow down", at(0))
        await spoil(here, "throttle", SUBSCRIPTION, document0=b"no document")

        assert await Throttles(there).until(SCOPE, at(1)) is None
        assert "cannot be read" in caplog.text


async def test_this_process_remembers_even_where_nobody_answers(caplog: pytest.LogCaptureFixture) -> None:
    async with unreachable() as table:
        throttles = Throttles(table)
        await throttles.told(SCOPE, at(2), "slow down", at(0))

        assert await throttles.until(SCOPE, at(1)) == (at(2), "slow down")
        assert "nobody answers there" in caplog.text
