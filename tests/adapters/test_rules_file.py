"""The rules file on disk."""

from pathlib import Path

import pytest

from responder.adapters.rules_file import BadRulesFile, read_rules_file
from responder.core.rules import BadRules


def test_a_rules_file_is_read_with_a_byte_order_mark_and_windows_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes("\ufeffversion: 1\r\notherwise: observe\r\n".encode())

    assert read_rules_file(file).otherwise.action == "observe"


def test_every_problem_is_told_with_the_files_name(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("version: 2\nmode: never\n", encoding="utf-8")

    with pytest.raises(BadRulesFile) as caught:
        read_rules_file(file)

    assert str(caught.value).splitlines() == [
        f"{file}: line 1: version: it must be 1, the only version there is, not 2",
        f"{file}: line 2: mode: it must be 'observe' or 'enforce', not 'never'",
    ]
    assert len(caught.value.problems) == 2


def test_a_missing_file_is_one_sentence_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadRules, match="there is no such rules file; name another with RESPONDER_RULES"):
        read_rules_file(tmp_path / "rules.yaml")


def test_a_folder_is_no_rules_file(tmp_path: Path) -> None:
    with pytest.raises(BadRulesFile, match="cannot be read: Is a directory"):
        read_rules_file(tmp_path)


def test_a_file_that_is_not_utf_8_is_named_with_the_place(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_bytes(b"version: 1 # \xff\n")

    with pytest.raises(BadRulesFile, match=r"rules\.yaml: the rules file is not UTF-8 \(byte 14\)"):
        read_rules_file(file)
