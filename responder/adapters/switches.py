"""The switches of the app in the ledger: pause, and the first start.

Losing the ledger must not start anything, so a switch that is missing or unreadable counts as paused. Only an
app whose ledger tables do not exist at all begins unpaused.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from azure.core.exceptions import AzureError
from azure.data.tables.aio import TableServiceClient

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.storage import in_words
from responder.core import instant

SWITCHES = "responderswitches"
_APP, _PAUSE = "app", "pause"
PREFIX = "responder"


class Switches:
    """Reads and sets the switches."""

    def __init__(self, table: ConditionalTable) -> None:
        self._table = table

    async def paused(self) -> str | None:
        """Why nothing may be opened, in words, or `None`. Read immediately before each PUT; never cached."""
        try:
            found = await self._table.get(_APP, _PAUSE)
        except AzureError as error:
            return f"The pause switch could not be read, which counts as paused. {in_words(error, 'read the switches')}"
        if found is None:
            why = "The pause switch is missing from the ledger, which counts as paused"
            return f"{why}: run `python -m responder resume --reason TEXT`."
        return _in_force(found[0])

    async def set_paused(self, paused: bool, who: str, why: str, now: datetime) -> None:
        """Set the switch, and keep who did it, when and why."""
        await self._table.put(
            {"PartitionKey": _APP, "RowKey": _PAUSE, "paused": paused, "who": who, "why": why, "at": _at(now)}
        )

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


def _in_force(switch: Mapping[str, Any]) -> str | None:
    if switch.get("paused") is False:
        return None
    who, why, at = (str(switch.get(name, "unknown")) for name in ("who", "why", "at"))
    return f"Paused by {who} at {at}: {why}. Nothing is opened until `python -m responder resume --reason TEXT`."


def _at(now: datetime) -> str:
    return instant.iso(instant.of(now))
