"""An app that does nothing: what the host and the worker cost by themselves."""

import azure.functions as func

app = func.FunctionApp()


@app.function_name("policy_state_change")
@app.event_grid_trigger(arg_name="event")
async def on_event(event: func.EventGridEvent, context: func.Context) -> None:
    """Take an event, under the name that the real app's function has."""


@app.function_name("case_due")
@app.queue_trigger(arg_name="message", queue_name="noop-cases", connection="AzureWebJobsStorage")
async def on_message(message: func.QueueMessage) -> None:
    """Take a message."""
