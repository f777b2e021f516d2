from datetime import timedelta

import pytest

from responder.adapters.settings import BadSettings, Settings, TelemetryIdentity, read_settings

LAPTOP = {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}
KEY = "AccountKey=c2VjcmV0LWtleQ=="


def settings(**environment: str) -> Settings:
    return read_settings(LAPTOP | environment)


def problems_of(environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(BadSettings) as caught:
        read_settings(environment)
    return caught.value.problems


def test_storage_alone_is_enough_and_the_rest_has_defaults() -> None:
    read = settings()

    assert (read.rules, read.mode, read.sweep) == ("rules.yaml", None, "0 * * * * *")
    assert (read.lease, read.retention) == (timedelta(minutes=1), timedelta(days=60))
    assert (read.arm_endpoint, read.arm_scope, read.arm_anonymous) == (
        "https://management.azure.com",
        "https://management.azure.com/.default",
        False,
    )


def test_an_empty_setting_counts_as_not_set() -> None:
    read = settings(RESPONDER_MODE="", RESPONDER_LEASE="  ", RESPONDER_OWN_SCOPES="", RESPONDER_RULES="")

    assert read == settings()


def test_every_problem_is_reported_at_once_and_by_name() -> None:
    problems = problems_of(
        {
            "RESPONDER_MODE": "both",
            "RESPONDER_ARM_ENDPOINT": "http://example.com",
            "RESPONDER_SWEEP": "every minute",
            "RESPONDER_LEASE": "PT1S",
            "RESPONDER_RETENTION": "P1D",
            "RESPONDER_OWN_SCOPES": "/subscriptions/x, rg-a",
            "APPLICATIONINSIGHTS_CONNECTION_STRING": "nonsense",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318",
        }
    )

    assert [problem.split()[0] for problem in problems] == [
        "AzureWebJobsStorage",
        "RESPONDER_MODE",
        "RESPONDER_ARM_ENDPOINT",
        "RESPONDER_SWEEP",
        "RESPONDER_LEASE",
        "RESPONDER_RETENTION",
        "RESPONDER_OWN_SCOPES",
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ]
    assert all("\n" not in problem for problem in problems)


@pytest.mark.parametrize(
    ("told", "endpoint", "anonymous"),
    [
        ("https://management.usgovcloudapi.net/", "https://management.usgovcloudapi.net", False),
        ("https://Management.ChinaCloudAPI.cn", "https://management.chinacloudapi.cn", False),
        ("http://127.0.0.1:8081", "http://127.0.0.1:8081", True),
        ("http://localhost:8081/", "http://localhost:8081", True),
        ("http://[::1]:8081", "http://[::1]:8081", True),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443", False),
    ],
)
def test_the_endpoint_may_be_a_sovereign_cloud_or_the_simulator(told: str, endpoint: str, anonymous: bool) -> None:
    read = settings(RESPONDER_ARM_ENDPOINT=told)

    assert (read.arm_endpoint, read.arm_anonymous) == (endpoint, anonymous)
    assert read.arm_scope == f"{endpoint}/.default"


@pytest.mark.parametrize(
    "told",
    [
        "http://management.azure.com",
        "http://127.0.0.1.example.com",
        "https://user:pass@management.azure.com",
        "https://management.azure.com/subscriptions",
        "https://management.azure.com?x=1",
        "management.azure.com",
        "ftp://127.0.0.1",
        "https://host:port",
        "https://",
        "https://a b",
    ],
)
def test_an_endpoint_that_could_leak_a_token_or_cannot_work_is_refused(told: str) -> None:
    problems = problems_of(LAPTOP | {"RESPONDER_ARM_ENDPOINT": told})

    assert len(problems) == 1
    assert "pass" not in problems[0]


def test_the_development_storage_is_azurite_on_this_machine() -> None:
    text = settings().storage.connection_string

    assert text is not None
    assert "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1" in text
    assert "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1" in text


def test_an_account_name_is_enough_for_an_identity() -> None:
    read = read_settings({"AzureWebJobsStorage__accountName": "acct", "AzureWebJobsStorage__clientId": "c-1"})

    assert (read.storage.connection_string, read.storage.client_id) == (None, "c-1")
    assert read.storage.table == "https://acct.table.core.windows.net"
    assert read.storage.queue == "https://acct.queue.core.windows.net"


def test_service_addresses_win_over_the_account_name() -> None:
    read = read_settings(
        {
            "AzureWebJobsStorage__accountName": "acct",
            "AzureWebJobsStorage__tableServiceUri": "https://acct.table.core.usgovcloudapi.net/",
            "AzureWebJobsStorage__credential": "managedidentity",
        }
    )

    assert read.storage.table == "https://acct.table.core.usgovcloudapi.net"
    assert read.storage.queue == "https://acct.queue.core.windows.net"
    assert read.storage.managed_identity


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"AzureWebJobsStorage": "nonsense"},
        {"AzureWebJobsStorage": KEY},
        {"AzureWebJobsStorage__tableServiceUri": "https://acct.table.core.windows.net"},
        {"AzureWebJobsStorage__accountName": "a", "AzureWebJobsStorage__credential": "workload"},
        {"AzureWebJobsStorage__accountName": "a", "AzureWebJobsStorage__queueServiceUri": "http://a.example.com"},
        {"AzureWebJobsStorage__accountName": "a", "AzureWebJobsStorage__queueServiceUri": "https://["},
    ],
)
def test_storage_that_cannot_be_reached_is_one_clear_sentence(environment: dict[str, str]) -> None:
    problems = problems_of(environment)

    assert len(problems) == 1
    assert problems[0].startswith("AzureWebJobsStorage")


def test_secrets_are_in_neither_a_message_nor_a_repr() -> None:
    read = settings(
        AzureWebJobsStorage=f"AccountName=a;{KEY}",
        APPLICATIONINSIGHTS_CONNECTION_STRING="InstrumentationKey=secret-ikey",
    )
    problems = problems_of({"AzureWebJobsStorage": KEY})

    assert "secret" not in repr(read)
    assert "c2VjcmV0" not in repr(read) + "".join(problems)


def test_own_scopes_are_folded_ids() -> None:
    group, above = "/subscriptions/ABC/resourceGroups/RG-Me/", "/providers/Microsoft.Management/managementGroups/Mine"

    read = settings(RESPONDER_OWN_SCOPES=f"{group} , {above}")

    assert read.own_scopes == (
        "/subscriptions/abc/resourcegroups/rg-me",
        "/providers/microsoft.management/managementgroups/mine",
    )


@pytest.mark.parametrize("schedule", ["0 */5 * * * *", "0 0 8-18 * * MON-FRI", "0,30 * * * * *"])
def test_a_schedule_has_six_fields(schedule: str) -> None:
    assert settings(RESPONDER_SWEEP=schedule).sweep == schedule


def test_limits_that_protect_the_protocol_can_be_met_exactly() -> None:
    read = settings(RESPONDER_LEASE="PT5S", RESPONDER_RETENTION="P8D", RESPONDER_MODE="Enforce")

    assert (read.lease, read.retention, read.mode) == (timedelta(seconds=5), timedelta(days=8), "enforce")


def test_states_are_compared_every_six_hours_and_at_most_every_minute() -> None:
    assert settings().backfill_every == timedelta(hours=6)
    assert settings(RESPONDER_BACKFILL_EVERY="PT1M").backfill_every == timedelta(minutes=1)

    problems = problems_of(LAPTOP | {"RESPONDER_BACKFILL_EVERY": "PT59S"})

    assert problems == (
        "RESPONDER_BACKFILL_EVERY is 'PT59S'; all states of the boundary are read each time, so at least PT1M; "
        "PT6H is usual",
    )


def test_telemetry_goes_with_a_token_where_the_component_asks_for_one() -> None:
    told = settings(APPLICATIONINSIGHTS_AUTHENTICATION_STRING="Authorization=AAD;ClientId=1b2c")

    assert settings().telemetry_identity is None
    assert told.telemetry_identity == TelemetryIdentity("1b2c")
    assert settings(APPLICATIONINSIGHTS_AUTHENTICATION_STRING="authorization=aad").telemetry_identity == (
        TelemetryIdentity()
    )


def test_telemetry_goes_over_tls_or_to_this_machine() -> None:
    key = "InstrumentationKey=k;IngestionEndpoint="

    assert len(problems_of({"APPLICATIONINSIGHTS_CONNECTION_STRING": f"{key}http://collector.example/"})) == 2
    assert settings(APPLICATIONINSIGHTS_CONNECTION_STRING=f"{key}http://127.0.0.1:4318/").application_insights
    assert settings(APPLICATIONINSIGHTS_CONNECTION_STRING=f"{key}https://x.in.ai.azure.com/").application_insights


def test_the_topic_of_outcome_events_keeps_its_path() -> None:
    topic = "https://outcomes.westeurope-1.eventgrid.azure.net/api/events"

    assert settings(RESPONDER_OUTCOME_TOPIC=f"{topic}/").outcome_topic == topic


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "ClientId=1b2c"),
        ("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "Authorization=AAD;Key=1"),
        ("RESPONDER_EVENT_SAMPLING", "10%"),
        ("RESPONDER_EVENT_SAMPLING", "nan"),
        ("RESPONDER_EVENT_SAMPLING", "1.5"),
        ("RESPONDER_OUTCOME_TOPIC", "outcomes"),
        ("RESPONDER_OUTCOME_TOPIC", "http://outcomes.example.com/api/events"),
        ("RESPONDER_OUTCOME_TOPIC", "https://outcomes.example.com/api/events?sas=1"),
    ],
)
def test_a_setting_that_tells_telemetry_where_to_go_is_named_when_it_is_wrong(name: str, value: str) -> None:
    (problem,) = problems_of(LAPTOP | {name: value})

    assert problem.startswith(f"{name} ")
