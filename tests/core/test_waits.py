from dataclasses import replace
from datetime import timedelta

from responder.core.resource_id import resource_id
from responder.core.waits import waits
from tests.core.builders import GROUP, SETTINGS, vault

KV = resource_id(vault("kv1"))


def test_a_resource_waits_for_its_news_its_states_and_its_verification() -> None:
    told = waits(KV, SETTINGS, timedelta(0), opens=True)

    assert told[0] == "more news of this resource: PT2M after the latest and PT15M at most"
    assert any("PT20M to P1D" in wait for wait in told)
    assert told[-1].endswith("within PT1H of that end")


def test_azures_own_attempt_is_waited_for_first() -> None:
    assert waits(KV, SETTINGS, timedelta(minutes=10), opens=True)[0] == "Azure's own attempt: PT10M after the scan"


def test_a_group_says_when_one_task_serves_all_and_a_group_as_a_subject_stands_alone() -> None:
    grouped = replace(SETTINGS, gather_by="resourceGroup")

    assert any("one task for all" in wait for wait in waits(KV, grouped, timedelta(0), opens=True))
    assert not any("one task for all" in wait for wait in waits(resource_id(GROUP), grouped, timedelta(0), opens=True))


def test_what_is_only_observed_waits_for_no_task() -> None:
    told = waits(KV, SETTINGS, timedelta(0), opens=False)

    assert not any("pause switch" in wait or "new word" in wait for wait in told)
