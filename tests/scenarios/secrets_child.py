"""The app with secrets of every kind, logging everything there is, against services that refuse and break.

Run by `test_hostile_secrets.py` in a process of its own, which is told by its environment whom to trust. Whatever it
prints must hold no secret.
"""

import asyncio
import logging
import os
import sys
import traceback
from collections.abc import Awaitable
from datetime import timedelta

from handlers import case_due, policy_state_change
from responder.adapters.due_queue import QUEUE
from responder.wiring import Parts, build, read_setup, utc_now
from tests.scenarios.estates import an_event


async def main() -> None:
    """Take an event, then drive its case as long as there are tickets; every failure is told with its whole stack."""
    logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, force=True)
    for name in ("azure", "azure.identity", "aiohttp", "opentelemetry", "urllib3"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    setup = read_setup(os.environ)
    print(repr(setup.settings), setup.settings)
    parts = await build(setup)
    print(repr(parts), parts)
    await told(policy_state_change.handle(an_event("kv1"), "", parts))
    for _ in range(6):
        await told(_drive(parts))
    await parts.close()


async def told(work: Awaitable[object]) -> None:
    """Do it; what it raises is printed as the Functions host would log it."""
    try:
        await work
    except Exception:  # noqa: BLE001 - whatever it is, it is to be looked at
        traceback.print_exc(file=sys.stdout)


async def _drive(parts: Parts) -> None:
    queue = parts.storage.queues.get_queue_client(QUEUE)
    await asyncio.sleep(timedelta(seconds=1.2).total_seconds())
    async for message in queue.receive_messages(visibility_timeout=1):
        import base64

        await queue.delete_message(message)
        await told(case_due.handle(base64.b64decode(message.content), parts))
    print("at", utc_now(), *[(case.state, case.reason, case.because) for case in await parts.ledger.cases()])


if __name__ == "__main__":
    asyncio.run(main())
