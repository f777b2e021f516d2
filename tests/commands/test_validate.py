"""`validate`, as a person, an editor or a build runs it."""

import io
import json
from pathlib import Path

import pytest

from responder.__main__ import main

_GOOD = "version: 1\nrules:\n  - {name: a, action: ignore}\n"
_BAD = "version: 1\nmodes: observe\nrules:\n  - name: a\n    action: remediat\n"
_DOUBTFUL = _GOOD + "  - {name: b, action: ignore}\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("RESPONDER_RULES", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "rules.yaml"


def test_a_good_file_is_said_to_be_good(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(_GOOD, encoding="utf-8")

    assert main(["validate"]) == 0
    assert capsys.readouterr().out == "rules.yaml: 1 rule, mode observe, no problem\n"


def test_every_problem_has_its_place_and_what_was_probably_meant(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(_BAD, encoding="utf-8")

    code = main(["validate", str(file)])

    printed = capsys.readouterr()
    assert code == 1
    assert printed.out.splitlines() == [
        f"{file}:2:1: modes: unknown key; did you mean mode?",
        f"{file}:5:5: rules[0].action: it must be 'remediate', 'ask', 'observe' or 'ignore', not 'remediat'; "
        "did you mean remediate?",
    ]
    assert "2 problems" in printed.err


@pytest.mark.parametrize(("options", "code"), [([], 0), (["--strict"], 1)])
def test_warnings_count_only_when_they_are_asked_to(
    file: Path, options: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text(_DOUBTFUL, encoding="utf-8")

    assert main(["validate", *options]) == code
    assert capsys.readouterr().out.startswith("rules.yaml:4:5: warning: rules[1]: it never decides")


def test_findings_can_be_had_as_json(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(_DOUBTFUL, encoding="utf-8")

    code = main(["validate", "--json"])

    (finding,) = json.loads(capsys.readouterr().out)
    assert code == 0
    assert list(finding) == ["file", "line", "column", "severity", "path", "message"]
    assert (finding["line"], finding["column"], finding["severity"], finding["path"]) == (4, 5, "warning", "rules[1]")


def test_the_text_may_come_from_standard_input(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(_BAD.encode())))

    assert main(["validate", "-"]) == 1
    assert capsys.readouterr().out.startswith("-:2:1: modes")


def test_the_apps_setting_names_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file.parent / "others.yaml").write_text(_BAD, encoding="utf-8")
    monkeypatch.setenv("RESPONDER_RULES", "others.yaml")

    assert main(["validate"]) == 1


@pytest.mark.parametrize(
    ("content", "told"), [(None, "there is no such file"), (b"version: 1 # \xff", "is not UTF-8 (byte 14)")]
)
def test_a_file_that_cannot_be_read_is_exit_2(
    file: Path, content: bytes | None, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        file.write_bytes(content)

    assert main(["validate", "--json"]) == 2
    assert told in capsys.readouterr().err
