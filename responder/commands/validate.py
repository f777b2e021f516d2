"""`validate`: every problem of a rules file at once, each with its place, and what is probably not meant.

The lines have the form `file:line:column: message`, which editors and build servers know how to jump to.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass

from responder.commands.rules_text import Unreadable, read_text, rules_path
from responder.core.rules_problem import Problem
from responder.core.rules_review import Review, review

_EXAMPLE = """\
examples:
  python -m responder validate
  python -m responder validate rules.yaml --strict
  git show HEAD:rules.yaml | python -m responder validate - --json

exit codes: 0 no problem, 1 problems (with --strict: warnings, too), 2 the file cannot be read"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "validate",
        help="every problem of a rules file, with its place",
        description="Reads a rules file as the app does and names every problem with its place, and what is "
        "allowed and probably not meant as a warning. Asks Azure nothing.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "rules", nargs="?", metavar="RULES", help="rules file (default: RESPONDER_RULES or rules.yaml); - is stdin"
    )
    parser.add_argument("--strict", action="store_true", help="exit 1 where there are warnings, too")
    parser.add_argument("--json", action="store_true", help="print a JSON list of findings")
    parser.set_defaults(run=run)


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem or warning of a file."""

    file: str
    severity: str  # error or warning
    problem: Problem

    def __str__(self) -> str:
        """As editors read it."""
        at = f"{self.file}:{max(self.problem.line, 1)}:{max(self.problem.column, 1)}"
        kind = "warning: " if self.severity == "warning" else ""
        path = f"{self.problem.path}: " if self.problem.path else ""
        return f"{at}: {kind}{path}{self.problem.message}"

    def document(self) -> dict[str, object]:
        """As JSON; lines and columns count from 1."""
        problem = self.problem
        return {
            "file": self.file,
            "line": max(problem.line, 1),
            "column": max(problem.column, 1),
            "severity": self.severity,
            "path": problem.path,
            "message": problem.message,
        }


def run(args: argparse.Namespace) -> int:
    """Look the file over: 0 without problems, 1 with some, 2 where it cannot be read."""
    file = rules_path(args.rules)
    try:
        reviewed = review(read_text(file))
    except Unreadable as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    findings = findings_of(file, reviewed)
    if args.json:
        print(json.dumps([each.document() for each in findings], indent=2, ensure_ascii=False))
    else:
        _say(file, reviewed, findings)
    return 1 if reviewed.problems or (args.strict and reviewed.warnings) else 0


def findings_of(file: str, reviewed: Review) -> list[Finding]:
    """Problems, or else warnings, in the order of the file."""
    errors = [Finding(file, "error", problem) for problem in reviewed.problems]
    return errors + [Finding(file, "warning", problem) for problem in reviewed.warnings]


def _say(file: str, reviewed: Review, findings: list[Finding]) -> None:
    for finding in findings:
        print(finding)
    if reviewed.rules is None:
        many = len(reviewed.problems)
        print(f"{many} problem{'s' if many > 1 else ''}: the app would not start with these rules", file=sys.stderr)
        return
    warnings = f", {len(findings)} warning{'s' if len(findings) > 1 else ''}" if findings else ""
    counted = len(reviewed.rules.rules)
    print(f"{file}: {counted} rule{'' if counted == 1 else 's'}, mode {reviewed.rules.mode}, no problem{warnings}")
