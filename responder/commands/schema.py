"""`schema`: the JSON Schema of the rules file, so that editors complete keys, explain them and mark mistakes."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from responder.core.rules_schema import rules_schema

_EXAMPLE = """\
examples:
  python -m responder schema
  python -m responder schema --write rules.schema.json

An editor with yaml-language-server reads it where the rules file begins with
  # yaml-language-server: $schema=./rules.schema.json

exit codes: 0 good, 1 with --check: the file is not current, 2 it cannot be written or read"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "schema",
        help="the JSON Schema of the rules file, for editors",
        description="Prints the JSON Schema (2020-12) of the rules file, or writes it.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--write", type=Path, metavar="FILE", help="write it there")
    where.add_argument("--check", type=Path, metavar="FILE", help="exit 1 unless the file holds it as it is now")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print, write or check it."""
    text = json.dumps(rules_schema(), indent=2, ensure_ascii=False) + "\n"
    try:
        if args.check:
            return _check(args.check, text)
        if args.write:
            args.write.write_text(text, encoding="utf-8")
            return 0
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}.", file=sys.stderr)
        return 2
    print(text, end="")
    return 0


def _check(file: Path, text: str) -> int:
    if file.read_text(encoding="utf-8", errors="replace") == text:
        return 0
    print(f"{file} is not current: python -m responder schema --write {file}", file=sys.stderr)
    return 1
