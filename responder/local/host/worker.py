"""The Python worker: Microsoft's own logic, in this process.

`azure-functions-runtime` is what runs behind the gRPC door of the worker in Azure. It imports and indexes the
app and runs invocations exactly as it does there; here it is spoken to through plain stand-ins for its
messages. It keeps its registry in module variables: one app per process at a time.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import azure_functions_runtime as runtime

from responder.local.host import messages
from responder.local.host.messages import (
    FunctionMetadataResponse,
    InvocationRequest,
    InvocationResponse,
    ParameterBinding,
    RpcException,
    RpcFunctionMetadata,
    StatusResult,
    StreamingMessage,
    TraceContext,
    TypedData,
    WorkerInitRequest,
    WorkerInitResponse,
    WorkerRequest,
)
from responder.local.host.trouble import HostError

_SCRIPT = "function_app.py"
# What the worker appends to an ImportError: a link, and the whole of sys.path.
_WORKER_HINT = ". Cannot find module."


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The function returned, perhaps a value."""

    value: TypedData | None


@dataclass(frozen=True, slots=True)
class Failed:
    """The function raised: `message` is `Type: text`, `stack` the traceback."""

    message: str
    stack: str


Outcome = Succeeded | Failed


async def index_app(folder: Path) -> list[RpcFunctionMetadata]:
    """Import the folder's function_app.py and list its functions. `HostError` with the app's own message."""
    if not (folder / _SCRIPT).exists():
        raise HostError(f"{folder} has no {_SCRIPT}; name the folder of the app with --app.")
    _make_importable(folder)
    message = StreamingMessage(worker_init_request=WorkerInitRequest(str(folder)))
    # The worker does not catch what ends a process, and an app may well call sys.exit over a bad setting.
    try:
        answer: WorkerInitResponse = await runtime.worker_init_request(_request(message))
    except SystemExit as error:
        raise HostError(f"{folder / _SCRIPT} ended the process while it was imported: {error}.") from error
    if answer.result.status != StatusResult.Success:
        raise _not_indexed(folder, answer.result.exception or RpcException())
    found: FunctionMetadataResponse = await runtime.functions_metadata_request(_request(StreamingMessage()))
    if not found.function_metadata_results:
        raise HostError(f"{folder / _SCRIPT} declares no functions.")
    return found.function_metadata_results


async def invoke(
    function_id: str,
    parameter: str,
    data: TypedData,
    metadata: Mapping[str, TypedData],
    traceparent: str,
) -> Outcome:
    """Run one function. What it raises comes back as `Failed`, never as an exception."""
    request = InvocationRequest(
        invocation_id=str(uuid.uuid4()),
        function_id=function_id,
        input_data=[ParameterBinding(parameter, data)],
        trigger_metadata=dict(metadata),
        trace_context=TraceContext(trace_parent=traceparent),
    )
    answer: InvocationResponse = await runtime.invocation_request(
        _request(StreamingMessage(invocation_request=request))
    )
    if answer.result.status == StatusResult.Success:
        return Succeeded(answer.return_value)
    error = answer.result.exception or RpcException("The worker gave no reason.")
    return Failed(error.message, error.stack_trace)


def start_threads() -> None:
    """Start the pool that sync functions run in, as large as in Azure."""
    runtime.start_threadpool_executor()


def stop_threads() -> None:
    """End the pool; waits for what runs in it."""
    runtime.stop_threadpool_executor()


def _request(message: StreamingMessage) -> WorkerRequest:
    return WorkerRequest(message, {"host": "127.0.0.1", "protos": messages})


def _make_importable(folder: Path) -> None:
    """Put the app first on the path, and forget a function_app that an earlier host has imported."""
    if str(folder) in sys.path:
        sys.path.remove(str(folder))
    sys.path.insert(0, str(folder))
    sys.modules.pop(Path(_SCRIPT).stem, None)


def _not_indexed(folder: Path, error: RpcException) -> HostError:
    text = error.message.split(_WORKER_HINT)[0].strip()
    return HostError(f"{folder / _SCRIPT} cannot be used: {text}{_hint(folder)}", detail=error.stack_trace)


def _hint(folder: Path) -> str:
    """Settings are what a fresh clone lacks first."""
    example = folder / "local.settings.json.example"
    if example.is_file() and not (folder / "local.settings.json").is_file():
        return ". No local.settings.json lies beside it: for a laptop, copy local.settings.json.example to it."
    return ""
