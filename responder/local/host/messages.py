"""Stand-ins for the messages that host and worker exchange.

In Azure they are protobuf over gRPC. The worker's own logic is handed the message classes from outside, and
asks no more of them than attributes and `WhichOneof`; plain values are enough, and spare us both libraries.

Names and fields: https://github.com/Azure/azure-functions-language-worker-protobuf
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import ClassVar

# Two fields of TypedData are named like the types of their values.
_Bytes = bytes
_Int = int


@dataclass(slots=True)
class RpcException:
    """What a function, or the import of the app, raised."""

    message: str = ""
    stack_trace: str = ""
    source: str = ""


@dataclass(slots=True)
class StatusResult:
    """Whether a request went well, and if not, why."""

    Failure: ClassVar[int] = 0
    Success: ClassVar[int] = 1

    status: int
    exception: RpcException | None = None


@dataclass(slots=True)
class BindingInfo:
    """One binding of a function. The directions are those of the wire."""

    in_: ClassVar[int] = 0
    out: ClassVar[int] = 1
    inout: ClassVar[int] = 2  # codespell:ignore inout
    undefined: ClassVar[int] = 0

    type: str
    data_type: int | None = None
    direction: int = 0


@dataclass(slots=True)
class RpcHttp:
    """A request on its way in, or an answer on its way out."""

    method: str = ""
    url: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: TypedData | None = None
    status_code: str = ""
    cookies: list[RpcHttpCookie] | None = None
    enable_content_negotiation: bool = False


@dataclass(slots=True)
class TypedData:
    """A value and its kind: exactly one of the fields is set."""

    string: str | None = None
    json: str | None = None
    bytes: _Bytes | None = None
    int: _Int | None = None
    double: float | None = None
    http: RpcHttp | None = None

    def WhichOneof(self, _group: str) -> str | None:
        """Name the field that is set, as protobuf does."""
        kinds = ("string", "json", "bytes", "int", "double", "http")
        return next((kind for kind in kinds if getattr(self, kind) is not None), None)


@dataclass(slots=True)
class ParameterBinding:
    """The value of one parameter of a function."""

    name: str
    data: TypedData

    def WhichOneof(self, _group: str) -> str:
        """Say that the data is in the message itself and not in shared memory."""
        return "data"


@dataclass(slots=True)
class Nullable:
    """A value of a cookie that may be absent."""

    value: str | bool | float | Timestamp


@dataclass(slots=True)
class Timestamp:
    """A moment, in seconds since 1970."""

    seconds: int


NullableString = NullableBool = NullableDouble = NullableTimestamp = Nullable


_SameSite = Enum("_SameSite", {"None": 0, "Lax": 1, "Strict": 2, "ExplicitNone": 3})


@dataclass(slots=True)
class RpcHttpCookie:
    """A cookie of an answer."""

    SameSite: ClassVar[type[_SameSite]] = _SameSite

    name: str
    value: str
    domain: Nullable | None = None
    path: Nullable | None = None
    expires: Nullable | None = None
    secure: Nullable | None = None
    http_only: Nullable | None = None
    same_site: object = None
    max_age: Nullable | None = None


@dataclass(slots=True)
class RpcRetryOptions:
    """A function's retry policy. The host here has none; the worker only passes it on."""

    max_retry_count: int = 0
    retry_strategy: object = None
    delay_interval: object = None
    minimum_interval: object = None
    maximum_interval: object = None


@dataclass(slots=True)
class RpcFunctionMetadata:
    """One function as the worker found it. `raw_bindings` are the bindings as JSON texts."""

    name: str
    function_id: str
    raw_bindings: list[str]
    managed_dependency_enabled: bool = False
    directory: str = ""
    script_file: str = ""
    entry_point: str = ""
    is_proxy: bool = False
    language: str = ""
    bindings: dict[str, BindingInfo] = field(default_factory=dict)
    retry_options: RpcRetryOptions | None = None
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class WorkerMetadata:
    """What the worker says of itself."""

    runtime_name: str
    runtime_version: str
    worker_version: str
    worker_bitness: str
    custom_properties: dict[str, str]


@dataclass(slots=True)
class WorkerInitResponse:
    """The answer to `worker_init_request`: whether the app could be imported and indexed."""

    result: StatusResult
    capabilities: dict[str, str] = field(default_factory=dict)
    worker_metadata: WorkerMetadata | None = None


@dataclass(slots=True)
class FunctionMetadataResponse:
    """The answer to `functions_metadata_request`."""

    use_default_metadata_indexing: bool
    function_metadata_results: list[RpcFunctionMetadata] | None
    result: StatusResult


@dataclass(slots=True)
class InvocationResponse:
    """The answer to `invocation_request`: what came out, or what was raised."""

    invocation_id: str
    result: StatusResult
    return_value: TypedData | None = None
    output_data: list[ParameterBinding] = field(default_factory=list)


@dataclass(slots=True)
class TraceContext:
    """The W3C trace context an invocation belongs to."""

    trace_parent: str = ""
    trace_state: str = ""
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class RetryContext:
    """Which attempt this is. The host here does not retry invocations itself."""

    retry_count: int = 0
    max_retry_count: int = 0
    exception: RpcException | None = None


@dataclass(slots=True)
class InvocationRequest:
    """Run one function with these values."""

    invocation_id: str
    function_id: str
    input_data: list[ParameterBinding]
    trigger_metadata: dict[str, TypedData]
    trace_context: TraceContext = field(default_factory=TraceContext)
    retry_context: RetryContext = field(default_factory=RetryContext)


@dataclass(slots=True)
class WorkerInitRequest:
    """Import the app in this folder and index it."""

    function_app_directory: str
    capabilities: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class StreamingMessage:
    """The envelope of a request; one of the two is set."""

    worker_init_request: WorkerInitRequest | None = None
    invocation_request: InvocationRequest | None = None


@dataclass(slots=True)
class WorkerRequest:
    """What the worker's entry points take: the message, and the classes to answer with."""

    request: StreamingMessage
    properties: dict[str, object] = field(default_factory=dict)
