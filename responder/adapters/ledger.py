"""The ledger: cases and resources in two tables, moved by the protocol of `docs/architecture.md`.

Every table operation is one atomic step and nothing is atomic across partitions, so the order of the writes is
the whole design. An event writes its resource first and its case second; a worker writes its case first and
lists the resources second. So either the worker sees the resource, or the event sees the worker's write.
"""

from responder.adapters.ledger_events import Admission
from responder.adapters.ledger_orders import OrderLedger
from responder.adapters.ledger_reading import CASES, RESOURCES
from responder.adapters.ledger_work import Claimed, Dropped, WorkLedger

__all__ = ["CASES", "RESOURCES", "Admission", "Claimed", "Dropped", "Ledger"]


class Ledger(WorkLedger, OrderLedger):
    """The only memory. Safe for any number of processes at once."""
