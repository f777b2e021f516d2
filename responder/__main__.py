"""`python -m responder COMMAND`: the way in for a person.

Only the named command is imported: the Azure libraries cost a second, and `--help` must not pay it.

Exit codes, for every command: 0 good, 1 findings, 2 usage or environment, 130 interrupted.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

# In the order in which a newcomer meets them.
COMMANDS = {
    "demo": "all of it on this machine: storage, simulator, app, events, traces",
    "validate": "every problem of a rules file, with its place",
    "test-rules": "run the tests that lie beside a rules file",
    "schema": "the JSON Schema of the rules file, for editors",
    "explain": "which rule decides an event, and why",
    "survey": "what the rules would do to the present estate, with nothing deployed",
    "export": "save the present states and facts, for surveys without Azure",
    "doctor": "what is wrong with settings, rules, storage, rights, events, exporters; how to mend it",
    "status": "what needs a person, and where everything stands",
    "cases": "every case in the ledger and where it stands",
    "show": "one case: why it is where it is, what comes next, what blocks it",
    "changes": "every resource that our tasks touched, with rule, task and outcome",
    "pause": "open nothing more; what runs goes on and is followed",
    "resume": "let tasks be opened again",
    "stop": "open nothing more, and cancel what runs",
    "approve": "let a plan that waits for approval be carried out",
    "reject": "stop a case whose plan is not wanted",
    "release": "give a stopped, canceled or expired case another round, at once",
    "retry": "end the wait of a case for its next attempt",
    "cancel": "cancel the task of a case in Azure",
    "redrive": "try again what failed for good: dead letters and poison messages",
    "replay": "post events from files to a running app, as Event Grid does",
    "host": "run function_app.py without Azure Functions Core Tools",
    "simulate": "run the simulated Resource Manager",
}

_EXAMPLE = """\
example:
  python -m responder explain event.json --rules rules.yaml

Each command has its own --help."""


_SET_UP = "Run `make setup` once, and `. .venv/bin/activate` in each terminal."


class _Columns(argparse.RawDescriptionHelpFormatter):
    """Makes room for the longest command: argparse forgets that it indents them once more."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog)
        self._action_max_length = 4 + max(map(len, COMMANDS))


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(words)  # with the import of the command, long enough to be interrupted
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return _reader_left()


def _run(words: Sequence[str]) -> int:
    try:
        command = _named(words)
    except ImportError as error:
        print(f"error: {_not_set_up(error)}", file=sys.stderr)
        return 2
    args = _parser(command).parse_args(words)
    # What azure-identity tries for a credential is many lines; each command says in one sentence that there is none.
    # `host` sets its own levels: there it is the app's log.
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
    return 2 if command is None else _finish(int(command.run(args)))


def _named(words: Sequence[str]) -> ModuleType | None:
    """Import the module of the command that is asked for. No option of ours comes before it."""
    if words and words[0] in COMMANDS:
        return import_module(f"responder.commands.{_module(words[0])}")
    return None


def _not_set_up(error: ImportError) -> str:
    """Which Python a newcomer's shell found, and the way to the right one. What is ours and missing is a fault."""
    if sys.version_info < (3, 11):  # noqa: UP036 - read by exactly the versions that it turns away
        version = ".".join(map(str, sys.version_info[:3]))
        return f"This needs Python 3.11 or newer; {sys.executable} is {version}. {_SET_UP}"
    if (error.name or "responder").partition(".")[0] in ("responder", "handlers"):
        raise error
    return f"{sys.executable} has no {error.name}. {_SET_UP}"


def _module(name: str) -> str:
    return name.replace("-", "_")


def _parser(command: ModuleType | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m responder",
        description="Opens, follows and verifies Azure Policy remediation tasks, and says why.",
        epilog=_EXAMPLE,
        formatter_class=_Columns,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        if command is not None and command.__name__.endswith(f".{_module(name)}"):
            command.add_parser(commands)
        else:
            commands.add_parser(name, help=summary)
    return parser


def _finish(code: int) -> int:
    sys.stdout.flush()  # here, where a closed pipe can still be told from a fault
    return code


def _reader_left() -> int:
    """Whoever read our output has seen enough (`| head`). The interpreter must not complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
