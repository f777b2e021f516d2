"""What the threat model says is tested is tested."""

import re
from pathlib import Path

import pytest

_FOLDER = Path(__file__).parents[1]
_NAMED = sorted(set(re.findall(r"`(test_\w+)`", (_FOLDER.parent / "docs" / "security.md").read_text(encoding="utf-8"))))
_TESTS = "\n".join(file.read_text(encoding="utf-8") for file in _FOLDER.rglob("test_*.py"))


@pytest.mark.parametrize("name", _NAMED)
def test_every_test_that_the_threat_model_names_is_there(name: str) -> None:
    assert f"def {name}(" in _TESTS


def test_the_threat_model_names_its_tests() -> None:
    assert len(_NAMED) > 20
