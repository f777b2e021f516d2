"""Broken events and queue messages in any number, the same ones for the same seed.

Two kinds: a whole event about a resource that would be remediated, broken in a place where it must be refused; and an
event about a resource that every rule ignores, spoilt anywhere. So none may ever open a task.
"""

import base64
import json
import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum

from tests.core.builders import SUBSCRIPTION, vault
from tests.scenarios.estates import an_event

STORED = f"{SUBSCRIPTION}/resourceGroups/rg-a/providers/Microsoft.Storage/storageAccounts/st"


class Door(StrEnum):
    """Where it arrives."""

    EVENTS = "events over HTTP"
    BODY = "a body over HTTP that is no event"
    QUEUED = "responder-events"
    TICKET = "responder-cases"


@dataclass(frozen=True, slots=True)
class Broken:
    """One thing to send; over HTTP `content` is JSON, in a queue it is the message's text as it lies there."""

    door: Door
    content: str


_STRINGS = (
    *(
        "",
        " ",
        "..",
        "/",
        "//",
        "/subscriptions",
        "/subscriptions/",
        "\x00",
        "\x1b[2J\x1b[31m",
        "a\nb",
        "\u202e",
        "\u200b",
    ),
    *(
        "\ud800",
        "\uffff",
        "%2e%2e%2f",
        "' or 1 eq 1",
        "[red]x[/]",
        "{}",
        "null",
        "x" * 3000,
        "İ" * 1200,
        "\N{KELVIN SIGN}",
    ),
    *("/subscriptions/%00/x", "/subscriptions/../../x", f"{SUBSCRIPTION}/resourceGroups/a?b", f"{SUBSCRIPTION}/x"),
    *("2026-02-30T00:00:00Z", "2026-11-20", "9999-12-31T23:59:59Z", "1969-01-01T00:00:00Z", "T", "\u0661\u0662"),
)
_OTHERS: tuple[object, ...] = (None, True, 0, -1, 1e308, 10**300, [], {}, [[]], {"a": None}, ["x"] * 50)
_DATA = ("timestamp", "policyAssignmentId", "policyDefinitionId", "policyDefinitionReferenceId", "complianceState")
_ENVELOPE = ("id", "topic", "subject", "eventType", "data", "dataVersion", "traceparent", "extra")
_TO_CLOUD = {"topic": "source", "eventType": "type", "eventTime": "time"}


def broken_messages(seed: int, count: int) -> Iterator[Broken]:
    """`count` of them."""
    chance = random.Random(seed)
    for _ in range(count):
        yield chance.choices(_MAKERS, weights=(86, 2, 9, 3))[0](chance)


def _event(chance: random.Random) -> Broken:
    return Broken(Door.EVENTS, json.dumps(_spoilt(chance) if chance.random() < 0.5 else _refused(chance)))


def _body(chance: random.Random) -> Broken:
    """What is no event at all: the host refuses it before the app is asked."""
    whole = json.dumps([an_event("kv1")])
    cut = whole[: chance.randrange(1, len(whole) - 1)]
    return Broken(
        Door.BODY, chance.choice([cut, "", "5", '"x"', "[1]", "[[]]", "[" * 50_000, "{" * 50_000, "NaN", "\x00"])
    )


def _queued(chance: random.Random) -> Broken:
    text = _event(chance).content
    if chance.random() < 0.3:  # neither whole nor JSON
        text = chance.choice(
            [text[: chance.randrange(len(text))], f"[{text},{text}]", "[" * 20_000, "9" * 5000, "\ufeff", ""]
        )
    data = text.encode("utf-8", "surrogatepass")[:40_000]
    if chance.random() < 0.2:
        data = bytes(chance.randrange(256) for _ in range(chance.randrange(200)))
    return _message(chance, Door.QUEUED, data)


def _ticket(chance: random.Random) -> Broken:
    odd = chance.choice([*_STRINGS, *_OTHERS, "0" * 24, "f" * 16])
    ticket: dict[str, object] = {"case": f"{chance.getrandbits(96):024x}", "ticket": f"{chance.getrandbits(64):016x}"}
    field = chance.choice(["case", "ticket", "more", None])
    if field:
        ticket[field] = odd
    whole = json.dumps(ticket)
    texts = [whole, whole, whole[: chance.randrange(len(whole))], json.dumps(odd), "[" * 20_000, "\x00"]
    return _message(chance, Door.TICKET, chance.choice(texts).encode("utf-8", "surrogatepass"))


def _message(chance: random.Random, door: Door, data: bytes) -> Broken:
    """In a queue it lies as base64; one in ten lies there as no base64 can be."""
    text = base64.b64encode(data).decode()
    return Broken(door, f"!{text[:1000]}" if chance.random() < 0.1 else text)


_MAKERS: tuple[Callable[[random.Random], Broken], ...] = (_event, _body, _queued, _ticket)


def _value(chance: random.Random) -> object:
    kind = chance.random()
    if kind < 0.6:
        return chance.choice(_STRINGS)
    if kind < 0.85:
        return deepcopy(chance.choice(_OTHERS))
    if kind < 0.9:
        return _deep(chance.randrange(1, 400))
    return "".join(
        chr(chance.choice([chance.randrange(0x20), chance.randrange(0x250), chance.randrange(0x11000)]))
        for _ in range(20)
    )


def _deep(levels: int) -> object:
    nested: object = "x"
    for _ in range(levels):
        nested = {"a": nested}
    return nested


def _spoilt(chance: random.Random) -> dict[str, object]:
    """An event that everybody ignores, spoilt in one place or several."""
    event = an_event("kv1", subject=STORED)
    for _ in range(chance.choice([1, 1, 2, 3, 6])):
        _spoil(event, chance)
    return _in_a_schema(event, chance)


def _spoil(event: dict[str, object], chance: random.Random) -> None:
    data = event.get("data")
    inner = isinstance(data, dict) and chance.random() < 0.5
    place: dict[str, object] = data if inner and isinstance(data, dict) else event
    name = chance.choice((*_DATA, "subscriptionId", "complianceReasonCode") if inner else (*_ENVELOPE, "eventTime"))
    if chance.random() < 0.2:
        place.pop(name, None)
    elif name == "eventTime" and chance.random() < 0.8:
        place[name] = "2026-11-20T08:14:42Z"  # most odd times end in the Functions library, before the app
    else:
        place[name] = _value(chance)


_REFUSED: dict[str, tuple[object, ...]] = {
    "subject": (
        None,
        5,
        "",
        "/",
        "no id",
        vault("../kv1"),
        vault("kv%31"),
        vault("kv1\x00"),
        vault("kv1\u202e"),
        vault(""),
    ),
    "topic": (None, {}, "", "/subscriptions", "/subscriptions/other", "/tenants/x", "x" * 3000, f"{SUBSCRIPTION}/x"),
    "eventType": (None, [], "", "Microsoft.Resources.ResourceWriteSuccess", "PolicyStateChanged", "\x1b[2J"),
    "data": (None, [], "", 5, {}, {"timestamp": "2026-11-20T08:00:00Z"}),
    "timestamp": (None, 5, "", "yesterday", "2026-11-20T08:00:00", "2999-01-01T00:00:00Z", "2026-02-30T00:00:00Z"),
    "policyAssignmentId": (None, 5, "", "x", vault("kv1"), "/providers/microsoft.authorization/policyassignments"),
    "policyDefinitionId": (None, 5, "", "x", vault("kv1"), "/providers/microsoft.authorization/policydefinitions"),
    "policyDefinitionReferenceId": (5, ["x"], "\x00", "\n", "x" * 257, "\ud800", "\u2028"),
    "complianceState": (None, 5, "", "Non-Compliant", "Non Compliant", "x" * 33, "NonCompliant\x1b[2J"),
    "subscriptionId": ("other", "\x00", "x" * 3000),
}


def _refused(chance: random.Random) -> dict[str, object]:
    """An event that would be remediated, with one value that nobody may take."""
    event = an_event("kv1")
    name = chance.choice(list(_REFUSED))
    inner = event["data"]
    place = inner if isinstance(inner, dict) and name in (*_DATA, "subscriptionId") else event
    place[name] = chance.choice(_REFUSED[name])
    return _in_a_schema(event, chance)


def _in_a_schema(event: dict[str, object], chance: random.Random) -> dict[str, object]:
    if chance.random() < 0.5:
        return event
    cloud = {_TO_CLOUD.get(name, name): value for name, value in event.items()}
    return {**cloud, "specversion": "1.0"} if chance.random() < 0.9 else cloud
