"""Event Grid's dead letters are read as the events they were."""

import json
from pathlib import Path

import pytest

from responder.core.dead_letter import BadDeadLetters, dead_letters
from tests.scenarios.estates import an_event

EVENTS = Path(__file__).parents[1] / "data" / "events"


def recorded(name: str) -> dict[str, object]:
    content = json.loads((EVENTS / name).read_text())
    event = content[0] if isinstance(content, list) else content
    assert isinstance(event, dict)
    return event


@pytest.mark.parametrize(
    ("event", "extra"),
    [
        ("eventgrid_policy_state_changed.json", "deadletter_eventgrid_extra_fields.json"),
        ("cloudevent_policy_state_changed.json", "deadletter_cloudevent_extra_fields.json"),
    ],
)
def test_a_dead_letter_is_the_event_as_it_first_came_and_why_it_ended(event: str, extra: str) -> None:
    first = recorded(event)
    blob = json.dumps([{**first, **recorded(extra)}]).encode()

    (letter,) = dead_letters(blob)

    assert letter.event == first
    assert letter.fate == "MaxDeliveryAttemptsExceeded, NotFound"


def test_a_blob_holds_one_event_or_several() -> None:
    several = dead_letters(json.dumps([an_event("kv1"), an_event("kv2"), 7]).encode())
    one = dead_letters(b"\xef\xbb\xbf" + json.dumps(an_event("kv1")).encode())

    assert [letter.event for letter in several] == [an_event("kv1"), an_event("kv2"), 7]
    assert [letter.event for letter in one] == [an_event("kv1")]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000])
def test_what_holds_no_events_is_said_so(content: bytes) -> None:
    with pytest.raises(BadDeadLetters, match=r"no JSON|empty"):
        dead_letters(content)


def test_what_event_grid_says_is_never_more_than_words() -> None:
    (letter,) = dead_letters(json.dumps([{"deadLetterReason": "a\x1b[31m", "lastDeliveryOutcome": 7}]).encode())

    assert letter.fate == ""
