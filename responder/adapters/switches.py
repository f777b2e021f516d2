"""The switches in the ledger, and the log of what people ordered.

All switches lie in one partition, so that one query right before each PUT reads every one of them. Losing the ledger
must not start anything: what is missing or unreadable counts as paused, and only an app whose ledger tables do not
exist at all begins unpaused. The log lies beside them, newest first.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime

from azure.core.exceptions import AzureError
from azure.data.tables.aio import TableServiceClient

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.storage import in_words
from responder.core import instant
from responder.core.orders import Ordered
from responder.core.switch import THE_APP, Switch, SwitchScope, Unclear, read_switch, why_paused

SWITCHES = "responderswitches"
PREFIX = "responder"
_APP, _LOG = "app", "log"
_LAST_TICK = 10**19
_CASES_KEPT = 500


class Switches:
    """Reads and sets the switches, and keeps what was ordered."""

    def __init__(self, table: ConditionalTable) -> None:
        self._table = table

    async def paused(self, *, rule: str = "", assignment: str = "", subscription: str = "") -> str | None:
        """Why nothing of these may be opened, in words, or `None`; without names the app's own switch alone.

        Read immediately before each PUT; never cached. `assignment` is a folded id, `subscription` its bare id.
        """
        try:
            switches = await self.all()
        except AzureError as error:
            return f"The pause switch could not be read, which counts as paused. {in_words(error, 'read the switches')}"
        return why_paused(switches, rule, assignment, subscription)

    async def all(self) -> list[Switch | Unclear]:
        """Every switch that was ever set; raises `AzureError` where they cannot be read."""
        rows = self._table.query("PartitionKey eq @partition", {"partition": _APP})
        return [read_switch(str(row["RowKey"]), row) async for row in rows]

    async def set(self, scope: SwitchScope, paused: bool, who: str, why: str, now: datetime) -> None:
        """Set one switch, and keep who did it, when and why."""
        columns = {"kind": scope.kind.value, "name": scope.name, "paused": paused, "who": who, "why": why}
        await self._table.put({"PartitionKey": _APP, "RowKey": scope.row, **columns, "at": _iso(now)})
        await self.note(Ordered(who, why, now, f"{'pause' if paused else 'resume'} {scope}"))

    async def set_paused(self, paused: bool, who: str, why: str, now: datetime) -> None:
        """Set the app's own switch."""
        await self.set(THE_APP, paused, who, why, now)

    async def note(self, order: Ordered) -> None:
        """Keep an order in the log."""
        ticks = instant.of(order.at)
        row = {"PartitionKey": _LOG, "RowKey": f"{_LAST_TICK - ticks:020d}-{secrets.token_hex(4)}"}
        cases, more = order.cases[:_CASES_KEPT], order.more + max(0, len(order.cases) - _CASES_KEPT)
        told = {"who": order.who, "why": order.why, "what": order.what, "at": _iso(order.at)}
        await self._table.put({**row, **told, "cases": ",".join(cases), "more": more})

    async def orders(self, most: int = 20) -> list[Ordered]:
        """The newest orders first, at most so many; raises `AzureError` where they cannot be read."""
        found: list[Ordered] = []
        async for row in self._table.query("PartitionKey eq @partition", {"partition": _LOG}):
            found.append(_ordered(row))
            if len(found) >= most:
                break
        return found

    async def begin(self, tables: TableServiceClient, now: datetime) -> bool:
        """Initialise the ledger unpaused if none of its tables exists; whoever creates the switches' table does it.

        True for that one. A crash between the two writes leaves a ledger that counts as paused.
        """
        async for table in tables.list_tables():
            if table.name.lower().startswith(PREFIX):
                await self._table.create()
                return False
        if not await self._table.create():
            return False
        await self.set_paused(False, "the first start", "a new ledger begins unpaused", now)
        return True


def _ordered(row: Mapping[str, object]) -> Ordered:
    who, why, what = (str(row.get(name, "")) for name in ("who", "why", "what"))
    at = instant.moment(_LAST_TICK - int(str(row["RowKey"]).partition("-")[0]))
    cases = tuple(name for name in str(row.get("cases", "")).split(",") if name)
    return Ordered(who, why, at, what, cases, int(str(row.get("more", 0))))


def _iso(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H:%M:%SZ}"
