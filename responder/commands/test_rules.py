"""`test-rules`: the tests that lie beside a rules file, run through the code that decides in production.

A team that changes its rules sees in the pull request what becomes of the resources it cares about.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from responder.commands.rules_text import Unreadable, read_text, rules_path
from responder.commands.test_rules_view import document_of, show
from responder.core.facts import BadDocument
from responder.core.rules import BadRules, Rules, read_rules
from responder.core.rules_problem import Problem
from responder.core.rules_tests import RuleTest, read_rule_tests
from responder.core.rules_tests import run as run_test

_T = TypeVar("_T")
_EXAMPLE = """\
examples:
  python -m responder test-rules
  python -m responder test-rules rules.yaml rules.tests.yaml --json

A test is an event or a policy state, what is known besides, and what is expected:
  - name: key vaults get their diagnostic settings
    state:
      resourceId: /subscriptions/…/resourceGroups/rg-a/providers/Microsoft.KeyVault/vaults/kv1
      policyAssignmentId: /providers/Microsoft.Management/managementGroups/alz/providers/…/deploy-diag-kv
      policyDefinitionId: /providers/Microsoft.Authorization/policyDefinitions/…
      policyDefinitionAction: deployIfNotExists
    expect: {action: remediate, rule: key vault diagnostics}

exit codes: 0 all pass, 1 some do not, 2 rules or tests cannot be read"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "test-rules",
        help="run the tests that lie beside a rules file",
        description="Decides each test's event or policy state as the app would, and says what is not as expected. "
        "Asks Azure nothing.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rules", nargs="?", metavar="RULES", help="rules file (default: RESPONDER_RULES or rules.yaml)")
    parser.add_argument("tests", nargs="?", metavar="TESTS", help="tests (default: rules.tests.yaml beside rules.yaml)")
    parser.add_argument("--json", action="store_true", help="print a JSON list, one object for each test")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Run every test: 0 all pass, 1 some do not, 2 where something cannot be read."""
    file = rules_path(args.rules)
    try:
        rules = _read(file, read_rules)
        name = args.tests or str(Path(file).with_suffix(".tests.yaml"))
        tests = _read(name, lambda text: _tests(name, text, rules))
    except Unreadable as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    verdicts = [run_test(test, rules) for test in tests]
    if args.json:
        print(json.dumps([document_of(name, each) for each in verdicts], indent=2, ensure_ascii=False))
    else:
        show(name, verdicts)
    return 1 if any(each.differences for each in verdicts) else 0


def _read(name: str, read: Callable[[str], _T]) -> _T:
    """Read a file and make something of it; every problem of its text is said with its place."""
    text = read_text(name)
    try:
        return read(text)
    except BadRules as error:
        raise Unreadable("\n".join(f"{name}:{_said(each)}" for each in error.problems)) from error


def _said(problem: Problem) -> str:
    path = f"{problem.path}: " if problem.path else ""
    return f"{problem.line}:{problem.column}: {path}{problem.message}"


def _tests(name: str, text: str, rules: Rules) -> tuple[RuleTest, ...]:
    folder = Path(name).parent
    tests = read_rule_tests(text, rules, lambda file: _json(folder / file))
    if not tests:
        raise BadRules((Problem("", "there is no test in it", 1, 1),))
    return tests


def _json(file: Path) -> object:
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadDocument(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise BadDocument(f"{file} is not JSON: {error}") from error
