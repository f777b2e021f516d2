"""One run of the app that many tests look at, also where they are spread over several processes."""

import fcntl
import os
import pickle
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

_T = TypeVar("_T")


async def made_once(name: str, make: Callable[[], Awaitable[_T]], temporary: pytest.TempPathFactory) -> _T:
    """What was made, by the first process that asks; the others wait for it and read it."""
    base = temporary.getbasetemp()
    place = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / f"{name}.pickle"
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # let go when the file is closed
        if not place.exists():
            made = await make()
            place.write_bytes(pickle.dumps(made))
        found: _T = pickle.loads(place.read_bytes())
    return found
