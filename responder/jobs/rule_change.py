"""After a change of the rules: stopped cases whose own rule has another text now get another round.

The digest of all rules is kept; while it differs from the present one, each tick lets some cases go. A plan that waits
for a window or an approval under a text that is no more is made anew. `core/rollout.py` says what is a change while two
versions of the rules are at work.
"""

import logging
from dataclasses import replace
from datetime import datetime

from responder.core.case import Case, State
from responder.core.orders import NotPossible
from responder.core.progress import Progress
from responder.core.rollout import dealt_with, read, to_be_dealt_with, written
from responder.core.rule_change import Texts, digest_of, outdated, texts_of, waits_in_vain
from responder.core.transitions import replanned
from responder.jobs.job import Job
from responder.wiring import Parts

MOST_AT_ONCE = 200
WHO = "a change of its rule"
WHY = "its text, or a setting that it uses, is not the one that the case was stopped under"
_log = logging.getLogger("responder")


def is_time(before: Progress, parts: Parts, now: datetime) -> bool:
    """Whether the rules are others than those that were dealt with."""
    return to_be_dealt_with(read(before.cursor), digest_of(texts_of(parts.rules)), now)


async def run(parts: Parts, before: Progress, now: datetime) -> Progress:
    """Let at most so many cases go; the rules count as dealt with when none is left."""
    texts = texts_of(parts.rules)
    moved = await _let_go(parts, texts, now)
    if moved >= MOST_AT_ONCE:
        return replace(before, at=now, note=f"The rules changed: {moved} cases were let go, and more are to follow.")
    moved += await _plan_anew(parts, texts, now)
    note = f"The rules changed: {moved} cases go on." if moved else "The rules changed: no case had waited for that."
    return replace(before, at=now, note=note, cursor=written(dealt_with(read(before.cursor), digest_of(texts), now)))


async def _let_go(parts: Parts, texts: Texts, now: datetime) -> int:
    """Release stopped cases whose rule has another text now."""
    moved = 0
    for case in await parts.ledger.cases(State.STOPPED.value):
        if moved < MOST_AT_ONCE and outdated(case, texts) and await parts.ledger.release(case.id, WHO, WHY, now):
            _log.info("case %s was let go: its rule was changed", case.id)
            moved += 1
    return moved


async def _plan_anew(parts: Parts, texts: Texts, now: datetime) -> int:
    """Have plans made anew that wait for what another text of their rule asked for, as long as nobody tried them."""

    def change(case: Case) -> Case | NotPossible:
        after = (
            replanned(case, "Its rule was changed; the plan is made anew.", now) if waits_in_vain(case, texts) else None
        )
        return after or NotPossible("it does not wait for that any more")

    waiting = [case for case in await parts.ledger.cases(State.HELD.value) if waits_in_vain(case, texts)]
    return sum([isinstance(await parts.ledger.order(case.id, change, now), Case) for case in waiting])


JOB = Job("rules", is_time, run)
