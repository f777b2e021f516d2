"""Every command of the README and of the quick start works: what CI does not run is run here, as it is written."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from responder.local.demo.landing_zone import estate
from responder.local.demo.left_behind import read_events

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
QUICK_START = (ROOT / "docs" / "quick-start.md").read_text(encoding="utf-8")
BY_CI = {"make demo", "make test", "make lint"}
AZURITE = (
    ".azurite/node_modules/.bin/azurite --silent --skipApiVersionCheck --loose --inMemoryPersistence --disableTelemetry"
)
SIMULATE = "python -m responder simulate --estate out/estate.json"
CORE_TOOLS = "cp local.settings.json.example local.settings.json && func start"
HOST = "python -m responder host"
REPLAY = "python -m responder replay tests/events"
CASES = "python -m responder cases"
SHOW = "python -m responder show CASE"
EXPLAIN = "python -m responder explain tests/events/01-a-sql-server-alone.json --rules rules.yaml"
VALIDATE = "python -m responder validate rules.yaml"
TEST_RULES = "python -m responder test-rules rules.yaml"
SURVEY = "python -m responder survey --rules rules.yaml --scope /subscriptions/SUBSCRIPTION"
STATUS = "python -m responder status"
STOP = 'python -m responder stop --reason "something is wrong"'
CHANGES = "python -m responder changes --since PT2H"
AT_NIGHT = {STATUS, STOP, CHANGES}
BEFORE_MERGING = {VALIDATE, TEST_RULES, SURVEY}
KEPT = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def _commands(page: str) -> set[str]:
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    return {line.strip() for block in blocks for line in block.splitlines() if line.strip()}


def _words(command: str, *more: str) -> list[str]:
    words = shlex.split(command)
    return [sys.executable, *words[1:], *more] if words[0] == "python" else [*words, *more]


def _run(command: str, *more: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**KEPT, "COLUMNS": "160", **settings}
    return subprocess.run(
        _words(command, *more), cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


@contextmanager
def _running(command: str, *more: str, **settings: str) -> Iterator[str]:
    """A command that goes on until it is told to stop; the address that it says it listens on."""
    process = subprocess.Popen(
        _words(command, *more),
        cwd=ROOT,
        env={**KEPT, "PYTHONUNBUFFERED": "1", **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if found := re.search(r" on (http://127\.0\.0\.1:\d+)$", line.rstrip()):
                yield found[1]
                return
        raise AssertionError(f"{command} ended: {''.join(said)}")
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_every_command_of_the_readme_is_run_by_ci_or_here() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert _commands(README) | {"make lint"} == BY_CI | {EXPLAIN, *BEFORE_MERGING, *AT_NIGHT}
    assert all(command in ci for command in BY_CI)
    assert "`make lint`" in README


def test_what_is_run_here_by_hand_is_what_the_quick_start_says() -> None:
    by_hand = {AZURITE, SIMULATE, CORE_TOOLS, HOST, REPLAY, CASES, SHOW, STATUS, *BEFORE_MERGING}

    assert by_hand <= _commands(QUICK_START)


def test_azurite_is_where_the_quick_start_says() -> None:
    binary, *flags = shlex.split(AZURITE)
    helped = _run(f"{binary} --help")

    assert helped.returncode == 0
    assert [flag for flag in flags if flag not in helped.stdout] == []


def test_the_readmes_rules_are_rules(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)[0], encoding="utf-8")

    explained = _run(EXPLAIN.replace("--rules rules.yaml", f"--rules {rules}"), "--json")

    assert json.loads(explained.stdout)["answer"] in ("unknown", "blocked", "ignore")


def test_an_event_is_explained_as_the_readme_says() -> None:
    explained = _run(EXPLAIN)

    assert explained.returncode == 0
    assert "Rules, in order" in explained.stdout


def test_the_shipped_rules_are_valid_and_pass_their_tests() -> None:
    validated, tested = _run(VALIDATE), _run(TEST_RULES)

    assert validated.returncode == 0, validated.stdout
    assert tested.returncode == 0, tested.stdout


@pytest.mark.timeout(120)
def test_an_estate_is_surveyed_as_the_readme_says(tmp_path: Path) -> None:
    zone = tmp_path / "estate.json"
    events = read_events().values()
    zone.write_text(json.dumps(estate(events)), encoding="utf-8")
    subscription = next(str(event["subject"]).split("/")[2] for event in events)
    simulate = SIMULATE.replace("out/estate.json", str(zone))

    with _running(simulate, "--port", "0") as arm:
        surveyed = _run(SURVEY.replace("SUBSCRIPTION", subscription), RESPONDER_ARM_ENDPOINT=arm)

    assert surveyed.returncode == 0, surveyed.stderr
    assert "would be opened" in surveyed.stdout.lower()


@pytest.mark.timeout(120)
def test_replayed_events_become_cases_by_hand(storage: str, tmp_path: Path) -> None:
    zone = tmp_path / "estate.json"
    zone.write_text(json.dumps(estate(read_events().values())), encoding="utf-8")
    simulate = SIMULATE.replace("out/estate.json", str(zone))
    settings = json.loads((ROOT / "local.settings.json.example").read_text(encoding="utf-8"))["Values"]
    told = {**settings, "AzureWebJobsStorage": storage, "RESPONDER_TRACE_FILE": str(tmp_path / "traces.jsonl")}

    with (
        _running(simulate, "--port", "0") as arm,
        # Core Tools cannot be had from a package registry: our host runs the same worker logic in its place.
        _running(HOST, "--port", "0", **{**told, "RESPONDER_ARM_ENDPOINT": arm}) as app,
    ):
        replayed = _run(REPLAY, "--url", app)
        listed = json.loads(_run(CASES, "--json", AzureWebJobsStorage=storage).stdout)
        shown = _run(SHOW.replace("CASE", listed[0]["case"]), AzureWebJobsStorage=storage)
        stopped = _run(STOP, AzureWebJobsStorage=storage)
        status, changes = (_run(command, AzureWebJobsStorage=storage) for command in (STATUS, CHANGES))

    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert len(listed) >= 5
    assert "News is collected until it is due" in shown.stdout
    assert (stopped.returncode, changes.returncode) == (0, 0), stopped.stderr + changes.stderr
    assert (status.returncode, "something is wrong" in status.stdout) == (1, True)
