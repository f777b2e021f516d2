"""What the doctor says and expects agrees with the documentation, the templates and the app."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from responder.core.deployment_names import OF_DEPLOYMENT
from responder.core.doctor import Check, Section, Verdict
from responder.core.doctor_delivery import FUNCTION, QUEUE, TYPES
from responder.core.doctor_rights import NEEDED, ROLE
from responder.core.doctor_settings import USUAL
from responder.core.policy_state import Rejection, parse

ROOT = Path(__file__).parents[3]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
DEPLOY = json.loads((ROOT / "infra" / "deploy.json").read_text(encoding="utf-8"))
SETTINGS = (ROOT / "responder" / "adapters" / "settings.py").read_text(encoding="utf-8")
APP = (ROOT / "function_app.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("word", [*Section, *Check, *Verdict])
def test_every_word_of_the_doctor_is_explained(word: str) -> None:
    assert f"`{word}`" in OPERATIONS


def test_the_doctor_looks_for_exactly_the_actions_of_the_custom_role() -> None:
    assert set(NEEDED) == {each["name"] for each in DEPLOY["customRole"]["actions"]}
    assert DEPLOY["customRole"]["name"] == ROLE


def test_the_doctor_expects_the_delivery_that_is_deployed_and_that_the_app_binds() -> None:
    events = DEPLOY["events"]

    assert (events["function"], events["queue"], tuple(events["includedEventTypes"])) == (FUNCTION, QUEUE, TYPES)
    assert (f'function_name("{FUNCTION}")' in APP, f'queue_name="{QUEUE}"' in APP) == (True, True)


def test_every_event_type_that_the_doctor_expects_is_one_that_the_app_reads() -> None:
    answers = [parse({"eventType": kind, "id": "1", "data": {}}) for kind in TYPES]

    assert [answer.reason for answer in answers if isinstance(answer, Rejection)].count("unknown-type") == 0  # type: ignore[arg-type]


def test_the_doctor_knows_every_setting_that_the_app_reads() -> None:
    read = set(
        re.findall(
            r'"((?:RESPONDER|APPLICATIONINSIGHTS)_[A-Z_]+|OTEL_EXPORTER_OTLP_ENDPOINT|AZURE_CLIENT_ID)"', SETTINGS
        )
    )

    assert set(USUAL) == read


def test_no_parameter_of_the_templates_is_taken_for_a_misspelt_setting() -> None:
    files = [ROOT / "azure.yaml", *(ROOT / ".github").rglob("*.yml"), *(ROOT / "infra").rglob("*")]
    texts = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
    named = {name for text in texts for name in re.findall(r"\bRESPONDER_[A-Z_]*[A-Z]\b", text)}

    assert len(named) > 20
    assert named - OF_DEPLOYMENT - set(USUAL) == set()
