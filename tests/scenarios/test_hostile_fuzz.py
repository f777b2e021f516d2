"""Two thousand broken events and queue messages at one running app; `make fuzz` sends twenty thousand."""

import os
from collections import Counter
from pathlib import Path

import pytest

from responder.core.policy_state import RejectionReason
from tests.scenarios.fuzz import fuzz, report
from tests.scenarios.fuzz_messages import broken_messages

SEED = int(os.environ.get("FUZZ_SEED", "2026"))
COUNT = 2_000


@pytest.mark.timeout(240)
async def test_whatever_arrives_is_refused_by_name_and_nothing_is_opened(storage: str, tmp_path: Path) -> None:
    account = await fuzz(tmp_path, storage, SEED, COUNT)
    print(report(account, SEED, 0))

    assert (account.alive, account.tasks, account.writes) == (True, 0, 0)
    assert account.told == account.expected
    assert (set(account.rejected), account.logged) == (set(RejectionReason), account.rejected.total())


def test_the_same_seed_makes_the_same_messages() -> None:
    one, same, other = (list(broken_messages(seed, 300)) for seed in (1, 1, 2))

    assert one == same
    assert one != other
    assert len(Counter(message.door for message in one)) == 4
