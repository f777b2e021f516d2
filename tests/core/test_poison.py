"""What is recorded of a message that failed for good."""

import json
from pathlib import Path

import pytest
from azure.core.exceptions import HttpResponseError

from responder.adapters.due_queue import BadTicket
from responder.core.poison import BODY_KEPT, MOST_DELIVERIES, reason_of, record_of, recorded, words_of
from tests.core.builders import START

HOST = Path(__file__).parents[2] / "host.json"


def test_the_last_attempt_is_the_one_that_the_host_counts() -> None:
    queues = json.loads(HOST.read_text())["extensions"]["queues"]

    assert queues["maxDequeueCount"] == MOST_DELIVERIES


@pytest.mark.parametrize(
    ("error", "reason"),
    [(BadTicket("x"), "bad-ticket"), (HttpResponseError("x"), "http-response-error"), (KeyError("x"), "key-error")],
)
def test_the_reason_is_the_kind_of_the_exception_as_a_word(error: Exception, reason: str) -> None:
    assert reason_of(error) == reason


@pytest.mark.parametrize(
    "secret",
    [
        "AccountKey=c2VjcmV0;EndpointSuffix=x",
        "https://a.blob.core.windows.net/x?sv=1&sig=c2VjcmV0&se=2",
        "Authorization: Bearer c2VjcmV0",
        "Authorization: SharedKey account:c2VjcmV0",
        "token eyJc2VjcmV0c2VjcmV0.c2VjcmV0.c2VjcmV0",
    ],
)
def test_no_secret_gets_into_a_record(secret: str) -> None:
    words = words_of(ValueError(f"It failed: {secret} after 3 tries"))

    assert "c2VjcmV0" not in words
    assert words.startswith("It failed: ")


@pytest.mark.parametrize(
    ("text", "words"), [("a\nb", "a"), ("", "ValueError"), ("\n \n c", "c"), ("\x1b[1m", "\ufffd[1m")]
)
def test_the_words_are_one_printable_line(text: str, words: str) -> None:
    assert words_of(ValueError(text)) == words


def test_a_large_body_is_cut_and_its_size_kept() -> None:
    poison = recorded("responder-events", "m1", b"x" * 100_000, "bad-ticket", "because", 5, START)

    assert (len(poison.body), poison.size) == (BODY_KEPT, 100_000)
    assert poison.record == record_of("responder-events", b"x" * 100_000)
