"""The running app publishes what tickets and chats wait for, through the real SDK, once each and as the schema says."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from responder.core.case import State
from tests.adapters.local_topic import LocalTopic, Refusal, a_topic
from tests.commands.test_cases_and_show import run
from tests.core.builders import vault
from tests.core.outcome_builders import breaches
from tests.scenarios.estates import RULES
from tests.scenarios.one_app import App, group, one_app
from tests.scenarios.patience import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

_RULES = RULES.replace(
    "rules:\n",
    """rules:
  - name: asked first
    because: Somebody must look at these.
    match: {resourceGroup: "rg-asked*"}
    action: ask
    askFor: P1D
""",
)


@dataclass(frozen=True)
class Scene:
    """The app and the topic it publishes to."""

    app: App
    topic: LocalTopic

    async def told(self, name: str, kind: str) -> dict[str, Any]:
        """The one event of this type about a story, as it went over the wire.

        A topic that answers late on a busy machine is told again, under the same id.
        """
        about = vault(name, group(name))

        async def look() -> list[dict[str, Any]]:
            return [
                event for event in self.topic.wire if event["type"].endswith(kind) and event["data"]["place"] == about
            ]

        found = await eventually(look, f"{name} to be {kind}")
        assert len({event["id"] for event in found}) == 1
        return found[0]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    rules = _RULES.replace("gather: {by: resourceGroup}", "gather: {by: resource}")
    async with a_topic() as topic:
        settings = {"RESPONDER_OUTCOME_TOPIC": topic.endpoint, "WEBSITE_SITE_NAME": "func-responder"}
        async with one_app(tmp_path_factory.mktemp("told"), rules, settings) as app:
            yield Scene(app, topic)


@pytest_asyncio.fixture(loop_scope="module")
async def scene(running: Scene) -> AsyncIterator[Scene]:
    yield running
    running.topic.refusal = None
    await running.app.in_order_again()


async def test_a_verified_round_is_told_as_concluded(scene: Scene) -> None:
    await scene.app.breaks_and_tells("mended")

    event = await scene.told("mended", "concluded")

    assert breaches(event) == []
    assert (event["data"]["outcome"], event["data"]["goesOn"]) == ("verified", False)
    assert event["source"] == "azure-policy-responder/func-responder"


async def test_its_trace_is_the_rounds(scene: Scene) -> None:
    await scene.app.breaks_and_tells("traced")

    event = await scene.told("traced", "concluded")

    roots = [span for span in scene.app.laptop.spans() if span["name"] == "remediation"]
    assert event["traceparent"] in {f"00-{span['traceId']}-{span['spanId']}-01" for span in roots}


async def test_failed_rounds_and_the_end_of_all_attempts_are_told(scene: Scene) -> None:
    await scene.app.breaks_and_tells("broken", outcome="fails")

    stopped = await scene.told("broken", "stopped")

    rounds = [event for event in scene.topic.wire if event["data"]["case"] == stopped["data"]["case"]]
    assert [event["data"].get("outcome", event["data"].get("reason")) for event in rounds] == [
        "failed",
        "failed",
        "given-up",
    ]
    assert [fault for event in rounds for fault in breaches(event)] == []
    assert rounds[0]["data"]["failures"][0]["errorCode"]


async def test_a_question_is_told_with_the_plan_that_approve_takes(scene: Scene) -> None:
    await scene.app.breaks_and_tells("asked-politely")

    asked = await scene.told("asked-politely", "approval-requested")
    case, plan = asked["data"]["case"], asked["data"]["plan"]
    answer = await run(scene.app.storage, "approve", case, "--plan", plan, "--reason", "change 4711")

    assert (breaches(asked), answer.returncode) == ([], 0)
    concluded = await scene.told("asked-politely", "concluded")
    assert (concluded["data"]["case"], concluded["data"]["outcome"]) == (case, "verified")


async def test_a_rejected_plan_is_told_as_stopped(scene: Scene) -> None:
    await scene.app.breaks_and_tells("asked-in-vain")
    asked = await scene.told("asked-in-vain", "approval-requested")

    await run(scene.app.storage, "reject", asked["data"]["case"], "--reason", "not these")

    stopped = await scene.told("asked-in-vain", "stopped")
    assert (breaches(stopped), stopped["data"]["reason"]) == ([], "refused")
    assert "not these" in stopped["data"]["because"]


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(401),
        Refusal(429, {"Retry-After": "1"}),
        Refusal(503),
        Refusal(413),
        Refusal(breaks=True),
        Refusal(sleeps=True),
    ],
    ids=["401", "429", "503", "413", "reset", "slow"],
)
async def test_a_topic_that_refuses_holds_nothing_up_and_hears_of_it_later(scene: Scene, refusal: Refusal) -> None:
    name = f"late-{refusal.status}{'-reset' * refusal.breaks}{'-slow' * refusal.sleeps}"
    scene.topic.refusal = refusal
    await scene.app.breaks_and_tells(name)
    over = await scene.app.over(name)
    before = [event for event in scene.topic.wire if event["data"]["case"] == over.id]

    scene.topic.refusal = None

    event = await scene.told(name, "concluded")
    assert (over.state, before) == (State.CLOSED, [])
    assert (event["data"]["outcome"], breaches(event)) == ("verified", [])


async def test_one_event_that_is_refused_keeps_no_other_waiting(scene: Scene) -> None:
    scene.topic.refusal = Refusal(503)
    await scene.app.breaks_and_tells("poisonous")
    await scene.app.breaks_and_tells("innocent")
    for name in ("poisonous", "innocent"):
        await scene.app.over(name)

    scene.topic.refusal = Refusal(400, about="rg-poisonous/")

    assert (await scene.told("innocent", "concluded"))["data"]["outcome"] == "verified"
    scene.topic.refusal = None
    assert (await scene.told("poisonous", "concluded"))["data"]["outcome"] == "verified"


async def test_nothing_waits_in_the_end(scene: Scene) -> None:
    from responder.adapters.conditional_table import ConditionalTable
    from responder.adapters.outcome_rows import OUTCOMES, OutcomeRows
    from responder.commands.open_ledger import open_storage_of

    async with open_storage_of({"AzureWebJobsStorage": scene.app.storage}) as clients:
        rows = OutcomeRows(ConditionalTable(clients.tables, OUTCOMES))

        async def look() -> bool:
            return not await rows.waiting(10)

        assert await eventually(look, "every event to be published")
