"""What one instance is told by `Retry-After` while it reads policies holds back the reads of all of them."""

import pytest

from responder.adapters.arm_document import read_document, read_list
from responder.adapters.arm_error import HELD_BACK, ArmError
from responder.adapters.throttles import Throttles
from responder.core.resource_id import resource_id
from tests.adapters.arm_double import answering, clients_of, serving
from tests.adapters.restraint_double import tables
from tests.core.builders import GROUP

ABOVE = resource_id("/providers/microsoft.management/managementgroups/alz")
ASSIGNMENT = resource_id(f"{ABOVE}/providers/microsoft.authorization/policyassignments/tags")
SUBSCRIPTION = resource_id(GROUP.partition("/resourcegroups/")[0])
SLOW_DOWN = answering(429, {"error": {"code": "TooManyRequests", "message": "slow down"}}, {"Retry-After": "60"})


async def test_a_wait_that_one_instance_was_told_keeps_the_others_from_asking(storage: str) -> None:
    async with (
        serving(SLOW_DOWN) as (double, url),
        tables(storage, 2) as (here, there),
        clients_of(url, Throttles(here)) as one,
        clients_of(url, Throttles(there)) as other,
    ):
        with pytest.raises(ArmError):
            await read_document(one, "the assignment", ASSIGNMENT, "2026-06-01")
        with pytest.raises(ArmError) as held:
            await read_document(other, "the assignment", ASSIGNMENT, "2026-06-01")

    assert len(double.seen) == 1
    assert (held.value.code, held.value.throttled) == (HELD_BACK, True)


async def test_a_list_is_not_asked_for_where_a_case_was_told_to_wait(storage: str) -> None:
    async with (
        serving(SLOW_DOWN) as (double, url),
        tables(storage, 1) as (table,),
        clients_of(url, Throttles(table)) as clients,
    ):
        throttles, now = Throttles(table), clients.clock()
        await throttles.told(SUBSCRIPTION, now.replace(year=now.year + 1), "slow down", now)
        with pytest.raises(ArmError, match="slow down"):
            await read_list(clients, "exemptions", SUBSCRIPTION, "Microsoft.Authorization/policyExemptions", {})

    assert double.seen == []


async def test_what_lies_elsewhere_is_read(storage: str) -> None:
    async with (
        serving(answering(200, {"value": []})) as (double, url),
        tables(storage, 1) as (table,),
        clients_of(url, Throttles(table)) as clients,
    ):
        throttles, now = Throttles(table), clients.clock()
        await throttles.told(ABOVE, now.replace(year=now.year + 1), "slow down", now)
        found = await read_list(clients, "exemptions", SUBSCRIPTION, "Microsoft.Authorization/policyExemptions", {})

    assert (found, len(double.seen)) == ((), 1)
