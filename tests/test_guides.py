"""What a guide tells somebody to type is there: commands, options, targets, files, parameters, queries and anchors.

What is handed to azd is checked, azd's own options are not.
"""

import argparse
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from responder.__main__ import COMMANDS
from responder.core.rules import read_rules
from tests.az_options import commands_in, known, misunderstood, name_of
from tests.queries.parsing import Parsed, parse_all
from tests.queries.vocabulary import unheard

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "infra" / "README.md")
GUIDES = (
    "cost",
    "deploy",
    "environments",
    "management-groups",
    "private-networking",
    "quick-start",
    "rollout",
    "upgrade",
)
# azd asks for these itself, or is told by its name (learn.microsoft.com/azure/developer/azure-developer-cli).
OF_AZD = {"AZURE_ENV_NAME", "AZURE_LOCATION", "AZURE_RESOURCE_GROUP", "AZURE_SUBSCRIPTION_ID"}
_PREFIX = "python -m responder "
_FILE = re.compile(r"`((?:infra|docs|tests|responder|handlers|\.github)/[\w./-]*[\w/])`")


@dataclass(frozen=True, slots=True)
class Told:
    """Something that a page says, and where."""

    page: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}: {self.text}"


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _blocks(language: str, pages: tuple[Path, ...] = PAGES) -> list[Told]:
    """Every fenced block of a language, without the indentation of the list it stands in."""
    found = []
    for page in pages:
        for indent, body in re.findall(rf"^( *)```{language}\n(.*?)^ *```$", _text(page), re.MULTILINE | re.DOTALL):
            lines = (line.removeprefix(indent) for line in body.splitlines())
            found.append(Told(page.name, "\n".join(lines)))
    return found


def told_lines() -> Iterator[Told]:
    """Every line of a shell block, and every piece of code within a sentence that begins like one."""
    for block in _blocks("(?:sh|console)?"):
        text = block.text.replace("\\\n", " ")
        yield from (Told(block.page, line.strip().removeprefix("$ ")) for line in text.splitlines())
    for page in PAGES:
        yield from (Told(page.name, code) for code in re.findall(r"`([^`\n]+)`", _text(page)))


def _ours() -> list[Told]:
    found = (each for each in told_lines() if each.text.startswith(_PREFIX))
    return list({str(each): each for each in found}.values())


def _words(text: str) -> list[str]:
    """The words of a command line, up to what a shell does with its output."""
    words = shlex.split(text.replace("DIGEST", "5d1e0c9a77b2"))
    stop = next((at for at, word in enumerate(words) if word in (">", "|", "&&")), len(words))
    return words[:stop]


@cache
def _options(command: str) -> frozenset[str]:
    return frozenset(option for action in _parser(command)._actions for option in action.option_strings)


@cache
def _parser(command: str) -> argparse.ArgumentParser:
    commands = argparse.ArgumentParser(exit_on_error=False).add_subparsers()
    import_module(f"responder.commands.{command.replace('-', '_')}").add_parser(commands)
    parser: argparse.ArgumentParser = commands.choices[command]
    return parser


@pytest.mark.parametrize("told", _ours(), ids=str)
def test_every_command_of_ours_is_one_with_these_options(told: Told) -> None:
    command, *words = _words(told.text.removeprefix(_PREFIX))

    assert command in COMMANDS or command == "COMMAND"
    assert [word for word in words if word.startswith("--") and word not in _options(command)] == []


@pytest.mark.parametrize("told", [each for each in _ours() if each.page.removesuffix(".md") in GUIDES], ids=str)
def test_every_command_of_a_guide_can_be_pasted(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    command, *words = _words(told.text.removeprefix(_PREFIX))
    if not words:
        return  # a sentence names it

    try:
        _parser(command).parse_args(words)
    except (argparse.ArgumentError, SystemExit) as error:
        pytest.fail(f"{error} {capsys.readouterr().err}")


def _short() -> list[Told]:
    """`pause --rule NAME` in a sentence: a command's name and an option."""
    names = "|".join(COMMANDS)
    return [each for each in told_lines() if re.match(rf"(?:{names}) (?!\w+=).*--[a-z]", each.text)]


@pytest.mark.parametrize("told", _short(), ids=str)
def test_every_option_in_a_sentence_belongs_to_its_command(told: Told) -> None:
    command = told.text.split()[0]

    assert [option for option in re.findall(r"--[a-z-]+", told.text) if option not in _options(command)] == []


def test_every_target_of_make_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", _text(ROOT / "Makefile"), re.MULTILINE))

    named = {found[1] for each in told_lines() if (found := re.match(r"make ([a-z-]+)", each.text))}

    assert named - targets == set()
    assert {"demo", "test", "setup"} <= named


def test_every_module_that_is_run_is_there() -> None:
    named = {found[1] for each in told_lines() if (found := re.search(r"python -m (tests[\w.]*)", each.text))}

    missing = [
        name for name in named if not any((ROOT / name.replace(".", "/")).parent.glob(f"{name.split('.')[-1]}*"))
    ]
    assert missing == []
    assert "tests.cost_page" in named


def test_every_file_that_is_named_is_there() -> None:
    named = {(page.name, path) for page in PAGES for path in _FILE.findall(_text(page))}

    assert [f"{page}: {path}" for page, path in sorted(named) if not (ROOT / path).exists()] == []


def _settable() -> set[str]:
    handed = re.findall(r"\$\{([A-Z_]+)", _text(ROOT / "infra" / "main.parameters.json"))
    hooks = "".join(_text(hook) for hook in (ROOT / "infra" / "hooks").glob("*.sh"))
    return {*handed, *re.findall(r"\$\{(RESPONDER_[A-Z_]+):-", hooks), *OF_AZD, "NAME"}


def test_every_variable_that_azd_is_told_is_read_by_the_templates_or_the_hooks() -> None:
    named = {Told(each.page, name) for each in told_lines() for name in re.findall(r"azd env set ([A-Z_]+)", each.text)}

    assert [str(each) for each in named if each.text not in _settable()] == []
    assert len(named) > 20


def test_every_variable_that_azd_is_asked_for_is_told_by_the_template() -> None:
    outputs = set(re.findall(r"^output ([A-Z_]+) ", _text(ROOT / "infra" / "main.bicep"), re.MULTILINE))

    named = {name for each in told_lines() for name in re.findall(r"azd env get-value ([A-Z_]+)", each.text)}

    assert named - outputs - _settable() == set()
    assert "RESPONDER_PRINCIPAL_ID" in named


def _templates() -> list[tuple[Told, str, list[str]]]:
    """Each deployment that a page tells: the template, and the names of the parameters it is given."""
    found = []
    for each in told_lines():
        template = re.search(r"(?:--template-file|-f) (\S+\.bicep)", each.text)
        if template:
            found.append((each, template[1], re.findall(r" ([a-z]\w+)=", each.text)))
    return found


@pytest.mark.parametrize(("told", "template", "given"), _templates(), ids=lambda each: str(each)[:60])
def test_every_parameter_that_a_deployment_is_given_is_one_of_its_template(
    told: Told, template: str, given: list[str]
) -> None:
    declared = re.findall(r"^param (\w+) \w+( =)?", _text(ROOT / template), re.MULTILINE)

    required = {name for name, default in declared if not default}

    assert set(given) <= {name for name, _ in declared}
    assert required <= set(given), told


def _az() -> list[Told]:
    found = (Told(each.page, command) for each in told_lines() for command in commands_in(each.text))
    return list({str(each): each for each in found}.values())


@pytest.mark.parametrize("told", _az(), ids=str)
def test_every_option_of_az_is_one_that_it_has(told: Told) -> None:
    assert misunderstood(told.text) == []


def test_every_command_of_az_in_a_guide_was_looked_up() -> None:
    named = {name_of(each.text) for each in _az() if each.page.removesuffix(".md") in GUIDES}

    assert sorted(named - known().keys()) == []
    assert len(named) > 30


def test_an_option_that_az_does_not_have_is_told() -> None:
    assert misunderstood('az group create --name x --place "west europe" -l x') == ["--place"]


def _slugs(text: str) -> set[str]:
    """The anchors of a page as GitHub makes them: lower case, no punctuation, spaces as hyphens."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _links() -> Iterator[tuple[Path, str, str]]:
    for page in PAGES:
        for target, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", _text(page)):
            yield page, target, anchor


def test_every_link_leads_to_a_file_and_a_heading() -> None:
    broken = []
    for page, target, anchor in _links():
        there = (page.parent / target).resolve() if target else page
        if not there.exists() or (anchor and anchor not in _slugs(_text(there))):
            broken.append(f"{page.relative_to(ROOT)}: {target}#{anchor}")

    assert broken == []


@cache
def _parsed() -> dict[str, Parsed]:
    texts = [each.text for each in _blocks("kusto")]
    return dict(zip(texts, parse_all(texts), strict=True))


@pytest.mark.parametrize("told", _blocks("kusto"), ids=lambda told: f"{told.page}: {told.text.split(chr(10))[2][:50]}")
def test_every_query_fits_the_tables_and_names_what_the_app_tells(told: Told) -> None:
    parsed = _parsed()[told.text]

    assert parsed.problems == ()
    assert unheard(parsed) == []


@pytest.mark.parametrize(
    "told", [each for each in _blocks("yaml") if each.text.startswith("version:")], ids=lambda told: str(told)[:60]
)
def test_every_whole_rules_file_can_be_read(told: Told) -> None:
    assert read_rules(told.text).version == 1


def test_every_guide_is_linked_from_the_readme_and_says_that_nothing_was_run() -> None:
    readme = _text(ROOT / "README.md")

    assert [name for name in GUIDES if f"](docs/{name}.md)" not in readme] == []
    silent = [name for name in GUIDES if "was not run" not in _said(name) and "was run against" not in _said(name)]
    assert silent == []


def _said(name: str) -> str:
    return " ".join(_text(ROOT / "docs" / f"{name}.md").split())
