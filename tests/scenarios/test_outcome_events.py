"""Who hangs on the topic hears of everything that ended, stopped or waits for a person, whatever dies on the way."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import pytest

from responder.core import orders
from responder.core.case import Case, Hold, State, Word
from responder.core.outcome_event import EventType
from responder.core.rules import Rules, read_rules
from tests.scenarios.interleaving import Mood
from tests.scenarios.one_case import TEXT, App
from tests.scenarios.outcome_stage import A_DAY, FAILED, VERIFIED, Died, Told, dies_before, told

_ALONE = TEXT.replace("by: resourceGroup", "by: resource")


def asking() -> Rules:
    return read_rules(_ALONE.replace("action: remediate", "action: ask"))


async def waits(stage: Told) -> None:
    await stage.goes_on(40)


async def approves(stage: Told) -> None:
    """Somebody approves whatever is asked, as soon as the case waits for it."""
    for _ in range(40):
        await stage.tick()
        cases = stage.app.cases()
        if cases and (cases[0].state, cases[0].reason) == (State.HELD, Hold.WAITING_FOR_APPROVAL):
            await approve(stage, cases[0])


async def approve(stage: Told, case: Case) -> None:
    word = Word("ada", "change 4711", stage.app.world.now)
    await stage.app.parts.ledger.order(case.id, lambda now: orders.approve(now, word), stage.app.world.now)


async def waits_long(stage: Told) -> None:
    for _ in range(20):
        await stage.tick(10)


@dataclass(frozen=True)
class Story:
    """How an app is set up, what happens, and what is told of it in the end."""

    rules: Rules
    fates: tuple[int, ...]
    goes: Callable[[Told], Awaitable[None]]
    words: Sequence[str]

    def stage(self) -> Told:
        return told(self.rules, self.fates)


STORIES = {
    "verified": Story(read_rules(_ALONE), VERIFIED, waits, ["concluded verified"]),
    "approved": Story(asking(), VERIFIED, approves, ["approval-requested", "concluded verified"]),
    "given up": Story(read_rules(_ALONE), FAILED * 3, waits_long, [*["concluded failed"] * 3, "stopped given-up"]),
}


def words(stage: Told) -> list[str]:
    """What was told, the plans' digests left out."""
    return [kind if kind == "approval-requested" else f"{kind} {word}" for kind, word in stage.words]


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
async def test_what_ends_stops_or_asks_is_told_once_and_nothing_is_left_in_the_table(story: Story) -> None:
    stage = story.stage()

    await stage.app.hears()
    await story.goes(stage)

    assert words(stage) == story.words
    assert len(stage.topic.published) == len(story.words)
    assert stage.rows.entities() == []


async def lives_on(stage: Told, story: Story) -> None:
    """The story, with a process that takes the place of one that died."""
    for _ in range(2):
        try:
            await story.goes(stage)
        except Died:
            continue
        return


@pytest.mark.parametrize("story", [STORIES["verified"], STORIES["approved"]], ids=["verified", "approved"])
async def test_it_is_told_though_the_app_dies_before_any_one_of_its_calls(story: Story) -> None:
    for call in range(1, 400):
        stage = story.stage()
        await stage.app.hears()
        died_at = dies_before(stage, call)

        await lives_on(stage, story)

        assert words(stage) == story.words, died_at
        assert stage.rows.entities() == [], died_at
        if not died_at:
            return
    pytest.fail("the story has more calls than were looked at")


@pytest.mark.parametrize("mood", [Mood.UNHEARD, Mood.REFUSED])
async def test_it_is_told_though_any_one_call_goes_wrong(mood: Mood) -> None:
    story = STORIES["verified"]
    for call in range(1, 400):
        stage = story.stage()
        await stage.app.hears()
        spoilt = dies_before(stage, call, mood)

        await lives_on(stage, story)

        assert words(stage) == story.words, spoilt
        assert stage.rows.entities() == [], spoilt
        if not spoilt:
            return
    pytest.fail("the story has more calls than were looked at")


async def test_a_topic_that_is_away_holds_no_case_up_and_is_told_when_it_is_back() -> None:
    stage = STORIES["verified"].stage()
    stage.topic.away = True
    await stage.app.hears()
    await stage.goes_on(60)
    closed = (stage.app.case.state, len(stage.rows.entities()), stage.words)

    stage.topic.away = False
    await stage.goes_on(10)

    assert closed == (State.CLOSED, 1, [])
    assert (words(stage), stage.rows.entities()) == (["concluded verified"], [])


async def test_an_event_that_nobody_took_for_a_day_is_dropped_and_counted() -> None:
    stage = STORIES["verified"].stage()
    stage.topic.away = True
    await stage.app.hears()
    await stage.goes_on(40)
    stage.app.world.wait(stage.app.world.now + A_DAY)

    stage.topic.away = False
    await stage.goes_on(2)

    assert (stage.words, stage.rows.entities()) == ([], [])
    assert set(stage.counted) == {("concluded", "failed")}


async def test_a_step_that_is_taken_again_for_newer_news_tells_only_what_it_came_to() -> None:
    stage, heard = STORIES["verified"].stage(), [False]

    async def bad_news(what: str) -> Mood | None:
        if what == "insert into responderoutcomes" and not heard[0]:
            heard[0] = True
            await stage.app.hears()  # found non-compliant again, within its cooldown
        return None

    await stage.app.hears()
    stage.app.hooks.append(bad_news)
    await stage.goes_on(40)

    assert heard == [True]
    assert words(stage)[0] == "concluded ineffective"
    assert "concluded verified" not in words(stage)[:1]


async def test_what_a_dead_worker_wrote_down_and_never_came_true_is_not_told() -> None:
    stage, written = STORIES["verified"].stage(), [False]

    async def dies_between(what: str) -> Mood | None:
        if written[0] and what == "replace in respondercases":
            stage.app.hooks.clear()
            raise Died
        written[0] = written[0] or what == "insert into responderoutcomes"
        return None

    await stage.app.hears()
    stage.app.hooks.append(dies_between)
    with pytest.raises(Died):
        await stage.goes_on(40)
    await stage.app.hears()  # before anybody takes the step again
    await stage.goes_on(40)

    assert words(stage)[0] == "concluded ineffective"
    assert [word for word in words(stage) if word == "concluded verified"] == []


async def test_without_a_topic_nothing_is_written_for_it() -> None:
    with_one, without = STORIES["verified"].stage(), App(1, read_rules(_ALONE), VERIFIED)
    await with_one.app.hears()
    await with_one.goes_on(40)

    await without.hears()
    for _ in range(40):
        await without.sweeps()
        await without.passes(1)

    assert without.asked("insert into responderoutcomes") == 0
    assert not any("outcomes" in call or call == "publish" for call in without.calls)


def test_every_type_of_event_has_a_story() -> None:
    told_of = {word.split()[0] for story in STORIES.values() for word in story.words}

    assert told_of == {kind.value.rpartition(".")[2] for kind in EventType}
