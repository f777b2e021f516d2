"""The shorter chaos: two hosts that die, and a table whose lines are all 0. `make chaos` plays the whole of it."""

import os
from pathlib import Path

import pytest

from tests.chaos.run import play
from tests.chaos.size import SHORT
from tests.chaos.table import findings, table

SEED = int(os.environ.get("CHAOS_SEED", "2026"))


@pytest.mark.timeout(240)
async def test_hosts_that_die_lose_nothing_double_nothing_and_keep_to_every_limit(storage: str, tmp_path: Path) -> None:
    played = await play(tmp_path / "chaos", SEED, SHORT, storage)

    assert not any(findings(played).values()), table(played, SEED)
    assert len(played.evidence.events) == SHORT.events
    assert (bool(played.evidence.deaths), played.spoiled > 0, bool(played.evidence.tasks)) == (True, True, True)
