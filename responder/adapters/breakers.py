"""The breakers in the ledger: one row for each definition that had a round worth counting.

A breaker that cannot be read counts as open: a broken remediation must not run on because a table was away.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime

from pydantic import TypeAdapter

from responder.adapters.conditional_table import ConditionalTable, Conflict
from responder.adapters.restraint import TROUBLE, Rows, breathe, trouble_in_words
from responder.core.breaker import BAD, Breaker, Round, closed, recorded, unreadable
from responder.core.case import Word
from responder.core.outcome import Outcome

_CODEC: TypeAdapter[Breaker] = TypeAdapter(Breaker)


class Breakers:
    """One breaker a definition; `bad_rounds` in a row open it, and only a person closes it."""

    def __init__(self, table: ConditionalTable, bad_rounds: int) -> None:
        self._rows = Rows(table, "breaker", _CODEC)
        self._bad_rounds = bad_rounds

    async def why_open(self, definition: str) -> str | None:
        """Why no task of this definition may be opened, with the command that closes the breaker, or `None`."""
        try:
            found = await self._rows.read(_row(definition))
        except TROUBLE as error:
            return unreadable(definition, trouble_in_words(error, "read a breaker"))
        return found[0].why_open if found else None

    async def record(
        self,
        definition: str,
        case: str,
        round: int,  # noqa: A002
        created_on: int,
        outcome: Outcome,
        now: datetime,
    ) -> bool:
        """Count how a round ended, once; True where this opened the breaker. Raises one of `TROUBLE`."""
        if outcome not in BAD and outcome is not Outcome.VERIFIED:
            return False
        told = Round(case, round, created_on, outcome)
        before, after = await self._change(definition, lambda breaker: recorded(breaker, told, self._bad_rounds, now))
        return before.opened_at is None and after.opened_at is not None

    async def close(self, definition: str, who: str, why: str, now: datetime) -> bool:
        """Close it, and keep who did it, when and why; False where it was not open. Raises one of `TROUBLE`."""
        word = Word(who, why, now)
        before, _ = await self._change(
            definition, lambda breaker: closed(breaker, word) if breaker.opened_at else breaker
        )
        return before.opened_at is not None

    async def all(self) -> list[Breaker]:
        """Every definition's, by id. Raises one of `TROUBLE`."""
        return sorted([breaker async for breaker in self._rows.all()], key=lambda breaker: breaker.definition)

    async def _change(self, definition: str, change: Callable[[Breaker], Breaker]) -> tuple[Breaker, Breaker]:
        row, tries = _row(definition), 0
        while True:
            await breathe(tries, f"the breaker of {definition}")
            tries += 1
            found = await self._rows.read(row)
            before, etag = found or (Breaker(definition), None)
            after = change(before)
            if after == before:
                return before, after
            try:
                await self._rows.write(row, after, etag)
            except Conflict:
                continue
            return before, after


def _row(definition: str) -> str:
    """An id holds `/`, which no table key may, and can be longer than one."""
    return hashlib.sha256(definition.lower().encode()).hexdigest()[:40]
