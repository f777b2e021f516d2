"""A survey of a wide estate on the simulator: seconds, requests, and the memory of the survey's own process.

    python -m tests.scenarios.survey_bench [SUBSCRIPTIONS [STATES_IN_EACH]]

The simulator runs in a process of its own, as Azure does. Most of the seconds are its seconds; the survey's own are
told beside them.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.local.wide_estate import a_subscription, a_wide_estate, subscription

RULES = """\
version: 1
mode: observe
within:
{within}
rules:
  - name: managed by terraform
    because: Terraform would undo it.
    match: {{tags: {{managedBy: terraform}}}}
    action: ignore
  - name: everything that can be remediated
    because: A policy that deploys is meant to.
    match: {{effect: [deployIfNotExists, modify]}}
    gather: {{by: resourceGroup}}
    action: remediate
"""


def main(count: int = 400, states: int = 250) -> int:
    """Fill the simulator, survey it, and print what that took; 1 where not every state was seen."""
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [sys.executable, "-m", "responder", "simulate", "--port", "0"], stdout=subprocess.PIPE, text=True
        ) as simulator,
    ):
        try:
            url = _url(simulator)
            _fill(url, count, states)
            return _survey(url, Path(folder), count, states)
        finally:
            simulator.terminate()


def _url(simulator: "subprocess.Popen[str]") -> str:
    assert simulator.stdout is not None
    return next(word.rstrip("/.") for line in simulator.stdout for word in line.split() if word.startswith("http://"))


def _fill(url: str, count: int, states: int) -> None:
    _send(url, "PUT", a_wide_estate(count))
    for number in range(count):
        _send(url, "POST", a_subscription(number, states))


def _send(url: str, method: str, estate: object) -> None:
    body = json.dumps(estate).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}/_simulator/estate", body, method=method)) as answer:
        assert answer.status == 200


def _survey(url: str, folder: Path, count: int, states: int) -> int:
    rules, report = folder / "rules.yaml", folder / "report.json"
    within = "\n".join(f"  - {subscription(number)}" for number in range(count))
    rules.write_text(RULES.format(within=within), encoding="utf-8")
    words = [sys.executable, "-m", "responder", "survey", "--rules", str(rules), "--json", "--out", str(report)]
    begun = time.monotonic()
    survey = subprocess.Popen(words, env={**os.environ, "RESPONDER_ARM_ENDPOINT": url})
    _pid, status, used = os.wait4(survey.pid, 0)
    survey.returncode = os.waitstatus_to_exitcode(status)
    totals = json.loads(report.read_text(encoding="utf-8"))["totals"]
    print(f"{totals['nonCompliant']} states of {count} subscriptions in {time.monotonic() - begun:.1f} s")
    seconds, memory = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(f"processor time of the survey {seconds:.1f} s, peak memory {memory:.0f} MiB")
    print(f"would open {totals['tasks']} tasks for {totals['resources']} resources")
    return 0 if survey.returncode == 0 and totals["nonCompliant"] == count * states else 1


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:])))
