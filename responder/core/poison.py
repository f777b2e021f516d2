"""A poison message: one that failed as often as a queue delivers it, as a recorded fact with its reason.

Functions moves such a message to the queue's poison queue and tells nobody why. So the last attempt records it: which
queue, which message, what was wrong, and the body as far as it fits.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

MOST_DELIVERIES = 5
"""`maxDequeueCount` in host.json: after this attempt Functions moves the message."""
NOT_RECORDED = "not-recorded"
"""The reason of a message that lies in a poison queue and that no last attempt of ours recorded."""
BODY_KEPT = 32 * 1024
_WORDS_KEPT = 400
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# What must never be kept or shown, whoever wrote it into an exception.
_SECRETS = (
    re.compile(r"(?i)\b(accountkey|sharedaccesskey|sharedaccesssignature|sig|secret|password|code)=[^;&\s\"']+"),
    re.compile(r"(?i)\b(bearer|sharedkey)\s+[\w.~+/:=-]+"),
)
_TOKEN = re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]+)*")


@dataclass(frozen=True, slots=True)
class Poison:
    """One message that failed for good, or several with the same body."""

    queue: str  # without `-poison`
    message: str  # the id of the latest such message in the queue it failed in; "" where nobody knows it
    reason: str  # one word
    because: str  # one sentence
    body: bytes  # the first `BODY_KEPT` bytes of it
    size: int  # of the whole body
    deliveries: int
    at: datetime
    record: str  # the name of its record
    times: int = 1
    fate: str = ""  # what a person did with it; "" while it waits


def recorded(queue: str, message: str, body: bytes, reason: str, because: str, deliveries: int, at: datetime) -> Poison:
    """The fact to record about one message."""
    return Poison(
        queue=queue,
        message=message,
        reason=reason,
        because=because,
        body=body[:BODY_KEPT],
        size=len(body),
        deliveries=deliveries,
        at=at,
        record=record_of(queue, body),
    )


def record_of(queue: str, body: bytes) -> str:
    """The name of a message's record: by its body, because Functions gives it a new id when it moves it."""
    return hashlib.sha256(queue.encode() + b"\n" + body).hexdigest()[:32]


def reason_of(error: BaseException) -> str:
    """The kind of an exception as one word, such as `bad-ticket`."""
    return _CAPITAL.sub("-", type(error).__name__).lower()[:64]


def words_of(error: BaseException) -> str:
    """What an exception says, in one printable line that holds no secret."""
    line = next((line.strip() for line in str(error).splitlines() if line.strip()), "") or type(error).__name__
    return without_secrets("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line))[:_WORDS_KEPT]


def without_secrets(text: str) -> str:
    """The text with keys, signatures and tokens taken out."""
    for pattern in _SECRETS:
        text = pattern.sub(lambda found: f"{found[1]}=***", text)
    return _TOKEN.sub("***", text)
