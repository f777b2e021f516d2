"""What is written to tables and queues fits there, whatever it holds; what is read from them harms nobody."""

import json
import secrets
import zlib
from dataclasses import replace

import pytest

from responder.adapters import case_rows, resource_rows
from responder.adapters.case_rows import BadRow
from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.due_queue import BadTicket, Ticket, read_ticket
from responder.commands.open_ledger import open_storage_of
from responder.core.case import CaseKey, Kind, State
from responder.core.policy_state import PolicyStateChange, parse
from responder.core.resource_id import LONGEST, resource_id
from responder.core.resource_row import Admitted, ResourceRow, heard
from tests.core.builders import ASSIGNMENT, START, SUBSCRIPTION, a_case, a_key, a_plan, a_row, vault
from tests.core.test_hostile_events import an_event

_WIDEST = "\N{MATHEMATICAL FRAKTUR CAPITAL A}"  # two units of UTF-16
_PROPERTY, _ROW, _KEY = 64 * 1024, 1024 * 1024, 1024
_ROUND_IT_GOES = ("it's", "a b", "rg(1)", "ä-ß-日本", "@a;b,c=d&e+f", "[x]", "a|b", "$filter", "x" * 90)


def size(value: object) -> int:
    """What a property weighs in a table: text in UTF-16 (learn.microsoft.com, Table service data model)."""
    return len(value) if isinstance(value, bytes) else len(str(getattr(value, "value", value)).encode("utf-16-le"))


def a_widest_id(about: str = "microsoft.keyvault/vaults") -> str:
    start = f"{SUBSCRIPTION}/resourcegroups/rg-a/providers/{about}/"
    return start + _WIDEST * (LONGEST - len(start))


def a_widest_row() -> ResourceRow:
    assignment = a_widest_id("microsoft.authorization/policyassignments")
    change = parse(
        an_event(
            id=_WIDEST * 5000,
            subject=a_widest_id(),
            policyAssignmentId=assignment,
            policyDefinitionId=a_widest_id("microsoft.authorization/policydefinitions"),
            policyDefinitionReferenceId=_WIDEST * 256,
        )
    )
    assert isinstance(change, PolicyStateChange)
    key = CaseKey(change.assignment.text, change.definition.text, Kind.RESOURCE, change.resource.text)
    row = heard(None, change, key, START)
    assert row is not None
    return replace(row, because=_WIDEST * 100_000, admitted=Admitted("remediate", "r" * 100, "rule", "d" * 64))


def test_the_widest_resource_row_keeps_every_limit_of_a_table() -> None:
    entity = resource_rows.to_entity(a_widest_row())

    assert max(size(value) for value in entity.values()) <= _PROPERTY
    assert sum(size(value) + 2 * len(name) + 8 for name, value in entity.items()) <= _ROW
    assert max(len(entity[key]) for key in ("PartitionKey", "RowKey")) <= _KEY


def test_the_widest_case_row_keeps_every_limit_of_a_table() -> None:
    key = replace(a_key(), assignment=a_widest_id(), policy=a_widest_id(), place=a_widest_id())
    names = [secrets.token_hex(35) for _ in range(10_000)]  # cannot be compressed to less than half
    entity = case_rows.to_entity(a_case(State.OPENING, key=key, plan=a_plan(*names)))

    assert max(size(value) for value in entity.values()) <= _PROPERTY
    assert sum(size(value) + 2 * len(name) + 8 for name, value in entity.items()) <= _ROW
    assert len(entity) <= 255


def test_a_case_that_does_not_fit_is_refused_here_and_not_by_the_service() -> None:
    names = [secrets.token_hex(700) for _ in range(2000)]

    with pytest.raises(BadRow, match="a table row holds at most"):
        case_rows.to_entity(a_case(State.OPENING, plan=a_plan(*names)))


@pytest.mark.parametrize("name", _ROUND_IT_GOES)
async def test_odd_names_come_back_from_a_real_table_as_they_went(storage: str, name: str) -> None:
    place = resource_id(vault(name, f"{SUBSCRIPTION}/resourcegroups/{name}")).text
    row = a_row(key=CaseKey(f"{ASSIGNMENT}-{name}", name, Kind.RESOURCE, place), resource=place, event_id=f"{name}\x1b")
    async with open_storage_of({"AzureWebJobsStorage": storage}) as clients:
        table = ConditionalTable(clients.tables, "responderresources")
        await table.create()
        await table.insert(resource_rows.to_entity(row))

        found = [
            resource_rows.from_entity(each)
            async for each in table.query("assignment eq @it and PartitionKey eq @p", _where(row))
        ]

    assert found == [row]


def _where(row: ResourceRow) -> dict[str, object]:
    return {"it": row.key.assignment, "p": resource_rows.partition(row.key)}


_BREAKAGES: tuple[dict[str, object], ...] = (
    {"version": "abc"},
    {"version": None},
    {"chunks": "x"},
    {"chunks": None},
    {"chunks": 10**9},
    {"document0": "text"},
    {"document0": None},
    {"document0": b"xx"},
    {"document0": zlib.compress(b"[" * 100_000)},
    {"document0": zlib.compress(b'{"birth": NaN}')},
    {"document0": zlib.compress(b"\xff\xfe")},
)


@pytest.mark.parametrize("broken", _BREAKAGES, ids=lambda broken: str(broken)[:40])
def test_a_case_row_that_somebody_spoilt_is_a_bad_row_and_nothing_else(broken: dict[str, object]) -> None:
    with pytest.raises(BadRow):
        case_rows.from_entity({**case_rows.to_entity(a_case()), **broken})


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("version", "abc"), ("version", 10**30), ("kind", "abc"), ("kind", 10**30), ("arrived", "abc")),
        *(("arrived", 10**30), ("scan", "abc"), ("arrived", None), ("resource", None), ("assignment", None)),
    ],
)
def test_a_resource_row_that_somebody_spoilt_says_which_and_what_to_do(column: str, value: object) -> None:
    entity = {**resource_rows.to_entity(a_row()), column: value}
    if value is None:
        del entity[column]
    if (column in ("resource", "assignment") and value is not None) or (column, value) == ("version", None):
        return  # any text is one, and rows without a version were the first

    with pytest.raises((BadRow, case_rows.NewerRow)):
        resource_rows.from_entity(entity)


def test_a_ticket_is_read_as_it_was_written() -> None:
    assert read_ticket(b'{"case": "0123456789abcdef01234567", "ticket": "0123456789abcdef"}') == Ticket(
        "0123456789abcdef01234567", "0123456789abcdef"
    )


_GOOD = {"case": "0123456789abcdef01234567", "ticket": "0123456789abcdef"}
_KEYS = ("a/b", "a'b", "..", "a#b?", "x" * 24, "0123456789ABCDEF01234567", "0" * 2000, "\x00" * 24, "\ud800", "٠" * 24)


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"case": 5, "ticket": 5}', b'"case"', b"9" * 5000),
        *(json.dumps({**_GOOD, "case": key}).encode() for key in _KEYS),
        *(json.dumps({**_GOOD, "ticket": key}).encode() for key in _KEYS),
        json.dumps({"case": {"a": 1}, "ticket": None}).encode(),
        json.dumps({"case": [_GOOD["case"]], "ticket": _GOOD["ticket"]}).encode(),
    ],
    ids=lambda body: repr(body)[:40],
)
def test_a_message_that_is_no_ticket_is_refused_before_it_becomes_a_tables_key(body: bytes) -> None:
    with pytest.raises(BadTicket) as refused:
        read_ticket(body)

    assert len(str(refused.value)) < 500
    assert str(refused.value).isprintable()


def test_words_that_no_row_can_hold_do_not_keep_a_case_from_being_written() -> None:
    broken = "half a pair \ud800 of an emoji"
    plan = a_plan("kv1", because=broken, facts={"tags": {broken: broken}, "effect": broken})

    read = case_rows.from_entity(case_rows.to_entity(a_case(State.OPENING, because=broken, plan=plan)))

    assert read.because == "half a pair ? of an emoji"
    assert read.plan is not None
    assert read.plan.resources == plan.resources


def test_the_last_word_on_a_resource_is_one_legible_line() -> None:
    entity = resource_rows.to_entity(a_row(because="\ud800\x1b[2J\n" + "x" * 5000))

    assert str(entity["because"]).isprintable()
    assert len(str(entity["because"])) <= 1000
