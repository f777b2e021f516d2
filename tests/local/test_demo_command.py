"""What keeps the demo from running is one sentence and exit code 2."""

import subprocess
import sys
from pathlib import Path

import pytest

from responder.__main__ import main
from responder.local.laptop import PROJECT


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")

    code = main(["demo", "--out", str(taken)])

    assert code == 2
    assert capsys.readouterr().err.splitlines() == [
        f"error: {taken / 'facts'} cannot be written (Not a directory); name a folder with --out."
    ]


def test_without_node_it_says_what_to_install(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "responder", "demo", "--out", str(tmp_path / "out")]

    ended = subprocess.run(command, cwd=PROJECT, env={"PATH": str(tmp_path)}, capture_output=True, text=True)

    assert ended.returncode == 2
    assert [line.split()[0] for line in ended.stderr.splitlines()] == ["error:"]
