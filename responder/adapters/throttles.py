"""What Azure asked of us by `Retry-After`: not to call for a whole subscription, whichever instance heard it.

This process remembers at once what it was told; the others read it from the ledger. Throttling is by subscription, or
by tenant for what lies above subscriptions
(https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling). A row that cannot
be read restrains nothing: the case that was throttled is held by itself, and Azure says no again.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from responder.adapters.conditional_table import ConditionalTable, Conflict
from responder.adapters.restraint import TROUBLE, Rows, breathe, trouble_in_words
from responder.core.resource_id import ResourceId

LONGEST = timedelta(days=1)
SPREAD = timedelta(seconds=5)
"""How far the clocks of two instances may be apart: the others wait so much longer."""
_TENANT = "tenant"
_log = logging.getLogger("responder")


@dataclass(frozen=True, slots=True)
class Throttle:
    """Until when nothing is asked there, and why."""

    until: datetime
    because: str


_CODEC: TypeAdapter[Throttle] = TypeAdapter(Throttle)


class Throttles:
    """One throttle a subscription, and one for the tenant."""

    def __init__(self, table: ConditionalTable) -> None:
        self._rows = Rows(table, "throttle", _CODEC)
        self._here: dict[str, Throttle] = {}

    async def until(self, scope: ResourceId, now: datetime) -> tuple[datetime, str] | None:
        """When Azure may be asked about the scope again, and why; `None` where nothing is known to hold it back."""
        row = _row(scope)
        here = self._here.get(row)
        if here is not None and now < here.until:
            return here.until, here.because
        try:
            found = await self._rows.read(row)
        except TROUBLE as error:
            _log.warning("%s", trouble_in_words(error, "read what Azure asked us to wait for"))
            return None
        if found is None or found[0].until <= now:
            return None
        return found[0].until, found[0].because

    async def all(self, now: datetime) -> list[tuple[str, Throttle]]:
        """What holds us back now, after its subscription's id (or `tenant`). Raises one of `TROUBLE`."""
        return sorted([(row, each) async for row, each in self._rows.named() if each.until > now], key=lambda it: it[0])

    async def told(self, scope: ResourceId, until: datetime, because: str, now: datetime) -> None:
        """Remember that Azure asked us to wait, at most a day. A wait only grows; telling it twice writes it once."""
        row, until = _row(scope), min(until, now + LONGEST)
        here = self._here.get(row)
        if until <= now or (here is not None and here.until >= until):
            return
        self._here[row] = Throttle(until, because)
        try:
            await self._tell_all(row, Throttle(_whole_second(until + SPREAD), because))
        except TROUBLE as error:
            _log.warning("%s", trouble_in_words(error, "write down what Azure asked us to wait for"))

    async def _tell_all(self, row: str, throttle: Throttle) -> None:
        tries = 0
        while True:
            await breathe(tries, f"the throttle of {row}")
            tries += 1
            found = await self._rows.read(row)
            if found is not None and found[0].until >= throttle.until:
                return
            try:
                await self._rows.write(row, throttle, found[1] if found else None)
            except Conflict:
                continue
            return


def _row(scope: ResourceId) -> str:
    return (scope.subscription or _TENANT)[:200]  # a row's key holds 1,024 characters, a foreign id may have more


def _whole_second(moment: datetime) -> datetime:
    """Rounded up, so that many calls refused in one second make one row."""
    return moment.replace(microsecond=0) + timedelta(seconds=1)
