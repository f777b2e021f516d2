"""`python -m responder`: what is common to all commands."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from responder.__main__ import COMMANDS, main

PROJECT = Path(__file__).parents[2]


def test_help_lists_every_command_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert all(f"    {name} " in said for name in COMMANDS)
    assert "example:" in said


@pytest.mark.parametrize("words", [[], ["nonsense"]], ids=["no command", "an unknown one"])
def test_without_a_known_command_the_exit_code_is_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)

    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])

    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert "example" in said


def test_what_is_tried_for_a_credential_is_told_by_no_command() -> None:
    code = (
        "import logging; from responder.__main__ import main; main(['schema']); "
        "logging.getLogger('azure.identity.aio').warning('tried many things')"
    )

    said = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True).stderr

    assert said == ""


def test_help_imports_none_of_the_azure_libraries() -> None:
    code = "import sys; from responder.__main__ import _parser; _parser(None); print('azure' in sys.modules)"

    said = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True).stdout

    assert said == "False\n"


def test_a_python_without_the_libraries_says_how_to_get_the_one_that_has_them() -> None:
    command = [sys.executable, "-S", "-m", "responder", "status"]

    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)

    assert ended.returncode == 2
    assert ended.stderr.startswith(f"error: {sys.executable} has no ")
    assert ended.stderr.endswith("Run `make setup` once, and `. .venv/bin/activate` in each terminal.\n")


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text("{}")
    command = f"{sys.executable} -m responder replay --help | true"

    ended = subprocess.run(["sh", "-c", command], cwd=PROJECT, capture_output=True, text=True, check=True)

    assert ended.stderr == ""
