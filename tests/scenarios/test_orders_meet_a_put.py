"""People stop or pause the app while the request that opens a task is under way: no task is left unfollowed."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from responder.commands.open_ledger import open_ledger
from responder.core import orders
from responder.core.case import Case, Word
from responder.local.azurite import Azurite
from tests.scenarios.crash import Point, Site, a_site
from tests.scenarios.estates import QUICK, an_estate, an_event
from tests.scenarios.pause_switch import set_paused

_OPENED = Point("arm", "PUT", "/remediations/", when="after")


async def while_a_task_is_opened(site: Site, happens: Callable[[Site], Awaitable[None]], lasts: str = "PT40S") -> None:
    """Azure has created the task and the app does not know yet: then this happens, and only then comes the answer."""
    await site.laptop.control("PUT", "dials", {**QUICK, "deployment": lasts})
    standing = asyncio.ensure_future(site.stands_at(_OPENED))
    await asyncio.sleep(0)  # the gate must know before the event goes out
    assert await site.laptop.deliver(an_event("kv1")) == 202
    held = await standing
    await happens(site)
    held.release()


async def stop(site: Site) -> None:
    """What `stop` does: the switch first, then the order for what is opening or running."""
    await set_paused(site.storage, True, "incident 4711")
    word = Word("anna", "incident 4711", datetime.now(UTC))
    async with open_ledger({"AzureWebJobsStorage": site.storage}) as ledger:
        (case,) = await ledger.cases()
        answer = await ledger.order(case.id, lambda case: orders.cancel(case, word), datetime.now(UTC))
    assert isinstance(answer, Case)


async def pause_and_news(site: Site) -> None:
    """A pause, and an event that makes the worker take its step again."""
    await set_paused(site.storage, True, "freeze")
    assert await site.laptop.deliver(an_event("kv1", scanned="2026-11-20T08:00:05.0000000Z")) == 202


async def test_a_stop_while_a_task_is_being_opened_cancels_that_task(
    azurite: Azurite, storage: str, tmp_path: Path
) -> None:
    async with a_site(azurite, storage, tmp_path, an_estate("kv1")) as site:
        await while_a_task_is_opened(site, stop)

        cases = await site.all_over()

        assert [case.outcome for case in cases] == ["canceled"]
        assert [task["state"] for task in await site.tasks()] == ["Canceled"]


async def test_a_pause_while_a_task_is_being_opened_leaves_it_followed(
    azurite: Azurite, storage: str, tmp_path: Path
) -> None:
    async with a_site(azurite, storage, tmp_path, an_estate("kv1")) as site:
        await while_a_task_is_opened(site, pause_and_news, lasts="PT0.5S")

        cases = await site.all_over()

        assert [case.outcome for case in cases] == ["verified"]
        assert len(await site.tasks()) == 1
