"""A change of a rule's text lets go what was stopped under the old one, and nothing else."""

from pathlib import Path

from responder.adapters import case_rows
from responder.adapters.ledger import CASES
from responder.core.case import Case, Hold, State
from responder.core.rule_change import texts_of
from tests.core.builders import a_case, a_key, a_plan, vault
from tests.jobs.an_app import RULES, App, an_app

CHANGED = RULES.replace("match: {resourceType", "because: Now we know better.\n    match: {resourceType")


def stopped(app: App, name: str, rule: str = "vaults") -> Case:
    texts = texts_of(app.parts.rules)
    return a_case(State.STOPPED, key=a_key(place=vault(name)), rule=rule, reason="refused", stopped_under=texts[rule])


async def put(app: App, *cases: Case) -> None:
    for case in cases:
        await app.table(CASES).put(case_rows.to_entity(case))


async def states(app: App) -> dict[str, State]:
    return {case.key.place: case.state for case in await app.cases()}


async def test_a_stopped_case_goes_on_when_the_text_of_its_own_rule_changes(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        await put(app, stopped(app, "kv1"), stopped(app, "break-glass", "leave the broken glass alone"))
        await app.sweeps()
        before = set((await states(app)).values())

    async with an_app(storage, tmp_path, rules=CHANGED) as app:
        await app.sweeps()

        assert before == {State.STOPPED}
        assert await states(app) == {vault("kv1"): State.GATHERING, vault("break-glass"): State.STOPPED}
        assert (await app.progress("rules")).note == "The rules changed: 1 cases go on."


async def test_a_case_that_is_let_go_says_why(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        await put(app, a_case(State.STOPPED, rule="vaults", stopped_under="another text"))

        await app.sweeps()

        [case] = await app.cases()
        assert "Released by a change of its rule" in case.because
        assert case.due is not None


async def test_a_plan_that_waits_under_another_text_is_made_anew(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        waits = Hold.WAITING_FOR_WINDOW
        plan = a_plan(rule="vaults", digest="another text")
        tried = a_case(State.HELD, key=a_key(place=vault("kv2")), reason=waits, plan=plan, attempted_at=app.clock())
        await put(app, a_case(State.HELD, reason=waits, plan=plan), tried)

        await app.sweeps()

        found = {case.key.place: (case.state, case.round) for case in await app.cases()}
        assert found == {vault("kv1"): (State.GATHERING, 2), vault("kv2"): (State.HELD, 1)}


async def test_a_plan_is_not_made_anew_by_the_older_rules_of_a_host_that_has_yet_to_be_replaced(
    storage: str, tmp_path: Path
) -> None:
    async with an_app(storage, tmp_path) as old:
        await old.sweeps()
        async with an_app(storage, tmp_path, rules=CHANGED) as new:
            await new.sweeps()
            plan = a_plan(rule="vaults", digest=texts_of(new.parts.rules)["vaults"])
            await put(new, a_case(State.HELD, reason=Hold.WAITING_FOR_WINDOW, plan=plan))

            await old.sweeps()

            [case] = await new.cases()
            assert (case.state, case.plan) == (State.HELD, plan)


async def test_many_cases_are_let_go_over_several_ticks(storage: str, tmp_path: Path) -> None:
    async with an_app(storage, tmp_path) as app:
        cases = [
            a_case(State.STOPPED, key=a_key(place=vault(f"kv{n}")), rule="vaults", stopped_under="d0")
            for n in range(210)
        ]
        await put(app, *cases)

        await app.sweeps()
        first = [state for state in (await states(app)).values() if state is State.STOPPED]
        await app.sweeps()

        assert len(first) == 10
        assert State.STOPPED not in (await states(app)).values()
