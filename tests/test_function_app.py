"""The doors: what Microsoft's library reads from `function_app.py`, and what stops it from starting."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
_INDEX = """
import json, function_app
print(json.dumps([json.loads(f.get_function_json()) for f in function_app.app.get_functions()]))
"""


def _started(**settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    told = {"AzureWebJobsStorage": "UseDevelopmentStorage=true", **settings}
    return subprocess.run(
        [sys.executable, "-c", _INDEX], cwd=ROOT, env={**kept, **told}, capture_output=True, text=True, check=False
    )


def test_there_is_one_door_for_each_arrival_and_nothing_else() -> None:
    functions = json.loads(_started().stdout)

    triggers = [binding for function in functions for binding in function["bindings"]]
    assert sorted(trigger["type"] for trigger in triggers) == [
        "eventGridTrigger",
        "queueTrigger",
        "queueTrigger",
        "timerTrigger",
    ]
    assert {trigger["queueName"] for trigger in triggers if trigger["type"] == "queueTrigger"} == {
        "responder-events",
        "responder-cases",
    }


def test_the_sweep_runs_when_its_setting_says() -> None:
    functions = json.loads(_started(RESPONDER_SWEEP="*/30 * * * * *").stdout)

    schedules = [b["schedule"] for f in functions for b in f["bindings"] if b["type"] == "timerTrigger"]
    assert schedules == ["*/30 * * * * *"]


def test_bad_settings_stop_the_app_with_every_problem_named() -> None:
    start = _started(RESPONDER_LEASE="PT1S", RESPONDER_MODE="maybe", AzureWebJobsStorage="")

    assert start.returncode != 0
    assert all(name in start.stderr for name in ("RESPONDER_LEASE", "RESPONDER_MODE", "AzureWebJobsStorage"))


def test_broken_rules_stop_the_app_with_every_problem_named(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("version: 1\nmode: enforce\nrules:\n  - {name: a, match: {colour: red}, action: remedy}\n")

    start = _started(RESPONDER_RULES=str(rules))

    assert start.returncode != 0
    assert all(word in start.stderr for word in ("colour", "within", "remedy"))


def test_what_an_event_does_not_need_is_not_imported_at_the_start() -> None:
    heavy = ("azure.mgmt", "azure.identity", "azure.monitor", "opentelemetry.sdk", "responder.local", "rich")
    script = f"import sys, function_app; print([m for m in {heavy!r} if m in sys.modules])"
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}

    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**kept, "AzureWebJobsStorage": "UseDevelopmentStorage=true"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"
