"""The demo as a person runs it: a process of its own, from its first line to nothing left running."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from responder.local.laptop import PROJECT

_WITHIN = 60.0
_KINDS = ("remediate", "unknown", "ignore", "observe", "withdrawn", "rejected", "blocked", "stale")
_OUTCOMES = ("verified", "partly-failed", "nothing-to-do", "withdrawn", "observed")


class Run:
    """A started demo and every process below it that was ever seen."""

    def __init__(self, out: Path) -> None:
        command = [sys.executable, "-m", "responder", "demo", "--out", str(out)]
        self._log = (out.parent / "said.txt").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(command, cwd=PROJECT, stdout=self._log, stderr=subprocess.STDOUT)
        self.seen: set[int] = set()

    def watch_until(self, done: str | None = None) -> str:
        """Look on until it has ended, or has said something; what it said so far."""
        end = time.monotonic() + _WITHIN
        while self.process.poll() is None and time.monotonic() < end:
            self.seen |= _below(self.process.pid)
            if done and done in self.said():
                break
            time.sleep(0.1)
        return self.said()

    def said(self) -> str:
        return Path(self._log.name).read_text(encoding="utf-8")

    def left(self) -> set[int]:
        return {pid for pid in self.seen if Path(f"/proc/{pid}").exists()}

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        self._log.close()


@contextmanager
def a_demo(out: Path) -> Iterator[Run]:
    run = Run(out)
    try:
        yield run
    finally:
        run.close()


def _below(pid: int) -> set[int]:
    """The processes that this one started, and those that they started; none where there is no /proc."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:  # it ended while we looked
            continue
        parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def test_the_demo_tells_all_it_promises_and_leaves_files_but_nothing_running(tmp_path: Path) -> None:
    out = tmp_path / "out"

    with a_demo(out) as run:
        said = run.watch_until()

    assert (run.process.returncode, run.left()) == (0, set()), said
    promised = (*_KINDS, *_OUTCOMES, "'PATCH' request failed", "remediation", "deployment", "verify")
    assert [word for word in promised if word not in said] == []
    cases = json.loads((out / "cases.json").read_text(encoding="utf-8"))
    ended = {case["reason"] or case["outcome"] for case in cases}
    assert {"verified", "withdrawn", "observed", "nothing-to-do", "given-up"} == ended


@pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_demo_that_is_told_to_end_stops_what_it_started(tmp_path: Path, number: signal.Signals) -> None:
    with a_demo(tmp_path / "out") as run:
        run.watch_until("now the events come")

        os.kill(run.process.pid, number)
        said = run.watch_until()

    assert run.process.returncode == 128 + number
    assert "Traceback" not in said
    assert (len(run.seen) >= 2, run.left()) == (True, set())
