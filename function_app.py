"""What wakes the responder: one binding per arrival, nothing else.

Importing this module reads the settings and the rules, so that a bad one stops the app before it takes an event.
A malformed `eventTime` fails in the Functions library before any of our code runs: Event Grid delivers such an
event again until it ends in the dead letters. What an event does not need is imported when a case is due or the
sweep ticks: a cold start waits for every line that is imported here.
"""

import os

import azure.functions as func

from handlers import policy_state_change
from responder.adapters.event_grid import as_mapping, from_queue, keep_time_formats
from responder.poisoned import recorded_when_poison
from responder.put_off import put_off_if_newer
from responder.wiring import Wiring, read_setup

keep_time_formats()
wiring = Wiring(read_setup(os.environ))
app = func.FunctionApp()


@app.function_name("policy_state_change")
@app.event_grid_trigger(arg_name="event")
async def on_event(event: func.EventGridEvent, context: func.Context) -> None:
    """Event Grid pushes one policy state change."""
    await policy_state_change.handle(as_mapping(event), _traceparent(context), await wiring.parts())


@app.function_name("policy_state_change_queued")
@app.queue_trigger(arg_name="message", queue_name="responder-events", connection="AzureWebJobsStorage")
async def on_queued_event(message: func.QueueMessage, context: func.Context) -> None:
    """Event Grid delivered one policy state change to a queue, where the app has no public endpoint."""
    here = "responder-events", message, wiring.parts
    async with recorded_when_poison(*here), put_off_if_newer(*here):
        event = from_queue(message.get_body())
        await policy_state_change.handle(event, _traceparent(context), await wiring.parts())


@app.function_name("case_due")
@app.queue_trigger(arg_name="message", queue_name="responder-cases", connection="AzureWebJobsStorage")
async def on_case_due(message: func.QueueMessage) -> None:
    """A case is due."""
    from handlers import case_due

    here = "responder-cases", message, wiring.parts
    async with recorded_when_poison(*here), put_off_if_newer(*here):
        await case_due.handle(message.get_body(), await wiring.parts())


@app.function_name("sweep_tick")
@app.timer_trigger(arg_name="timer", schedule=wiring.setup.settings.sweep, run_on_startup=False)
async def on_sweep_tick(timer: func.TimerRequest) -> None:  # noqa: ARG001 - the binding is found by this name
    """It is time to look for what stands still."""
    from handlers import sweep_tick

    await sweep_tick.handle(wiring.setup.settings.sweep, await wiring.parts())


def _traceparent(context: func.Context) -> str:
    trace = context.trace_context
    return (trace.trace_parent or "") if trace else ""
