"""After a change of the rules: stopped cases whose own rule has another text now get another round.

The digest of all rules is kept; while it differs from the present one, each tick lets some cases go. A case that
waits for a window or an approval of a text that is no more is looked at again at once.
"""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

from responder.core.case import State
from responder.core.progress import Progress
from responder.core.rule_change import Texts, digest_of, outdated, texts_of, waits_in_vain
from responder.jobs.job import Job
from responder.wiring import Parts

MOST_AT_ONCE = 200
WHO = "a change of its rule"
_log = logging.getLogger("responder")


def is_time(before: Progress, parts: Parts, _now: datetime) -> bool:
    """Whether the rules are others than those that were dealt with."""
    return before.cursor != digest_of(texts_of(parts.rules))


async def run(parts: Parts, before: Progress, now: datetime) -> Progress:
    """Let at most so many cases go; the rules count as dealt with when none is left."""
    texts, moved = texts_of(parts.rules), 0
    async for case in _concerned(parts, texts, now):
        _log.info("case %s goes on: its rule was changed", case)
        moved += 1
        if moved >= MOST_AT_ONCE:
            return replace(before, at=now, note=f"The rules changed; {moved} cases were let go and more are to follow.")
    note = f"The rules changed; {moved} cases were let go." if moved else "The rules changed; no case waited for that."
    return replace(before, at=now, note=note, cursor=digest_of(texts))


async def _concerned(parts: Parts, texts: Texts, now: datetime) -> AsyncIterator[str]:
    """The cases that were moved, one after the other."""
    for case in await parts.ledger.cases(State.STOPPED.value):
        why = "its text, or a setting that it uses, is not the one it was stopped under"
        if outdated(case, texts) and await parts.ledger.release(case.id, WHO, why, now):
            yield case.id
    for case in await parts.ledger.cases(State.HELD.value):
        if waits_in_vain(case, texts) and await parts.ledger.reticket(case, now):
            yield case.id


JOB = Job("rules", is_time, run)
