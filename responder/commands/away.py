"""A word to whoever orders something while nobody works: it is written, and nothing is done until the app runs."""

import sys
from datetime import UTC, datetime, timedelta

from azure.core.exceptions import AzureError

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.progress import PROGRESS, ProgressRows
from responder.adapters.settings import BadSettings, read_settings
from responder.adapters.storage import StorageClients
from responder.commands.open_ledger import told_environment
from responder.commands.status_facts import sweep_gap
from responder.core.duty import OVERDUE, silence
from responder.core.progress import Progress


async def warn_if_away(clients: StorageClients) -> None:
    """Tell on standard error that the app does not run, by the notes of its sweep."""
    why = silence(await _jobs(clients), _gap(), datetime.now(UTC))
    if why:
        print(f"Warning: {why} Nothing is done until the app runs; look at its logs.", file=sys.stderr)


async def _jobs(clients: StorageClients) -> list[Progress]:
    try:
        return await ProgressRows(ConditionalTable(clients.tables, PROGRESS)).all()
    except AzureError:  # no table of them: no sweep has ever run
        return []


def _gap() -> timedelta:
    try:
        return sweep_gap(read_settings(told_environment()))
    except BadSettings:  # a machine at hand has few of the app's settings
        return OVERDUE / 5
