"""`approve`, `reject`, `release`, `cancel` and `retry` on a real ledger, as a person gives them."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from responder.adapters import case_rows
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.due_queue import Ticket
from responder.adapters.ledger import CASES, Claimed, Ledger
from responder.adapters.switches import SWITCHES, Switches
from responder.core import instant, seen
from responder.core.case import Case, Hold, State
from responder.core.outcome import Outcome
from responder.core.resource_row import Settle, Tried
from responder.core.rule_settings import Retry
from responder.core.transitions import record
from tests.adapters.test_ledger import a_ledger, admitted, claimed, messages, the_case
from tests.commands.test_cases_and_show import run
from tests.core.builders import SETTINGS, a_plan, a_task, at, scan, vault


async def planned(ledger: Ledger, name: str = "kv1", ask: bool = False) -> tuple[Claimed, Case]:
    """A case whose plan is written down."""
    held = await claimed(ledger, await admitted(ledger, name), at(3))
    plan = replace(a_plan(name), ask=ask)
    return held, record(held.case, seen.Planned(plan, SETTINGS), at(3))


async def asking(ledger: Ledger, name: str = "kv1") -> str:
    """A case that waits for approval."""
    held, case = await planned(ledger, name, ask=True)
    now = datetime.now(UTC)
    waits = replace(
        case, state=State.HELD, reason=Hold.WAITING_FOR_APPROVAL.value, asked_at=now, due=now + SETTINGS.ask_for
    )
    await ledger.settle(held, waits, at(3))
    return waits.id


async def unheard(ledger: Ledger, name: str = "kv1") -> str:
    """A case whose request to open its task got no answer."""
    held, case = await planned(ledger, name)
    waits = record(replace(case, attempted_at=at(3)), seen.Throttled("the connection broke"), at(3))
    await ledger.settle(held, waits, at(3))
    return case.id


async def refused(ledger: Ledger, name: str = "kv1") -> str:
    """A stopped case."""
    held, case = await planned(ledger, name)
    await ledger.settle(held, record(case, seen.Refused("403: no rights"), at(3)), at(3))
    return case.id


async def running(ledger: Ledger, name: str = "kv1") -> str:
    """A case whose task runs."""
    held, case = await planned(ledger, name)
    await ledger.settle(held, record(case, seen.TaskSeen(a_task("Running", 1, 0)), at(4)), at(4))
    return case.id


async def test_an_approved_case_names_who_approved_which_plan_and_is_due_at_once(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        case_id = await asking(ledger)

        answer = await run(storage, "approve", case_id[:8], "--reason", "change 4711")

        case = await the_case(ledger, case_id)
        assert answer.returncode == 0, answer.stderr
        assert case.approval is not None
        assert (case.approval.why, case.approval.digest) == ("change 4711", case.plan.approval if case.plan else "")
        assert {"case": case_id, "ticket": case.ticket} in await messages(clients)


async def test_show_tells_what_is_asked_until_when_and_how_to_answer(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await asking(ledger)

        shown = " ".join((await run(storage, "show", case_id)).stdout.split())

        assert "asks a person until" in shown
        assert f"for {vault('kv1')}" in shown
        assert f"approve {case_id[:10]} --plan {replace(a_plan(), ask=True).approval[:12]} --reason" in shown


async def test_a_plan_that_changed_after_it_was_shown_is_not_approved(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await asking(ledger)

        answer = await run(storage, "approve", case_id, "--plan", "0123456789ab", "--reason", "change 4711")

        assert answer.returncode == 1
        assert "Its plan has changed" in answer.stdout
        assert (await the_case(ledger, case_id)).approval is None


async def test_a_rejected_case_is_stopped_by_a_person_and_can_be_released(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await asking(ledger)

        answer = await run(storage, "reject", case_id, "--reason", "not these")
        stopped = await the_case(ledger, case_id)
        await run(storage, "release", case_id, "--reason", "after all")

        assert answer.returncode == 0
        assert (stopped.state, stopped.reason) == (State.STOPPED, "refused")
        assert (await the_case(ledger, case_id)).state is State.GATHERING


async def test_all_that_waits_for_approval_is_approved_by_its_assignment(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        asked = [await asking(ledger, name) for name in ("kv1", "kv2")]
        other = await running(ledger, "kv3")

        answer = await run(storage, "approve", "--assignment", "DEPLOY-diag", "--reason", "all of it", "--json")

        told = json.loads(answer.stdout)
        assert answer.returncode == 0, answer.stderr
        assert {row["case"]: row["done"] for row in told} == dict.fromkeys(asked, True)
        assert (await the_case(ledger, other)).approval is None


async def test_a_dry_run_tells_what_would_be_ordered_and_changes_nothing(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await asking(ledger)

        answer = await run(storage, "approve", "--rule", "Key Vault Diagnostics", "--reason", "x", "--dry-run")

        assert answer.returncode == 0, answer.stderr
        assert "1 of 1 would be approved. Nothing was changed." in answer.stdout
        assert (await the_case(ledger, case_id)).approval is None


async def test_a_rule_that_has_no_such_case_is_told_and_is_exit_1(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        await asking(ledger)

        answer = await run(storage, "approve", "--rule", "no such rule", "--reason", "x")

        assert answer.returncode == 1
        assert "No case like that waits for approval" in answer.stdout


async def test_orders_name_cases_or_choose_them_and_not_both(storage: str) -> None:
    neither = await run(storage, "approve", "--reason", "x")
    both = await run(storage, "approve", "3f9c", "--rule", "r", "--reason", "x")

    assert (neither.returncode, both.returncode) == (2, 2)
    assert "name cases by their ids, or choose them" in neither.stderr


async def test_cancel_marks_a_running_case_and_makes_it_due_at_once(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        case_id = await running(ledger)

        answer = await run(storage, "cancel", case_id[:8], "--reason", "overload")

        case = await the_case(ledger, case_id)
        assert answer.returncode == 0, answer.stderr
        assert case.cancel is not None
        assert (case.state, case.cancel.why) == (State.RUNNING, "overload")
        assert {"case": case_id, "ticket": case.ticket} in await messages(clients)


async def test_an_order_for_a_case_that_a_worker_holds_makes_the_worker_take_its_step_again(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await running(ledger)
        now = datetime.now(UTC)
        case = await the_case(ledger, case_id)
        held = await ledger.claim(Ticket(case_id, case.ticket), now)
        assert isinstance(held, Claimed)

        await run(storage, "cancel", case_id, "--reason", "overload")
        again = await ledger.settle(held, record(held.case, seen.TaskSeen(a_task("Running", 1, 0)), now), now)

        assert again is not None
        assert again.case.cancel is not None
        assert again.case.cancel.why == "overload"


async def test_a_released_case_begins_its_next_round_at_once(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        case_id = await refused(ledger)

        released = await run(storage, "release", case_id[:8], "--reason", "roles granted")

        case = await the_case(ledger, case_id)
        assert released.returncode == 0, released.stderr
        assert (case.state, case.round, case.plan) == (State.GATHERING, 2, None)
        assert "roles granted" in case.because
        assert {"case": case_id, "ticket": case.ticket} in await messages(clients)


async def test_many_stopped_cases_are_released_together(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        stopped = [await refused(ledger, f"kv{number}") for number in range(5)]

        answer = await run(storage, "release", "--assignment", "deploy-diag", "--reason", "roles granted")

        assert answer.returncode == 0, answer.stderr
        assert "5 of 5 released." in answer.stdout
        assert {(await the_case(ledger, case_id)).state for case_id in stopped} == {State.GATHERING}


async def test_a_case_that_is_not_stopped_is_not_released(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await admitted(ledger)

        released = await run(storage, "release", case_id[:8], "--reason", "impatience")

        assert released.returncode == 1
        assert (await the_case(ledger, case_id)).state is State.GATHERING


async def test_a_case_that_does_not_exist_is_one_sentence(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        await admitted(ledger)

        answer = await run(storage, "cancel", "ffffffff", "--reason", "x")

        assert (answer.returncode, len(answer.stderr.splitlines())) == (2, 1)


async def test_what_was_ordered_is_kept_with_who_why_and_which_cases(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        await run(storage, "resume", "--reason", "begin")
        case_id = await running(ledger)

        await run(storage, "cancel", case_id, "--reason", "overload")

        order = (await Switches(ConditionalTable(clients.tables, SWITCHES)).orders())[0]
        assert (order.what, order.why, order.cases) == ("cancel", "overload", (case_id,))
        assert order.who


async def waiting_for_retry(ledger: Ledger, cooldown: timedelta) -> str:
    """A case whose first task failed a minute ago, and whose next attempt is two hours away."""
    held, _ = await planned(ledger)
    now = datetime.now(UTC)
    ended = instant.of(now - timedelta(minutes=1))
    failed = replace(a_task("Failed", 1, 0, 1), created_on=ended - 1, last_updated_on=ended)
    tried = Tried(vault("kv1"), failed, False, cooldown, Retry(3, timedelta(hours=2), 2, "d1"), counts=True)
    await ledger.update_rows(held.case, (tried,), now)
    until = now + timedelta(hours=2)
    waits = record(held.case, seen.Waits(Hold.WAITING_FOR_RETRY, "tried once", until), now)
    await ledger.settle(held, waits, now)
    return waits.id


async def test_a_retry_ends_the_wait_of_the_case_and_of_its_resources(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        case_id = await waiting_for_retry(ledger, timedelta(hours=1))
        before = (await ledger.rows((await the_case(ledger, case_id)).key))[0]

        answer = await run(storage, "retry", case_id, "--reason", "the workspace is back")

        case = await the_case(ledger, case_id)
        after = (await ledger.rows(case.key))[0]
        assert answer.returncode == 0, answer.stderr
        assert (before.waits(datetime.now(UTC)), after.waits(datetime.now(UTC))) == (True, False)
        assert {"case": case_id, "ticket": case.ticket} in await messages(clients)


async def test_a_case_that_waits_for_nothing_is_not_hurried(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await running(ledger)

        answer = await run(storage, "retry", case_id, "--reason", "x")

        assert answer.returncode == 1
        assert "does not wait for another attempt" in answer.stdout


async def test_a_dry_run_for_programs_tells_what_is_possible_and_that_nothing_was_done(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        waits, runs = await asking(ledger), await running(ledger, "kv2")

        answer = await run(storage, "approve", waits, runs, "--reason", "x", "--dry-run", "--json")

        told = [(row["case"], row["possible"], row["done"]) for row in json.loads(answer.stdout)]
        assert told == [(waits, True, False), (runs, False, False)]


async def test_a_case_of_a_newer_version_is_left_alone_and_told(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        case_id = await running(ledger)
        table = ConditionalTable(clients.tables, CASES)
        found = await table.get(case_rows.partition(case_id), case_id)
        assert found is not None
        await table.put({**found[0], "version": 99})

        answer = await run(storage, "cancel", case_id, "--reason", "x")

        assert answer.returncode == 2
        assert "newer version" in answer.stderr


async def test_a_dry_run_tells_that_the_plan_is_another(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await asking(ledger)

        answer = await run(storage, "approve", case_id, "--plan", "0123456789AB", "--reason", "x", "--dry-run")

        assert answer.returncode == 1
        assert "Its plan has changed" in answer.stdout


async def test_an_empty_plan_approves_nothing(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await asking(ledger)

        answer = await run(storage, "approve", case_id, "--plan", "", "--reason", "x")

        assert answer.returncode == 2
        assert "give the digits that `show CASE` prints" in answer.stderr
        assert (await the_case(ledger, case_id)).approval is None


async def canceled(ledger: Ledger, name: str = "kv1") -> str:
    """A case whose task a person canceled; its news is dealt with."""
    case_id = await running(ledger, name)
    now = datetime.now(UTC)
    held = await ledger.claim(Ticket(case_id, (await the_case(ledger, case_id)).ticket), now)
    assert isinstance(held, Claimed)
    task = replace(a_task("Canceled", 1, 0), last_updated_on=instant.of(at(7)))
    tried = Tried(vault(name), task, False, timedelta(hours=1), counts=False)
    await ledger.update_rows(held.case, (tried, Settle(vault(name), scan(60), "a person canceled it")), now)
    ended = seen.TaskEnded(task, Outcome.CANCELED, "canceled", more=False, deployments=())
    await ledger.settle(held, record(held.case, ended, now), now)
    return case_id


async def test_a_canceled_case_is_released_by_its_id_and_its_resource_asks_again(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        case_id = await canceled(ledger)
        before = (await ledger.rows((await the_case(ledger, case_id)).key))[0]

        answer = await run(storage, "release", case_id[:8], "--reason", "after all")

        case = await the_case(ledger, case_id)
        after = (await ledger.rows(case.key))[0]
        assert answer.returncode == 0, answer.stderr + answer.stdout
        assert (case.state, case.round, before.open, after.pending) == (State.GATHERING, 2, False, True)
        assert {"case": case_id, "ticket": case.ticket} in await messages(clients)


async def test_cases_are_chosen_by_outcome_and_rule(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await canceled(ledger)
        await running(ledger, "kv2")

    chosen = await run(storage, "cases", "--outcome", "canceled", "--rule", "KEY vault diagnostics", "--json")

    assert [row["case"] for row in json.loads(chosen.stdout)] == [case_id]


async def test_what_was_left_alone_is_kept_in_the_log_as_such(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        await run(storage, "resume", "--reason", "begin")
        case_id = await asking(ledger)

        answer = await run(storage, "retry", case_id, "--reason", "x")

        order = (await Switches(ConditionalTable(clients.tables, SWITCHES)).orders())[0]
        assert answer.returncode == 1
        assert (order.what, order.cases) == ("retry: left alone", (case_id,))


async def test_an_order_while_the_app_does_not_run_says_that_nothing_is_done_until_it_does(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        case_id = await running(ledger)

        answer = await run(storage, "cancel", case_id, "--reason", "overload")

        assert answer.returncode == 0
        assert "Nothing is done until the app runs" in answer.stderr
