"""Which options the Azure CLI's commands have, so that no page tells somebody to type one that is not there.

The CLI is too large to install for a test. What its own help said stands in `tests/data/az-options.json`; with an `az`
on the path, `python -m tests.az_options` asks it again about every command that a page names, and those named here.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "az-options.json"
# Named by the code and not by a page.
BESIDE_THE_PAGES = (
    *(f"az eventgrid system-topic event-subscription {each}" for each in ("create", "update", "list", "show")),
    *(f"az eventgrid system-topic {each}" for each in ("create", "list", "update")),
    "az eventgrid event-subscription create",
    "az functionapp config appsettings delete",
    "az functionapp restart",
    "az eventgrid topic show",
    "az policy assignment list",
    "az role definition list",
    "az rest",
    "az resource show",
    "az storage account show",
    "az storage container create",
    "az storage queue create",
    "az ad signed-in-user show",
)
_COMMAND = re.compile(r"az((?: [a-z][a-z0-9-]*)+)")
_SUBSTITUTED = re.compile(r"\$\([^()]*(?:\([^()]*\)[^()]*)*\)")


def commands_in(line: str) -> Iterator[str]:
    """Each `az` command of a line: the line itself, and what stands in a `$(…)` of it."""
    inner = [each[2:-1] for each in _SUBSTITUTED.findall(line)]
    for text in (line, *inner):
        if text.startswith("az "):
            yield _SUBSTITUTED.sub("xx", text) if text is line else text


def name_of(command: str) -> str:
    """`az group create` of `az group create --name x`."""
    found = _COMMAND.match(command)
    return f"az{found[1]}" if found else ""


@cache
def known() -> Mapping[str, frozenset[str]]:
    """The options of each command, those that all have included."""
    told = json.loads(FILE.read_text(encoding="utf-8"))
    return {name: frozenset((*options, *told["always"])) for name, options in told["commands"].items()}


def misunderstood(command: str) -> list[str]:
    """The options of a command that the CLI would not understand; none of a command that it was not asked about."""
    options = known().get(name_of(command))
    words = shlex.split(command.replace("…", "x"))
    return [word for word in words if re.match(r"--?[a-z]", word) and options is not None and word not in options]


def _asked(name: str) -> frozenset[str]:
    told = subprocess.run([*name.split(), "--help"], capture_output=True, text=True, check=False, timeout=60).stdout
    arguments = told.partition("\nArguments")[2].partition("\nExamples")[0]
    lines = re.findall(r"^ {4}(-[^:\[]*)", arguments, re.MULTILINE)
    return frozenset(word for line in lines for word in line.split() if word.startswith("-"))


def _main() -> None:
    from tests.test_guides import told_lines

    names = {name_of(command) for each in told_lines() for command in commands_in(each.text)}
    asked = {name: _asked(name) for name in sorted({*names, *BESIDE_THE_PAGES})}
    found = {name: options for name, options in asked.items() if options}
    always = frozenset.intersection(*found.values())
    version = subprocess.run(["az", "version"], capture_output=True, text=True, check=True, timeout=60).stdout
    document = {
        "about": "The Azure CLI's help, read by python -m tests.az_options",
        "version": json.loads(version)["azure-cli"],
        "always": sorted(always),
        "commands": {name: sorted(options - always) for name, options in found.items()},
    }
    FILE.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _main()
