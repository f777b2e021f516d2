"""Remediations and their deployment rows on the wire, read into our words.

Everything Azure echoes here is optional and read-only (Microsoft.PolicyInsights 2024-10-01): a field that is
missing or has another type is read as empty, because a task that exists must be followed whatever it looks like.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from responder.adapters.arm_error import printable
from responder.core import instant
from responder.core.folding import fold
from responder.core.task import Deployment, Task

_DEEPEST = 8  # levels of `details`; real ones have two or three
_MOST_LEVELS = 100
_LONGEST = 2048  # of an id


def task(document: Mapping[str, object]) -> Task:
    """Read a remediation; counters that are missing are 0, times that are missing are 0 ticks."""
    properties = _mapping(document.get("properties"))
    counters = _mapping(properties.get("deploymentStatus"))
    return Task(
        id=_text(document.get("id")),
        name=_text(document.get("name")),
        state=_text(properties.get("provisioningState")),
        created_on=_ticks(properties.get("createdOn")),
        last_updated_on=_ticks(properties.get("lastUpdatedOn")),
        total=_count(counters.get("totalDeployments")),
        succeeded=_count(counters.get("successfulDeployments")),
        failed=_count(counters.get("failedDeployments")),
        status_message=_message(properties.get("statusMessage")),
        correlation_id=_text(properties.get("correlationId")),
    )


def deployment(row: Mapping[str, object]) -> Deployment:
    """Read one row; rows that are still being evaluated have no deployment id and no error."""
    code, message = failure(row.get("error"))
    return Deployment(
        resource=fold(_text(row.get("remediatedResourceId"))),
        status=_text(row.get("status")),
        deployment_id=_text(row.get("deploymentId")),
        location=_text(row.get("resourceLocation")),
        error_code=code,
        error_message=message,
        created_on=_ticks(row.get("createdOn")),
        last_updated_on=_ticks(row.get("lastUpdatedOn")),
    )


def failure(error: object) -> tuple[str, str]:
    """The innermost code, which says what broke, and all messages from the outside in, each once.

    Azure wraps: the outer code is often `DeploymentFailed`, and the reason lies in `details` or `innererror`.
    """
    code, messages = "", list[str]()
    for level in islice(_levels(error, 0), _MOST_LEVELS):
        code = _text(level.get("code")) or code
        message = _message(level.get("message"))
        if message and message not in messages:
            messages.append(message)
    return printable(code, 100), printable(" > ".join(messages))


def _levels(error: object, depth: int) -> Iterator[Mapping[str, object]]:
    if not isinstance(error, Mapping) or depth > _DEEPEST:
        return
    yield error
    details = error.get("details")
    for inner in details if isinstance(details, list) else ():
        yield from _levels(inner, depth + 1)
    yield from _levels(error.get("innererror"), depth + 1)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str:
    """A text on one line, as traces, logs and terminals may show it; blanks stay, because ids are compared."""
    text = value[:_LONGEST] if isinstance(value, str) else ""
    return text if text.isprintable() else "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _message(value: object) -> str:
    return printable(value) if isinstance(value, str) else ""


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _ticks(value: object) -> int:
    try:
        return instant.ticks(value) if isinstance(value, str) else 0
    except instant.BadInstant:
        return 0  # a time that cannot be read is treated as one that was not told
