"""The templates fit together: names, modules, their parameters and outputs, API versions."""

import json
import re
from pathlib import Path

import pytest

from tests.infra.bicep import INFRA, Expression, Template, Value, template, templates
from tests.infra.references import problems

ALL = templates()


@pytest.mark.parametrize("read", ALL, ids=lambda read: read.place)
def test_a_template_names_only_what_is_there(read: Template) -> None:
    assert problems(read) == []


def test_what_does_not_fit_together_is_named(tmp_path: Path) -> None:
    (tmp_path / "inner.bicep").write_text("targetScope = 'subscription'\nparam a string\noutput o string = a\n")
    outer = tmp_path / "outer.bicep"
    outer.write_text(
        "param unused string\nvar used = nowhere\n"
        "module inner 'inner.bicep' = {\n  name: used\n  params: {\n    b: 1\n  }\n}\n"
        "module gone 'gone.bicep' = {\n  name: 'gone'\n}\noutput p string = inner.outputs.p\n"
    )

    told = "\n".join(problems(template(outer)))

    assert "nowhere is declared nowhere" in told
    assert "unused is declared and not used" in told
    assert all(
        sentence in told
        for sentence in (
            "is given b, which inner.bicep does not take",
            "is not given a, which inner.bicep demands",
            "is deployed to a resourceGroup, and inner.bicep is for a subscription",
            "names gone.bicep, which is not there",
            "inner.bicep has no output p",
        )
    )


@pytest.mark.parametrize("read", ALL, ids=lambda read: read.place)
def test_what_may_not_be_there_is_asked_for_only_where_it_is(read: Template) -> None:
    # github.com/Azure/bicep/issues/3990: Resource Manager evaluates it even where the condition is false.
    perhaps = {each.name for each in read.modules if each.condition}
    perhaps |= {each.name for each in read.resources if each.condition}
    given = [(each, told) for each in read.modules for told in each.params.values()]
    by_condition = perhaps | {each.name for each in read.resources if each.existing}

    asked = [told for each, told in given if _asks(told, by_condition if each.condition else perhaps)]
    asked += [told for told in read.outputs.values() if _asks(told, perhaps)]
    assert asked == []


def _asks(told: Value, names: set[str]) -> bool:
    """Whether a value holds something of a name that only Azure knows, and no question before it."""
    text = str(told) if not isinstance(told, Expression) else told.text
    return " ? " not in text and any(re.search(rf"\b{name}\.(outputs|properties|identity)\b", text) for name in names)


def test_every_parameter_says_what_it_means() -> None:
    silent = [f"{read.place}: {each.name}" for read in ALL for each in read.parameters.values() if not each.description]

    assert silent == []


def test_azd_hands_over_parameters_that_the_main_template_takes() -> None:
    handed = json.loads((INFRA / "main.parameters.json").read_text(encoding="utf-8"))["parameters"]
    taken = template(INFRA / "main.bicep").parameters

    assert sorted(handed.keys() - taken.keys()) == []
    assert sorted({each.name for each in taken.values() if each.required} - handed.keys()) == []


def test_a_type_has_one_api_version_everywhere() -> None:
    versions: dict[str, set[str]] = {}
    for read in ALL:
        for resource in read.resources:
            versions.setdefault(resource.type, set()).add(resource.api_version)

    assert {kind: found for kind, found in versions.items() if len(found) > 1} == {}


def test_api_versions_are_dates_and_a_preview_says_why() -> None:
    said = {(read.place, each.type) for read in ALL for each in read.resources if "preview" in each.comment.lower()}
    previews = [
        f"{read.place}:{each.line}: {each.type}@{each.api_version}"
        for read in ALL
        for each in read.resources
        if "preview" in each.api_version and (read.place, each.type) not in said
    ]
    versions = {each.api_version for read in ALL for each in read.resources}

    assert previews == []
    assert [each for each in versions if not re.fullmatch(r"20\d\d-\d\d-\d\d(-preview)?", each)] == []
