"""Tasks that a person ordered to be canceled a while ago and that run on: Azure refuses it, or nobody asked it yet."""

from datetime import datetime

from responder.adapters.case_rows import BadRow, NewerRow, from_entity
from responder.adapters.conditional_table import ConditionalTable
from responder.core.orders import still_to_cancel

_MAY_RUN = "state eq 'running' or state eq 'opening' or (state eq 'held' and reason eq 'throttled')"


async def cases_to_cancel(cases: ConditionalTable, now: datetime) -> tuple[str, ...]:
    """Their ids; raises `AzureError`. Few cases run at once, so their whole rows are read."""
    found: list[str] = []
    async for entity in cases.query(_MAY_RUN, {}):
        try:
            case = from_entity(entity)
        except (NewerRow, BadRow):  # told by those who have to move it
            continue
        if still_to_cancel(case, now):
            found.append(case.id)
    return tuple(found)
