"""`schema`, as a person or a build runs it."""

import json
from pathlib import Path

import pytest

from responder.__main__ import main


def test_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$schema"].endswith("2020-12/schema")


def test_what_was_written_is_current_until_it_is_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = str(tmp_path / "rules.schema.json")
    assert main(["schema", "--write", file]) == 0
    assert main(["schema", "--check", file]) == 0

    Path(file).write_text("{}", encoding="utf-8")

    assert main(["schema", "--check", file]) == 1
    assert "is not current: python -m responder schema --write" in capsys.readouterr().err


def test_where_nothing_can_be_written_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--write", str(tmp_path / "no" / "where.json")]) == 2
    assert "No such file or directory" in capsys.readouterr().err
