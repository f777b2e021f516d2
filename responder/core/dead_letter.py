"""Dead letters: events that Event Grid could not deliver, as it leaves them in a blob container.

A blob holds one or more events as a JSON array. Each is the event with a few fields more at its top level, in camel
case for the Event Grid schema and in lower case for CloudEvents. They are taken off: what is driven again is the event
as it first came, so that its content, and with it the count of how often it was driven, stays the same.

https://learn.microsoft.com/azure/event-grid/manage-event-delivery#set-dead-letter-location
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

_ADDED = frozenset(
    {"deadletterreason", "deliveryattempts", "lastdeliveryoutcome", "publishtime", "lastdeliveryattempttime"}
)


class BadDeadLetters(ValueError):
    """A blob that holds no events; the message says why."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One entry of a blob: the event as it first came (what is no object is as it is), and why it ended there."""

    event: object
    fate: str  # in Event Grid's own words, such as `MaxDeliveryAttemptsExceeded, NotFound`; "" where it does not say


def as_first_sent(event: Mapping[str, object]) -> dict[str, object]:
    """The event without the fields that Event Grid adds to a dead letter."""
    return {name: value for name, value in event.items() if name.lower() not in _ADDED}


def dead_letters(content: bytes) -> tuple[DeadLetter, ...]:
    """The events of one blob; raises `BadDeadLetters` for what is no JSON, or holds nothing."""
    try:
        read = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadDeadLetters(f"it is no JSON: {error}") from error
    entries = read if isinstance(read, list) else [read]
    if not entries:
        raise BadDeadLetters("it is an empty list")
    return tuple(_letter(entry) for entry in entries)


def _letter(entry: object) -> DeadLetter:
    if not isinstance(entry, Mapping):
        return DeadLetter(entry, "")
    told = {name.lower(): value for name, value in entry.items() if name.lower() in _ADDED}
    words = (told.get("deadletterreason"), told.get("lastdeliveryoutcome"))
    fate = ", ".join(word[:80] for word in words if isinstance(word, str) and word.isprintable())
    return DeadLetter(as_first_sent(entry), fate)
