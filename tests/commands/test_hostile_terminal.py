"""A person's terminal shows what a case says, and does nothing that it says."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from responder.commands.cases import print_cases, wide_console
from responder.commands.event_files import EventFileError, FoundEvent, read_events
from responder.commands.explain_view import show as show_explanation
from responder.commands.show import print_case
from responder.commands.terminal import Terminal, plain
from responder.core.case import State
from responder.core.explanation import explain
from responder.core.facts import Facts
from responder.core.policy_state import parse
from responder.core.rules import read_rules
from tests.core.builders import START, a_case, a_deployment, a_plan, a_row, a_task
from tests.core.test_hostile_events import an_event

_ESCAPES = "\x1b[2J\x1b]0;title\x07\x9b31m\u202egnp.exe\u200b\x00\r[red]red[/red] end"
_STEERING = {"\x1b", "\x07", "\x9b", "\u202e", "\u200b", "\x00", "\r"}


def a_terminal() -> Terminal:
    """A terminal without colours: whatever steers it then came from a text."""
    return Terminal(file=io.StringIO(), width=200, force_terminal=True, color_system=None)


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_case_that_is_full_of_escapes_is_shown_and_steers_nothing() -> None:
    plan = a_plan("kv1", rule=_ESCAPES, because=_ESCAPES, facts={"tags": {_ESCAPES: _ESCAPES}})
    case = a_case(
        State.VERIFYING,
        because=_ESCAPES,
        rule=_ESCAPES,
        reason=_ESCAPES,
        plan=plan,
        task=a_task(_ESCAPES, name=_ESCAPES),
        deployments=(a_deployment("kv1", "Failed", _ESCAPES, _ESCAPES), a_deployment("kv2", _ESCAPES)),
    )
    console = a_terminal()

    print_case(case, (a_row(because=_ESCAPES),), console)
    print_cases([case], console)

    assert _STEERING & set(written(console)) == set()
    assert "[red]red[/red] end" in written(console)


def test_an_explanation_of_a_hostile_event_steers_nothing() -> None:
    event = an_event(id=_ESCAPES, eventType=_ESCAPES)
    console = a_terminal()

    explained = explain(parse(event), Facts.unknown(), read_rules("version: 1\nrules: []\n"), START)
    show_explanation(console, FoundEvent(event, _ESCAPES), explained)

    assert _STEERING & set(written(console)) == set()


def test_colours_and_lines_of_our_own_stay() -> None:
    console = Terminal(file=io.StringIO(), width=40, force_terminal=True, color_system="standard")

    console.print("[red]one[/red]\ntwo")

    assert written(console) == "\x1b[31mone\x1b[0m\ntwo\n"


@pytest.mark.parametrize("text", ["ä ß 日本", "two\nlines\twide", ""])
def test_text_for_people_stays_as_it_is(text: str) -> None:
    assert plain(text) == text


def test_the_commands_print_to_such_a_terminal() -> None:
    assert isinstance(wide_console(), Terminal)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"id": ' + "9" * 5000 + "}", "{}\n" + "[" * 100_000])
def test_a_file_of_events_that_no_parser_can_read_is_one_sentence(text: str, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text(text)

    with pytest.raises(EventFileError, match="cannot be read"):
        read_events([str(file)])
