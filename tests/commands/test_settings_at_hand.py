"""Where commands find the app's settings: in the environment, else in `local.settings.json` of this folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from responder.commands.open_ledger import told_environment

PROJECT = Path(__file__).parents[2]


def status(folder: Path) -> str:
    """What `status` says in that folder, where the environment names no storage."""
    told = {name: text for name, text in os.environ.items() if not name.startswith("AzureWebJobsStorage")}
    command = [sys.executable, "-m", "responder", "status"]
    ended = subprocess.run(
        command, cwd=folder, env={**told, "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    return ended.stderr


def test_a_folder_without_settings_is_told_where_they_come_from(tmp_path: Path) -> None:
    said = status(tmp_path)

    assert "AzureWebJobsStorage is not set" in said
    assert "copy local.settings.json.example to local.settings.json" in said
    assert "docs/deploy.md" in said


@pytest.mark.parametrize("content", ["{", '{"Values": []}', '{"Values": {"AzureWebJobsStorage": 3}}', "[]"])
def test_a_settings_file_that_cannot_be_used_is_named_in_one_line(content: str, tmp_path: Path) -> None:
    (tmp_path / "local.settings.json").write_text(content)

    said = status(tmp_path)

    assert "local.settings.json" in said
    assert len(said.splitlines()) == 1


def test_a_settings_file_as_windows_writes_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "local.settings.json").write_text('{"Values": {"A_SETTING": "told"}}', encoding="utf-8-sig")
    monkeypatch.chdir(tmp_path)

    assert told_environment()["A_SETTING"] == "told"
