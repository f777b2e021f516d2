"""`changes` on a real journal, as a person asks it."""

import json
from datetime import UTC, datetime, timedelta

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.journal import CHANGES, Journal
from responder.adapters.storage import open_storage
from responder.adapters.storage_settings import Storage
from responder.core import instant
from responder.core.outcome import Outcome
from responder.core.touched import Touched, TouchedKey, TouchedResource
from tests.adapters.test_ledger import a_ledger
from tests.commands.test_cases_and_show import run
from tests.core.builders import ASSIGNMENT, GROUP, vault

GOOD = TouchedResource(vault("kv1"), "Succeeded")
BAD = TouchedResource(vault("kv2"), "Failed", "AuthorizationFailed")


async def ended(storage: str, hours_ago: float, *rows: TouchedResource, rule: str = "vaults") -> TouchedKey:
    """A task that ended so long ago."""
    clients = open_storage(Storage(connection_string=storage))
    journal = Journal(ConditionalTable(clients.tables, CHANGES))
    await journal.ensure()
    ticks = instant.of(datetime.now(UTC) - timedelta(hours=hours_ago))
    key = TouchedKey(f"c{hours_ago}", 1, ticks)
    await journal.write(
        Touched(key, rule, ASSIGNMENT, "", GROUP, "responder-1", ticks - 1, Outcome.PARTLY_FAILED, rows)
    )
    await clients.close()
    return key


async def test_every_touched_resource_is_told_newest_first(storage: str) -> None:
    await ended(storage, 1.5, GOOD)
    await ended(storage, 0.5, BAD)
    await ended(storage, 3, GOOD)

    told = json.loads((await run(storage, "changes", "--since", "PT2H", "--json")).stdout)

    assert [row["resource"] for row in told] == [vault("kv2"), vault("kv1")]
    assert (told[0]["rule"], told[0]["outcome"], told[0]["errorCode"]) == (
        "vaults",
        "partly-failed",
        "AuthorizationFailed",
    )


async def test_people_get_a_table_with_a_total(storage: str) -> None:
    await ended(storage, 1, GOOD, BAD)

    answer = await run(storage, "changes", "--since", "PT2H")

    assert answer.returncode == 0
    assert "AuthorizationFailed" in answer.stdout
    assert "2 deployments for 2 resources, by 1 task." in answer.stdout


async def test_changes_can_be_chosen_by_rule_assignment_and_resource(storage: str) -> None:
    await ended(storage, 1, GOOD, BAD)
    await ended(storage, 0.5, GOOD, rule="others")

    chosen = ["--rule", "VAULTS", "--assignment", "Deploy-Diag", "--resource", "KV1"]
    told = json.loads((await run(storage, "changes", *chosen, "--json")).stdout)

    assert [(row["resource"], row["rule"]) for row in told] == [(vault("kv1"), "vaults")]


async def test_a_text_that_is_no_duration_is_told(storage: str) -> None:
    answer = await run(storage, "changes", "--since", "2h")

    assert answer.returncode == 2
    assert "PT10M" in answer.stderr


async def test_an_account_without_a_ledger_is_not_called_untouched(storage: str) -> None:
    answer = await run(storage, "changes")

    assert (answer.returncode, answer.stdout) == (2, "")
    assert "no ledger yet" in answer.stderr


async def test_a_ledger_that_has_touched_nothing_says_so(storage: str) -> None:
    async with a_ledger(storage):
        answer = await run(storage, "changes")

    assert answer.returncode == 0
    assert "Nothing was touched" in answer.stdout
