"""What `show` says of one resource, before the reason that the ledger keeps."""

from dataclasses import replace

from responder.commands.case_view import last_word, resource_of
from tests.core.builders import a_row, scan


def test_a_resource_that_waits_is_given_up_or_contested_says_so_first() -> None:
    row = replace(a_row(), because="AuthorizationFailed")
    waiting = replace(row, owed=True, retry_at=scan(20))
    undone = replace(row, comebacks=(scan(1), scan(2), scan(3)))

    assert last_word(waiting) == "Next attempt from 2026-11-20T12:20:00.0000000Z. AuthorizationFailed"
    assert last_word(replace(row, given_up="d1")) == "Given up. AuthorizationFailed"
    assert last_word(undone).startswith("Contested: ")


def test_programs_read_the_same() -> None:
    told = resource_of(replace(a_row(), owed=True, retry_at=scan(20)))

    assert (told["retryAt"], told["givenUp"], told["contested"]) == ("2026-11-20T12:20:00.0000000Z", False, False)
