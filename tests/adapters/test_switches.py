"""The switches and the log of orders against a real storage service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.storage import open_storage
from responder.adapters.storage_settings import Storage
from responder.adapters.switches import SWITCHES, Switches
from responder.core.orders import Ordered
from responder.core.switch import assignment_scope, rule_scope, subscription_scope
from tests.core.builders import ASSIGNMENT, SUBSCRIPTION, at


@asynccontextmanager
async def switches_in(storage: str, begin: bool = True) -> AsyncIterator[tuple[Switches, ConditionalTable]]:
    clients = open_storage(Storage(connection_string=storage))
    table = ConditionalTable(clients.tables, SWITCHES)
    if begin:
        await Switches(table).begin(clients.tables, at(0))
    try:
        yield Switches(table), table
    finally:
        await clients.close()


async def test_a_pause_of_one_rule_leaves_the_others_alone(storage: str) -> None:
    async with switches_in(storage) as (switches, _):
        await switches.set(rule_scope("key vaults"), True, "anna", "too many failures", at(1))

        held = await switches.paused(rule="key vaults")

        assert "anna" in (held or "")
        assert "resume --rule 'key vaults' --reason TEXT" in (held or "")
        assert await switches.paused(rule="others", assignment=ASSIGNMENT) is None


async def test_each_scope_is_resumed_by_itself(storage: str) -> None:
    subscription = SUBSCRIPTION.rpartition("/")[2]
    async with switches_in(storage) as (switches, _):
        await switches.set(assignment_scope(ASSIGNMENT), True, "anna", "a", at(1))
        await switches.set(subscription_scope(subscription), True, "anna", "b", at(2))

        await switches.set(assignment_scope(ASSIGNMENT), False, "ben", "c", at(3))

        assert await switches.paused(assignment=ASSIGNMENT) is None
        assert await switches.paused(assignment=ASSIGNMENT, subscription=subscription) is not None


async def test_switches_of_which_no_row_can_be_read_count_as_paused(storage: str) -> None:
    async with switches_in(storage, begin=False) as (switches, _):
        assert "could not be read" in (await switches.paused(rule="vaults") or "")


async def test_a_switch_of_an_unknown_kind_counts_as_a_pause_of_everything(storage: str) -> None:
    async with switches_in(storage) as (switches, table):
        await table.put({"PartitionKey": "app", "RowKey": "pause-planet-1", "kind": "planet", "paused": True})

        assert "cannot be understood" in (await switches.paused() or "")


async def test_orders_are_kept_the_newest_first(storage: str) -> None:
    async with switches_in(storage) as (switches, _):
        await switches.set_paused(True, "anna", "freeze", at(1))
        await switches.note(Ordered("ben", "roles granted", at(2), "release 2 cases", ("c1", "c2")))

        orders = await switches.orders(2)

        assert [(order.who, order.what) for order in orders] == [("ben", "release 2 cases"), ("anna", "pause the app")]
        assert (orders[0].at, orders[0].cases, orders[0].more) == (at(2), ("c1", "c2"), 0)


async def test_of_very_many_cases_the_log_keeps_some_and_counts_the_others(storage: str) -> None:
    async with switches_in(storage) as (switches, _):
        await switches.note(Ordered("ben", "all", at(2), "cancel", tuple(f"{n:024d}" for n in range(10_000))))

        order = (await switches.orders(1))[0]

        assert len(order.cases) + order.more == 10_000
