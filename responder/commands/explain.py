"""`explain`: which rule decides an event, and why.

The same code as in production, so that a team can test its rules in a pull request: `--expect` makes the exit
code say whether the answer is the wanted one.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from responder.adapters.rules_file import read_rules_file
from responder.adapters.settings import BadSettings, Settings
from responder.commands.event_files import EventFileError, FoundEvent, read_events
from responder.commands.explain_facts import read_facts
from responder.commands.explain_view import show
from responder.commands.reading_settings import reading_settings
from responder.commands.terminal import Terminal
from responder.core.decision import Answer
from responder.core.explanation import Explanation, explain
from responder.core.facts import BadDocument, Facts, from_document
from responder.core.policy_state import parse
from responder.core.rules import BadRules, Rules

_EXAMPLE = """\
examples:
  python -m responder explain event.json --rules rules.yaml
  python -m responder explain event.json --facts facts.json --expect remediate
  cat dead-letters.json | python -m responder explain - --json

A facts file holds any of effect, location, tags, managementGroups, assignment, definition, initiative, and the lists
exemptions, roleAssignments (those of the assignment's identity) and roleDefinitions; all but the first four as Resource
Manager returns them. Where it names no exemptions there are none. Without a file they are read from
RESPONDER_ARM_ENDPOINT.

exit codes: 0 good, 1 another answer than --expect, 2 something cannot be read"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "explain",
        help="which rule decides an event, and why",
        description="Decides events as the app would, tells the way to the answer, and changes nothing.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("event", metavar="EVENT.json", help="one event, an array, or JSON lines; - is standard input")
    parser.add_argument("--rules", type=Path, metavar="R", help="rules file (default: RESPONDER_RULES or rules.yaml)")
    parser.add_argument("--facts", type=Path, metavar="F.json", help="what is known, instead of asking Azure")
    parser.add_argument("--json", action="store_true", help="print JSON: one object, or a list where there are several")
    parser.add_argument(
        "--expect",
        choices=[answer.value for answer in Answer],
        metavar="ANSWER",
        help=f"exit 1 unless every answer is this one: {', '.join(Answer)}",
    )
    parser.set_defaults(run=run)


@dataclass(frozen=True, slots=True)
class Explained:
    """One event of the file and what was found about it."""

    found: FoundEvent
    explanation: Explanation


def run(args: argparse.Namespace) -> int:
    """Explain every event of the file; 0, 1 where an answer is not the expected one, 2 where something is unusable."""
    try:
        explained = _explained(args)
    except (BadRules, BadSettings, EventFileError, BadDocument) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if args.json:
        documents = [each.explanation.document() for each in explained]
        print(json.dumps(documents[0] if len(documents) == 1 else documents, indent=2, ensure_ascii=False))
    else:
        console = Terminal(soft_wrap=True)
        for each in explained:
            show(console, each.found, each.explanation)
    return _verdict(explained, args.expect)


def _explained(args: argparse.Namespace) -> list[Explained]:
    settings = reading_settings(os.environ)
    rules = _rules(args.rules or Path(settings.rules), settings)
    given = _given(args.facts) if args.facts else None
    events = read_events([args.event])
    if not events:  # nothing would be as expected, and nothing would say so
        raise EventFileError(f"{args.event} holds no event.")
    return asyncio.run(_explain_all(events, rules, given, settings))


async def _explain_all(
    events: Sequence[FoundEvent], rules: Rules, given: Facts | None, settings: Settings
) -> list[Explained]:
    changes = [parse(found.event) for found in events]
    facts = [given] * len(changes) if given else await read_facts(changes, settings)
    now = datetime.now(UTC)
    return [
        Explained(found, explain(change, known, rules, now))
        for found, change, known in zip(events, changes, facts, strict=True)
    ]


def _rules(file: Path, settings: Settings) -> Rules:
    return read_rules_file(file).adapted(settings.mode, settings.own_scopes)


def _given(file: Path) -> Facts:
    try:
        return from_document(json.loads(file.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise BadDocument(f"{file} cannot be read: {error.strerror}") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadDocument(f"{file} is not JSON: {error}") from error
    except BadDocument as error:
        raise BadDocument(f"{file}: {error}") from error


def _verdict(explained: Sequence[Explained], expected: str | None) -> int:
    wrong = [each for each in explained if expected and each.explanation.answer != expected]
    for each in wrong:
        answer = each.explanation.answer.value
        print(f"{each.found.where}: expected {expected}, but the answer is {answer}", file=sys.stderr)
    return 1 if wrong else 0
