"""`export`: the present states and all that decides about them, in one file, so that surveys need no Azure."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from responder.adapters.survey_file import write_survey
from responder.commands.reading_settings import read_environment, reading_settings
from responder.commands.survey import TROUBLES, add_reading
from responder.commands.survey_scopes import scopes_of
from responder.commands.survey_source import from_azure

_EXAMPLE = """\
examples:
  python -m responder export --scope /subscriptions/00000000-0000-0000-0000-000000000000 estate.jsonl.gz
  python -m responder survey --from estate.jsonl.gz --rules rules.yaml

The file holds ids, tags, policies and role assignments of the estate: keep it as you keep those."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "export",
        help="save the present states and facts, for surveys without Azure",
        description="Reads the present non-compliant states and their policies (az login, Reader) into one file.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="gzip, one JSON object a line")
    add_reading(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Export: 0; what keeps it from reading or writing: 2, and one sentence."""
    try:
        asyncio.run(_export(args))
    except TROUBLES as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


async def _export(args: argparse.Namespace) -> None:
    """The rules are read for their boundary alone, and only where no scope is named."""
    settings, rules = (reading_settings(os.environ), None) if args.scope else read_environment(args.rules, os.environ)
    async with from_azure(scopes_of(args.scope, rules), args.resume, settings, keep_answers=True) as source:
        await source.read_states()
        async for _known in source.facts.of(source.notebook.units()):
            pass  # the witness writes down what was answered
        write_survey(source.notebook, args.file)
        print(f"{args.file}: {source.account()}", file=sys.stderr)
