"""What may be forgotten: nothing that still asks for something, and nothing that keeps an old event from being news.

A resource's row stays as a tombstone after its case is over, so that a dead letter that is delivered again changes
nothing. The retention is longer than a dead letter can live; what is older than that in every respect may go.
"""

from datetime import datetime

from responder.core import instant
from responder.core.case import Case, State
from responder.core.resource_row import ResourceRow


def over_since(case: Case) -> datetime | None:
    """When the case's last round ended; `None` while something is to happen to it, or a person is needed."""
    if case.state is not State.CLOSED:
        return None
    return case.history[-1].at if case.history else case.first_news


def case_rests(case: Case, before: datetime) -> bool:
    """Whether nothing has happened to a closed case since a time."""
    since = over_since(case)
    return since is not None and since < before


def resource_rests(row: ResourceRow, before: datetime) -> bool:
    """Whether a resource asks for nothing, and nothing that its row remembers is newer than a time.

    That includes the future: a cooldown or a wait that still lasts would be bypassed by forgetting it.
    """
    return not row.open and newest_memory(row) < instant.of(before)


def newest_memory(row: ResourceRow) -> int:
    """The newest tick that the row remembers."""
    ticks = (row.scan, row.covered_at, row.tried_until, row.cool_until, row.settled, row.retry_at, row.verified)
    return max(instant.of(row.arrived), *ticks, *row.comebacks)
