"""Where to look when the demo is over, and how to play it again by hand; each command can be pasted."""

import os
from pathlib import Path

from rich.console import Console

from responder.local.demo.policies import PROJECT
from responder.local.laptop import Laptop

RULES = Path(__file__).with_name("rules.yaml")
_FILES = (
    ("traces.jsonl", "every span, one a line"),
    ("cases.json", "every case as `show --json` prints it"),
    ("events.jsonl", "every event that arrived, one a line"),
    ("estate.json", "the simulated Azure, for `simulate --estate`"),
    ("facts/", "what is known of each event's resource, for `explain --facts`"),
    ("host.log", "what the app logged"),
)


def print_where_next(out: Path, console: Console) -> None:
    """The files and the commands."""
    shown, rules = _shown(out), _shown(RULES)
    for name, tells in _FILES:
        console.print(f"  {f'{shown}/{name}':<24} [bright_black]{tells}[/]", highlight=False, soft_wrap=True)
    server, ledger = "01-a-sql-server-alone", "09-payments-ledger-managed-by-terraform"
    console.print("\nWhy was it decided so? The same code answers:")
    for name in (server, ledger):
        _command(f"explain tests/events/{name}.json --rules {rules} --facts {shown}/facts/{name}.json", console)
    console.print("\nPlay it again by hand, each line in a terminal of its own:")
    _by_hand(shown, rules, console)
    console.print("\nOr have it all stand, and play with it (Ctrl-C ends it):")
    _command("demo --keep", console)


def _by_hand(shown: str, rules: str, console: Console) -> None:
    webhook = "http://127.0.0.1:7071/runtime/webhooks/EventGrid?functionName=policy_state_change"
    settings = "AzureWebJobsStorage=UseDevelopmentStorage=true RESPONDER_ARM_ENDPOINT=http://127.0.0.1:8081"
    flags = "--silent --skipApiVersionCheck --loose --inMemoryPersistence --disableTelemetry"
    console.print(f"  .azurite/node_modules/.bin/azurite {flags}", highlight=False, soft_wrap=True, markup=False)
    _command(f"simulate --estate {shown}/estate.json --events-to '{webhook}'", console)
    _command("host", console, f"{settings} RESPONDER_RULES={rules} ")
    _command("replay tests/events", console)
    _command("cases", console, "AzureWebJobsStorage=UseDevelopmentStorage=true ")


def print_addresses(laptop: Laptop, out: Path, console: Console) -> None:
    """What to set and where to ask while everything runs on."""
    console.print("Everything runs on until Ctrl-C. In another terminal:\n")
    for name, value in (
        ("AzureWebJobsStorage", laptop.storage),
        ("RESPONDER_ARM_ENDPOINT", laptop.simulated),
        ("RESPONDER_RULES", _shown(RULES)),
    ):
        console.print(f"export {name}='{value}'", highlight=False, soft_wrap=True, markup=False)
    console.print()
    _command("cases", console)
    _command(f"replay tests/events/12-a-sandbox-that-is-ignored.json --url {laptop.host.url}", console)
    _command(f"replay {_shown(out)}/events.jsonl --url {laptop.host.url}", console)
    console.print(f"  curl {laptop.simulated}/_simulator/remediations", highlight=False, soft_wrap=True)


def _command(words: str, console: Console, settings: str = "") -> None:
    console.print(f"  {settings}{_python()} -m responder {words}", highlight=False, soft_wrap=True, markup=False)


def _python() -> str:
    """How a person starts Python here: the virtual environment's, where the project has one."""
    return ".venv/bin/python" if (PROJECT / ".venv" / "bin" / "python").exists() else "python"


def _shown(path: Path) -> str:
    """A path as seen from where the person stands; whole where it lies elsewhere."""
    near = os.path.relpath(path)
    return str(path) if near.startswith("..") else near
