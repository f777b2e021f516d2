"""One function for each trigger, sync and async. Each writes what it was given to the file SAMPLE_OUT."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from pathlib import Path

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


def _note(**seen: object) -> None:
    with Path(os.environ["SAMPLE_OUT"]).open("a") as out:
        out.write(json.dumps(seen) + "\n")


async def _obey(wish: dict[str, float], times: int = 1) -> None:
    """Take as long, and fail as often, as the input wishes."""
    await asyncio.sleep(wish.get("seconds", 0))
    if times <= wish.get("failures", 0):
        raise ValueError(f"failure {times} as wished")


@app.event_grid_trigger(arg_name="event")
async def hear(event: func.EventGridEvent, context: func.Context) -> None:
    """Note an event of either schema; `data` says how to behave."""
    _note(function="hear", kind=type(event).__name__, id=event.id, parent=context.trace_context.trace_parent)
    await _obey(event.get_json())
    _note(function="hear", done=event.id)


@app.queue_trigger(arg_name="message", queue_name="work", connection="AzureWebJobsStorage")
async def work(message: func.QueueMessage) -> None:
    """Note a message; its body says how to behave."""
    wish = message.get_json()
    count = message.dequeue_count or 0
    known = message.insertion_time and message.expiration_time and message.time_next_visible
    _note(function="work", name=wish["name"], count=count, id=message.id, times=bool(known))
    await _obey(wish, count)
    _note(function="work", done=wish["name"])


@app.queue_trigger(arg_name="message", queue_name="%SAMPLE_QUEUE%", connection="AzureWebJobsStorage")
def work_in_thread(message: func.QueueMessage) -> None:
    """Note a message, as sync functions do: in a thread."""
    logging.info("the app's own words")
    _note(function="work_in_thread", body=message.get_body().decode())


@app.timer_trigger(arg_name="timer", schedule="%SAMPLE_SCHEDULE%", run_on_startup=True)
async def tick(timer: func.TimerRequest) -> None:
    """Note each start and end, so that an overlap can be seen."""
    _note(function="tick", past_due=timer.past_due)
    await asyncio.sleep(1.2)
    _note(function="tick", done=True)


@app.route(route="hello/{name}", methods=["GET", "POST"])
def hello(req: func.HttpRequest) -> func.HttpResponse:
    """Give back what was sent."""
    if req.params.get("fail"):
        raise ValueError("a failure as wished")
    answer = {
        "name": req.route_params["name"],
        "query": dict(req.params),
        "body": req.get_body().decode(),
        "header": req.headers.get("X-Wish"),
    }
    return func.HttpResponse(json.dumps(answer), status_code=201, mimetype="application/json")
