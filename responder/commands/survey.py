"""`survey`: what the rules would do to the present estate, before anything is deployed.

It needs the rights to read and nothing else, decides with the code of production, and changes nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from responder.adapters.arm_error import ArmError
from responder.adapters.patience import Impatient
from responder.adapters.rules_file import read_rules_file
from responder.adapters.settings import BadSettings, Settings
from responder.adapters.survey_file import BadSurveyFile
from responder.adapters.survey_notebook import BadNotebook
from responder.commands.reading_settings import read_environment
from responder.commands.survey_report import BadOutput, open_report
from responder.commands.survey_scopes import BadSurveyScope, scopes_of
from responder.commands.survey_source import Source, from_azure, from_file
from responder.core.rules import BadRules, Rules

TROUBLES = (BadRules, BadSettings, BadSurveyScope, BadNotebook, BadSurveyFile, BadOutput, ArmError, Impatient)
_EXAMPLE = """\
examples:
  python -m responder survey --scope /providers/Microsoft.Management/managementGroups/alz
  python -m responder survey --rules rules.yaml --markdown --out survey.md
  python -m responder survey --from estate.jsonl.gz --against main-rules.yaml --fail-over 50

exit codes: 0 good, 1 more newly remediated resources than --fail-over, 2 something cannot be read
docs/survey.md explains the report and the keys of --json."""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "survey",
        help="what the rules would do to the present estate, with nothing deployed",
        description="Reads the present non-compliant states (az login, Reader), decides them, and changes nothing.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_reading(parser)
    parser.add_argument("--from", dest="file", type=Path, metavar="FILE", help="what export wrote, instead of Azure")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_const", dest="shape", const="json", help="one document (docs/survey.md)")
    shape.add_argument("--csv", action="store_const", dest="shape", const="csv", help="one row for each resource")
    shape.add_argument("--markdown", action="store_const", dest="shape", const="markdown", help="for a pull request")
    parser.add_argument("--against", type=Path, metavar="RULES", help="only what changes, compared with these rules")
    parser.add_argument("--fail-over", type=int, metavar="N", help="exit 1 when more than N resources newly remediate")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the report there")
    parser.set_defaults(run=run, shape="tables")


def add_reading(parser: argparse.ArgumentParser) -> None:
    """The options that say what is read; `export` has them too."""
    parser.add_argument("--scope", action="append", metavar="S", help="repeatable (default: the rules' within)")
    parser.add_argument("--rules", type=Path, metavar="R", help="rules file (default: RESPONDER_RULES or rules.yaml)")
    parser.add_argument("--resume", type=Path, metavar="FILE", help="progress file: begun, or gone on with")


def run(args: argparse.Namespace) -> int:
    """Survey: 0, 1 where more changes than `--fail-over` allows, 2 and one sentence where something is unusable."""
    if wrong := _contradiction(args):
        print(f"error: {wrong}", file=sys.stderr)
        return 2
    try:
        return asyncio.run(_survey(args))
    except TROUBLES as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _contradiction(args: argparse.Namespace) -> str:
    if args.fail_over is not None and args.against is None:
        return "--fail-over counts what changes; name the rules to compare with: --against RULES."
    if args.file and (args.scope or args.resume):
        return "--from has its own scopes and is read at once; leave --scope and --resume out."
    return ""


async def _survey(args: argparse.Namespace) -> int:
    settings, rules = read_environment(args.rules, os.environ)
    other = read_rules_file(args.against).adapted(None, settings.own_scopes) if args.against else None
    with open_report(args.shape, args.out, rules, other, args.against) as report:
        async with _source(args, settings, rules) as source:
            await source.read_states()
            async for place in source.places():
                report.add(place)
            report.read_from(source.notebook)
            print(source.account(), file=sys.stderr)
        report.tell()
    return report.exit_code(args.fail_over)


def _source(args: argparse.Namespace, settings: Settings, rules: Rules) -> AbstractAsyncContextManager[Source]:
    if args.file:
        return from_file(args.file, settings)
    return from_azure(scopes_of(args.scope, rules), args.resume, settings)
