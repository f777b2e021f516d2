"""`pause`, `resume` and `release` on a real ledger, as a person gives them."""

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.switches import SWITCHES, Switches
from responder.core import seen
from responder.core.case import State
from responder.core.transitions import record
from tests.adapters.test_ledger import a_ledger, admitted, claimed, messages, the_case
from tests.commands.test_cases_and_show import run
from tests.core.builders import SETTINGS, a_plan, at


async def test_a_pause_says_who_and_why_and_a_resume_ends_it(storage: str) -> None:
    async with a_ledger(storage) as (_, clients):
        switches = Switches(ConditionalTable(clients.tables, SWITCHES))

        paused = await run(storage, "pause", "--reason", "change freeze")
        why = await switches.paused()
        resumed = await run(storage, "resume", "--reason", "freeze is over")

        assert (paused.returncode, resumed.returncode) == (0, 0)
        assert "change freeze" in (why or "")
        assert await switches.paused() is None


async def test_a_ledger_that_lost_its_switch_begins_again_by_resume(storage: str) -> None:
    async with a_ledger(storage) as (_, clients):
        switches = Switches(ConditionalTable(clients.tables, SWITCHES))
        before = await switches.paused()

        await run(storage, "resume", "--reason", "the table was deleted by mistake")

        assert "counts as paused" in (before or "")
        assert await switches.paused() is None


async def test_an_order_without_a_reason_is_not_taken(storage: str) -> None:
    paused = await run(storage, "pause")

    assert paused.returncode == 2
    assert "--reason" in paused.stderr


async def test_whoever_lists_the_cases_learns_that_the_app_is_paused(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        await admitted(ledger)
    await run(storage, "pause", "--reason", "change freeze")

    paused = await run(storage, "cases")
    await run(storage, "resume", "--reason", "over")
    resumed = await run(storage, "cases")

    assert "change freeze" in paused.stderr
    assert resumed.stderr == ""


async def test_an_empty_reason_is_none(storage: str) -> None:
    paused = await run(storage, "pause", "--reason", " ")

    assert paused.returncode == 2
    assert "it is empty; say in a few words why" in paused.stderr


async def test_a_released_case_begins_its_next_round_at_once(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        case_id = await admitted(ledger)
        held = await claimed(ledger, case_id, at(3))
        opening = record(held.case, seen.Planned(a_plan(), SETTINGS), at(3))
        await ledger.settle(held, record(opening, seen.Refused("403: no rights"), at(3)), at(3))

        released = await run(storage, "release", case_id[:8], "--reason", "roles granted")

        case = await the_case(ledger, case_id)
        assert released.returncode == 0, released.stderr
        assert (case.state, case.round, case.plan) == (State.GATHERING, 2, None)
        assert "roles granted" in case.because
        assert {"case": case_id, "ticket": case.ticket} in await messages(clients)


async def test_a_case_that_is_not_stopped_is_not_released(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await admitted(ledger)

        released = await run(storage, "release", case_id[:8], "--reason", "impatience")

        assert released.returncode == 1
        assert (await the_case(ledger, case_id)).state is State.GATHERING
