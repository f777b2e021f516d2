"""Work that nobody waits for, and that must not end without a word all the same."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import TypeVar

log = logging.getLogger("responder.host")

T = TypeVar("T")


def start(work: Coroutine[object, object, T], name: str) -> asyncio.Task[T]:
    """Start it; should it fail, the log says so. The caller keeps the task, for the loop does not."""
    task = asyncio.create_task(work, name=name)
    task.add_done_callback(_tell_failure)
    return task


def _tell_failure(task: asyncio.Task[T]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("%s ended: %s: %s", task.get_name(), type(error).__name__, error, exc_info=error)
