"""What the host reads before it starts: local.settings.json, host.json, connections."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from responder.local.host.app_settings import AppSettings, read_app_settings
from responder.local.host.host_json import QueueOptions, read_host_json
from responder.local.host.trouble import HostError

PROJECT = Path(__file__).parents[2]


def written(folder: Path, name: str, content: object) -> Path:
    (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def test_values_become_settings_and_the_environment_wins(tmp_path: Path) -> None:
    written(tmp_path, "local.settings.json", {"Values": {"A": "file", "B": "file"}})

    settings = read_app_settings(tmp_path, {"B": "environment"})

    assert settings.values == {"A": "file", "B": "environment"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not JSON"),
        ([], "object"),
        ({"IsEncrypted": True, "Values": {}}, "encrypted"),
        ({"Values": {"PORT": 1, "GOOD": "x", "FLAG": True}}, "PORT, FLAG"),
    ],
)
def test_a_settings_file_that_cannot_be_used_is_refused(tmp_path: Path, content: object, said: str) -> None:
    written(tmp_path, "local.settings.json", content)

    with pytest.raises(HostError, match=said):
        read_app_settings(tmp_path, {})


def test_names_between_percent_signs_are_replaced() -> None:
    settings = AppSettings({"SWEEP": "0 * * * * *"})

    assert settings.resolve("%SWEEP%", "schedule") == "0 * * * * *"
    with pytest.raises(HostError, match="schedule of function tick names the setting OTHER"):
        settings.resolve("%OTHER%", "schedule of function tick")


def test_the_short_form_for_the_emulator_is_written_out() -> None:
    storage = AppSettings({"AzureWebJobsStorage": "UseDevelopmentStorage=true"}).storage("AzureWebJobsStorage")

    assert "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1" in storage


def test_a_connection_is_also_found_under_its_prefix() -> None:
    assert AppSettings({"AzureWebJobsOther": "x=y"}).storage("Other") == "x=y"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "AzureWebJobsStorage is missing"),
        ({"AzureWebJobsStorage": ""}, "AzureWebJobsStorage is missing"),
        ({"AzureWebJobsStorage__accountName": "x"}, "uses an identity"),
    ],
)
def test_a_connection_that_is_not_there_is_named(values: dict[str, str], said: str) -> None:
    with pytest.raises(HostError, match=said):
        AppSettings(values).storage("AzureWebJobsStorage")


def test_the_queue_settings_of_the_product_are_understood() -> None:
    options = read_host_json(PROJECT)

    assert options.queues == QueueOptions(
        visibility_timeout=timedelta(seconds=30), max_polling_interval=timedelta(seconds=1)
    )


@pytest.mark.parametrize(
    ("queues", "said"),
    [
        ({"batchSize": 33}, "batchSize must be a number from 1 to 32"),
        ({"batchSize": "16"}, "batchSize"),
        ({"visibilityTimeout": "30s"}, "visibilityTimeout must be a time like"),
        ({"messageEncoding": "utf"}, "base64 or none"),
        ([], "object"),
    ],
)
def test_a_host_json_that_cannot_be_used_is_refused(tmp_path: Path, queues: object, said: str) -> None:
    written(tmp_path, "host.json", {"version": "2.0", "extensions": {"queues": queues}})

    with pytest.raises(HostError, match=said):
        read_host_json(tmp_path)


def test_a_missing_host_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(HostError, match=r"host\.json is missing"):
        read_host_json(tmp_path)
