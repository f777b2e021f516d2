"""`doctor`: whether the app is set up as it must be, what is wrong, and the command that mends it."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from responder.commands.cases import wide_console
from responder.commands.doctor_patient import see
from responder.commands.doctor_sections import OFFLINE, examine
from responder.commands.doctor_view import document_of, print_findings
from responder.commands.open_ledger import NoLedger, told_environment
from responder.commands.terminal import Terminal, plain
from responder.core.doctor import Section, Verdict
from responder.core.resource_id import BadResourceId, resource_id

_EXAMPLE = """\
examples:
  python -m responder doctor
  python -m responder doctor --only storage rights --json
  python -m responder doctor --identity 5f0c… --app /subscriptions/…/providers/Microsoft.Web/sites/func-responder

Changes nothing. Runs with the settings of the environment, or of local.settings.json in this folder, and with your
own credentials: --identity asks what the app's identity may do instead.
Exit code 0: nothing is wrong (warnings may be told); 1: something is wrong; 2: it could not begin."""


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Describe the command to argparse."""
    parser = subparsers.add_parser(
        "doctor",
        help="what is wrong with settings, rules, storage, rights, events and exporters, and how to mend it",
        description="Looks at settings, rules, storage, rights, event subscriptions, other responders and exporters; "
        "tells of each what is wrong and the command that mends it.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = [section.value for section in Section]
    parser.add_argument("--only", nargs="+", choices=names, metavar="SECTION", help=f"some of: {', '.join(names)}")
    parser.add_argument("--offline", action="store_true", help="only what needs no network: settings and rules")
    parser.add_argument("--rules", metavar="FILE", help="rules file (default: RESPONDER_RULES or rules.yaml)")
    parser.add_argument(
        "--identity", metavar="ID", help="object id or client id of the app's identity: check its rights"
    )
    parser.add_argument("--app", metavar="ID", help="the function app's resource id, for commands and deliveries")
    parser.add_argument("--json", action="store_true", help="print a JSON list of findings")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Look at everything: 0 where nothing is wrong, 1 where something is, 2 where it could not begin."""
    try:
        if args.app:
            resource_id(args.app)
        patient = see(told_environment(), args.rules, args.app, args.identity)
    except (NoLedger, BadResourceId) as error:
        print(f"error: {plain(str(error))}", file=sys.stderr)
        return 2
    wanted = [section for section in Section if _is_wanted(section, args)]
    with _progress(wanted) as done:
        findings = asyncio.run(examine(patient, wanted, done, args.offline))
    if args.json:
        print(json.dumps(document_of(findings), indent=2))
    else:
        print_findings(findings, wide_console())
    return 1 if any(each.verdict is Verdict.WRONG for each in findings) else 0


def _is_wanted(section: Section, args: argparse.Namespace) -> bool:
    if args.offline and section not in OFFLINE:
        return False
    return not args.only or section.value in args.only


class _Waiting:
    """The sections that are still being looked at, where somebody watches."""

    def __init__(self, wanted: list[Section]) -> None:
        self._left = list(wanted)
        self.status = Terminal(stderr=True).status(self._text)

    @property
    def _text(self) -> str:
        return f"looking at {', '.join(self._left)}"

    def done(self, section: Section) -> None:
        """A section is over."""
        self._left.remove(section)
        self.status.update(self._text)


@contextmanager
def _progress(wanted: list[Section]) -> Iterator[Callable[[Section], None]]:
    waiting = _Waiting(wanted)
    if not sys.stderr.isatty():
        yield lambda _section: None
        return
    with waiting.status:
        yield waiting.done
