"""What azd would hand to the main template, without azd."""

import json

import pytest

from tests.infra.azd_parameters import BadParameter, filled_in
from tests.infra.bicep import INFRA, template

DOCUMENT = json.loads((INFRA / "main.parameters.json").read_text(encoding="utf-8"))
PARAMETERS = template(INFRA / "main.bicep").parameters
TYPES = {each.name: each.type for each in PARAMETERS.values()}


def given(**variables: str) -> dict[str, object]:
    document = filled_in(DOCUMENT, TYPES, {"AZURE_ENV_NAME": "prod", "AZURE_LOCATION": "westeurope", **variables})
    told = document["parameters"]
    assert isinstance(told, dict)
    return {name: each["value"] for name, each in told.items()}


def test_variables_are_handed_over_as_values_of_their_parameters_type() -> None:
    told = given(RESPONDER_MODE="enforce", RESPONDER_MAXIMUM_INSTANCES="60", RESPONDER_ALERTS="false")

    assert (told["environmentName"], told["mode"]) == ("prod", "enforce")
    assert (told["maximumInstanceCount"], told["alerts"]) == (60, False)


def test_what_is_not_told_has_its_default_or_is_left_to_the_template() -> None:
    told = given()

    assert told["pythonVersion"] == "3.11"
    assert "alertEmails" not in told


def test_defaults_in_the_file_are_those_of_the_template() -> None:
    other = {name: (told, PARAMETERS[name].default) for name, told in given().items() if name in PARAMETERS}

    assert {name: both for name, both in other.items() if both[0] != both[1]}.keys() == {"environmentName", "location"}


def test_a_value_of_another_type_is_named() -> None:
    with pytest.raises(BadParameter, match="maximumInstanceCount is 'many', which is no int"):
        given(RESPONDER_MAXIMUM_INSTANCES="many")
