"""A template that does not parse fails `make lint`."""

from pathlib import Path

import pytest

from tests.infra.bicep import files
from tests.infra.syntax import main, problems


def written(folder: Path, text: str) -> Path:
    path = folder / "broken.bicep"
    path.write_text(text)
    return path


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_every_template_parses(path: Path) -> None:
    assert problems(path) == []


@pytest.mark.parametrize(
    "text",
    [
        "resource a 'Microsoft.Web/sites@2024-04-01' = {\n  name: 'a'\n",
        "param a string = \n",
        "module a 'b.bicep' {\n}\n",
        "output a string = (1\n",
    ],
    ids=["no closing brace", "no value", "no equals sign", "no closing parenthesis"],
)
def test_a_broken_template_is_named_with_its_line(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)

    assert problems(path)
    assert all(line.startswith(f"{path}:") for line in problems(path))
    assert main(tmp_path) == 1


def test_a_folder_without_templates_does_not_pass(tmp_path: Path) -> None:
    assert main(tmp_path) == 1
