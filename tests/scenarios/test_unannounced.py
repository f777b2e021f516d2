"""States that no event announced, through the real host: taken in where the rules say so, else only counted."""

from pathlib import Path

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.progress import PROGRESS, ProgressRows
from responder.adapters.storage import open_storage
from responder.adapters.storage_settings import Storage
from responder.commands.open_ledger import open_ledger
from responder.core.case import State
from responder.local.laptop import Laptop
from tests.core.builders import vault
from tests.scenarios.estates import QUICK, RULES, an_estate
from tests.scenarios.patience import eventually


async def note_of(storage: str) -> str:
    """What backfill says, once a cycle is over."""
    clients = open_storage(Storage(connection_string=storage))
    try:
        rows = ProgressRows(ConditionalTable(clients.tables, PROGRESS))

        async def look() -> str | None:
            notes = {row.job: row.note for row in await rows.all()}
            return notes.get("backfill") if "read" in notes.get("backfill", "") else None

        return await eventually(look, "a cycle of backfill", 60)
    finally:
        await clients.close()


def a_laptop(storage: str, folder: Path, backfill: bool) -> Laptop:
    text = RULES.replace("defaults:", f"defaults:\n  backfill: {str(backfill).lower()}")
    (folder / "rules.yaml").write_text(text)
    return Laptop(folder, folder / "rules.yaml", an_estate("kv1", "kv2", "break-glass"), storage=storage)


async def test_a_state_that_no_event_announced_is_remediated_where_the_rules_say_so(
    storage: str, tmp_path: Path
) -> None:
    async with a_laptop(storage, tmp_path, backfill=True) as laptop:
        await laptop.control("PUT", "dials", {**QUICK, "eventsTo": laptop.webhook})

        note = await note_of(storage)
        async with open_ledger({"AzureWebJobsStorage": storage}) as ledger:

            async def over() -> bool:
                cases = await ledger.cases()
                return bool(cases) and all(case.state is State.CLOSED for case in cases)

            await eventually(over, "every case to be over", 60)
            cases = await ledger.cases()

        assert sorted(str(case.outcome) for case in cases) == ["verified", "verified", "withdrawn"]  # the group's
        assert sorted(await scopes(laptop)) == [vault("kv1"), vault("kv2")]
        assert "2 admitted" in note


async def test_without_backfill_nothing_happens_to_it(storage: str, tmp_path: Path) -> None:
    async with a_laptop(storage, tmp_path, backfill=False) as laptop:
        note = await note_of(storage)

        async with open_ledger({"AzureWebJobsStorage": storage}) as ledger:
            assert await ledger.cases() == []
        assert await scopes(laptop) == []
        assert "2 of them unannounced, 0 admitted" in note


async def scopes(laptop: Laptop) -> list[str]:
    """Where tasks were opened."""
    found = await laptop.control("GET", "remediations")
    assert isinstance(found, list)
    return [task["scope"].lower() for task in found]
