"""A case that a person stopped is told like any other: written down here, published by the app at its next sweep."""

from collections.abc import Iterable
from datetime import UTC, datetime

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.outcome_rows import OUTCOMES, OutcomeRows
from responder.adapters.storage import StorageClients
from responder.core.case import Case, State
from responder.core.outcome_event import stop_of


async def tell_stops(clients: StorageClients, cases: Iterable[Case]) -> None:
    """Write down what is to be told of those that are stopped now; nothing where the app has no topic."""
    rows = OutcomeRows(ConditionalTable(clients.tables, OUTCOMES))
    for case in cases:
        event = stop_of(case) if case.state is State.STOPPED else None
        if event is not None:
            await rows.keep_where_told(event, datetime.now(UTC))
