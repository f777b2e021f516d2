"""The app is killed where no message is left behind, while the sweep mends that, and in its very first start."""

from pathlib import Path

from responder.commands.open_ledger import open_ledger
from responder.core.case import Case, State
from responder.local.azurite import Azurite
from tests.core.builders import vault
from tests.scenarios.crash import CASES, Point, Site, a_site
from tests.scenarios.estates import an_estate, an_event
from tests.scenarios.patience import eventually
from tests.scenarios.pause_switch import set_paused

_CASE_INSERTED = Point("table", "POST", "/respondercases$", when="after")
_SWEPT = Point("table", "PUT", CASES, when="after")
_SWITCH = Point("table", "PUT", r"/responderswitches\(")
_LEDGER = Point("table", "POST", "/Tables$", "respondercases")


async def one_task_verified(site: Site) -> None:
    cases = await site.all_over()

    assert [(case.outcome, case.round) for case in cases] == [("verified", 1)]
    assert [task["scope"].lower() for task in await site.tasks()] == [vault("kv1")]
    assert (len(site.roots()), site.broken()) == (1, [])


async def held(site: Site) -> Case:
    async def look() -> Case | None:
        return next((case for case in await ledger.cases() if case.state is State.HELD), None)

    async with open_ledger({"AzureWebJobsStorage": site.storage}) as ledger:
        return await eventually(look, "a case to be held")


async def test_a_case_that_was_written_without_a_message_is_found_by_the_sweep(
    azurite: Azurite, storage: str, tmp_path: Path
) -> None:
    async with a_site(azurite, storage, tmp_path, an_estate("kv1")) as site:
        unacknowledged = await site.die_at(_CASE_INSERTED, [an_event("kv1")])

        await site.live_again()
        await site.deliver_again(unacknowledged)  # finds the news in the ledger, and writes no message either

        await one_task_verified(site)


async def test_a_case_that_the_sweep_wrote_without_a_message_is_found_by_the_next_sweep(
    azurite: Azurite, storage: str, tmp_path: Path
) -> None:
    async with a_site(azurite, storage, tmp_path, an_estate("kv1")) as site:
        await site.die_at(_CASE_INSERTED, [an_event("kv1")])
        await site.live_again()
        await site.stands_at(_SWEPT)
        await site.die()

        await site.live_again()

        await one_task_verified(site)


async def test_a_ledger_whose_first_start_died_before_its_switch_was_written_counts_as_paused(
    azurite: Azurite, storage: str, tmp_path: Path
) -> None:
    async with a_site(azurite, storage, tmp_path, an_estate("kv1")) as site:
        unacknowledged = await site.die_at(_SWITCH, [an_event("kv1")])
        await site.live_again()
        await site.deliver_again(unacknowledged)

        case = await held(site)

        assert (case.reason, await site.tasks()) == ("paused", [])
        assert "run `python -m responder resume --reason TEXT`" in case.because
        await set_paused(storage, False)
        await one_task_verified(site)


async def test_a_first_start_that_died_after_its_switch_was_written_is_finished_by_the_next(
    azurite: Azurite, storage: str, tmp_path: Path
) -> None:
    async with a_site(azurite, storage, tmp_path, an_estate("kv1")) as site:
        unacknowledged = await site.die_at(_LEDGER, [an_event("kv1")])

        await site.live_again()
        await site.deliver_again(unacknowledged)

        await one_task_verified(site)
