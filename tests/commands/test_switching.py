"""`pause`, `resume` and `stop` on a real ledger, as a person turns them."""

import json
from pathlib import Path

import pytest

from responder.adapters.breakers import Breakers
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.restraint import RESTRAINT
from responder.adapters.switches import SWITCHES, Switches
from responder.core.case import State
from responder.core.outcome import Outcome
from tests.adapters.test_ledger import a_ledger, admitted, the_case
from tests.commands.test_cases_and_show import run
from tests.commands.test_orders import asking, running, unheard
from tests.core.builders import ASSIGNMENT, DEFINITION, SUBSCRIPTION, at, scan


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


async def test_an_empty_reason_is_none_and_one_that_terminals_would_obey_is_refused(storage: str) -> None:
    empty = await run(storage, "pause", "--reason", " ")
    escape = await run(storage, "pause", "--reason", "red \x1b[31m alert")

    assert (empty.returncode, escape.returncode) == (2, 2)
    assert "it is empty; say in a few words why" in empty.stderr
    assert "control character" in escape.stderr


async def test_whoever_lists_the_cases_learns_of_every_pause(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        await admitted(ledger)
    await run(storage, "pause", "--reason", "change freeze")
    await run(storage, "pause", "--rule", "key vault diagnostics", "--reason", "too many failures")

    paused = await run(storage, "cases")
    await run(storage, "resume", "--reason", "over")
    still = await run(storage, "cases")
    await run(storage, "resume", "--rule", "key vault diagnostics", "--reason", "mended")
    resumed = await run(storage, "cases")

    assert ("change freeze" in paused.stderr, "too many failures" in paused.stderr) == (True, True)
    assert "change freeze" not in still.stderr
    assert resumed.stderr == ""


async def test_a_part_of_an_id_names_the_one_assignment_that_has_it(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        await run(storage, "resume", "--reason", "begin")
        await admitted(ledger)

        answer = await run(storage, "pause", "--assignment", "Deploy-Diag", "--reason", "x")

        switches = Switches(ConditionalTable(clients.tables, SWITCHES))
        assert answer.returncode == 0, answer.stderr
        assert await switches.paused(assignment=ASSIGNMENT) is not None
        assert await switches.paused() is None


async def test_a_text_that_fits_no_known_assignment_must_be_a_full_id(storage: str) -> None:
    text = await run(storage, "pause", "--assignment", "deploy-*", "--reason", "x")
    full = await run(storage, "pause", "--assignment", ASSIGNMENT, "--reason", "x")

    assert (text.returncode, full.returncode) == (2, 0)
    assert "Give the full id" in text.stderr


async def test_a_rule_that_the_ledger_never_heard_of_is_paused_with_a_warning(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        await admitted(ledger)

        answer = await run(storage, "pause", "--rule", "key vault diagnostic", "--reason", "x")

        assert answer.returncode == 0
        assert "no case in the ledger is of rule key vault diagnostic" in answer.stderr
        assert "Its rules are: key vault diagnostics" in answer.stderr


def a_rules_file(folder: Path) -> str:
    rules = "version: 1\nrules: [{name: Key vault diagnostics, match: {resourceGroup: rg-a}, action: remediate}]\n"
    (folder / "rules.yaml").write_text(rules)
    return str(folder / "rules.yaml")


@pytest.mark.parametrize(("word", "name"), [("pause", "key vault diagnostic"), ("stop", "vault")])
async def test_a_rule_that_the_rules_file_does_not_have_is_refused_with_the_name_that_may_be_meant(
    storage: str, tmp_path: Path, word: str, name: str
) -> None:
    rules = a_rules_file(tmp_path)
    async with a_ledger(storage) as (_, clients):
        answer = await run(storage, word, "--rule", name, "--reason", "x", RESPONDER_RULES=rules)

        names = [table.name async for table in clients.tables.list_tables()]
        assert answer.returncode == 2
        assert f"has no rule '{name}'; did you mean 'Key vault diagnostics'?" in answer.stderr
        assert SWITCHES not in names


async def test_a_rule_is_named_in_any_case_and_one_that_is_gone_by_any_name(storage: str, tmp_path: Path) -> None:
    rules = a_rules_file(tmp_path)
    async with a_ledger(storage):
        known = await run(storage, "pause", "--rule", "key vault DIAGNOSTICS", "--reason", "x", RESPONDER_RULES=rules)
        gone = await run(storage, "pause", "--rule", "old", "--any-name", "--reason", "x", RESPONDER_RULES=rules)
        resumed = await run(storage, "resume", "--rule", "old", "--reason", "x", RESPONDER_RULES=rules)

    assert (known.returncode, gone.returncode, resumed.returncode) == (0, 0, 0)


async def test_where_the_rules_cannot_be_read_a_rule_is_paused_and_that_is_said(storage: str) -> None:
    async with a_ledger(storage):
        answer = await run(storage, "pause", "--rule", "vaults", "--reason", "x")

    assert answer.returncode == 0
    assert "rules.yaml cannot be read here" in answer.stderr


async def test_resuming_what_was_not_paused_says_so(storage: str) -> None:
    await run(storage, "pause", "--subscription", SUBSCRIPTION, "--reason", "x")

    other = await run(storage, "resume", "--rule", "vaults", "--reason", "y")
    this = await run(storage, "resume", "--subscription", SUBSCRIPTION.rpartition("/")[2].upper(), "--reason", "y")

    assert (other.returncode, this.returncode) == (1, 0)
    assert "Rule vaults was not paused" in other.stderr


async def test_stop_pauses_and_cancels_what_runs_and_leaves_what_is_held(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        await run(storage, "resume", "--reason", "begin")
        runs, waits = await running(ledger, "kv1"), await asking(ledger, "kv2")

        answer = await run(storage, "stop", "--reason", "the template deletes settings", "--json")

        told = json.loads(answer.stdout)
        assert answer.returncode == 0, answer.stderr
        assert [(row["case"], row["done"]) for row in told] == [(runs, True)]
        assert (await the_case(ledger, runs)).cancel is not None
        assert (await the_case(ledger, waits)).state is State.HELD
        assert await Switches(ConditionalTable(clients.tables, SWITCHES)).paused() is not None


async def test_stop_cancels_a_task_whose_opening_got_no_answer(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        await run(storage, "resume", "--reason", "begin")
        may_run, waits = await unheard(ledger, "kv1"), await asking(ledger, "kv2")

        answer = await run(storage, "stop", "--reason", "the template deletes settings", "--json")

        assert [(row["case"], row["done"]) for row in json.loads(answer.stdout)] == [(may_run, True)], answer.stderr
        assert (await the_case(ledger, may_run)).cancel is not None
        assert (await the_case(ledger, waits)).cancel is None


async def test_stopping_one_rule_leaves_the_tasks_of_others_alone(storage: str) -> None:
    async with a_ledger(storage) as (ledger, _):
        runs = await running(ledger)

        answer = await run(storage, "stop", "--rule", "another rule", "--reason", "x")

        assert answer.returncode == 0, answer.stderr
        assert "No task of rule another rule runs." in answer.stdout
        assert (await the_case(ledger, runs)).cancel is None


async def test_a_dry_run_of_stop_changes_nothing(storage: str) -> None:
    async with a_ledger(storage) as (ledger, clients):
        await run(storage, "resume", "--reason", "begin")
        runs = await running(ledger)

        answer = await run(storage, "stop", "--reason", "x", "--dry-run")

        assert "1 of 1 would be to be canceled" not in answer.stdout
        assert (await the_case(ledger, runs)).cancel is None
        assert await Switches(ConditionalTable(clients.tables, SWITCHES)).paused() is None


async def test_a_breaker_is_closed_by_the_definition_it_is_for(storage: str) -> None:
    async with a_ledger(storage) as (_, clients):
        table = ConditionalTable(clients.tables, RESTRAINT)
        await table.create()
        breakers = Breakers(table, 1)
        await breakers.record(DEFINITION, "c1", 1, scan(1), Outcome.FAILED, at(1))

        closed = await run(storage, "resume", "--definition", DEFINITION.upper(), "--reason", "template mended")
        again = await run(storage, "resume", "--definition", DEFINITION, "--reason", "template mended")

        assert (closed.returncode, again.returncode) == (0, 1), closed.stderr
        assert await breakers.why_open(DEFINITION) is None
        assert "is not open" in again.stderr


async def test_a_switch_in_an_account_without_a_ledger_is_set_with_a_warning(storage: str) -> None:
    paused = await run(storage, "pause", "--reason", "x")
    resumed = await run(storage, "resume", "--reason", "y")

    assert (paused.returncode, resumed.returncode) == (0, 0)
    assert "no ledger yet; is it the app's?" in paused.stderr
    assert "no ledger yet; is it the app's?" in resumed.stderr


async def test_resuming_an_app_that_is_not_paused_says_so_and_changes_nothing(storage: str) -> None:
    async with a_ledger(storage) as (_, clients):
        await run(storage, "resume", "--reason", "begin")

        again = await run(storage, "resume", "--reason", "begin again")

        assert (again.returncode, again.stdout) == (1, "")
        assert "The app was not paused; nothing was changed." in again.stderr
        assert len(await Switches(ConditionalTable(clients.tables, SWITCHES)).orders()) == 1
