from datetime import UTC, datetime
from pathlib import Path

import pytest

from responder.adapters.survey_notebook import BadNotebook, Notebook, Unfinished
from tests.core.builders import ASSIGNMENT, DEFINITION, GROUP, SUBSCRIPTION, vault

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SCOPE = SUBSCRIPTION


def a_notebook(folder: Path) -> Notebook:
    notebook = Notebook(folder / "progress")
    notebook.begin("https://management.azure.com", [SCOPE], NOW)
    return notebook


def a_row(resource: str, **changes: object) -> dict[str, object]:
    return {
        "resourceId": resource,
        "policyAssignmentId": ASSIGNMENT,
        "policyDefinitionId": DEFINITION,
        "complianceState": "NonCompliant",
        "timestamp": "2026-11-20T12:00:00Z",
        **changes,
    }


def names(notebook: Notebook) -> list[str]:
    return [state.resource.name for state in notebook.states()]


def test_states_come_group_by_group_and_those_outside_any_group_last(tmp_path: Path) -> None:
    notebook = a_notebook(tmp_path)
    other = vault("kv2", f"{SUBSCRIPTION}/resourceGroups/RG-B")

    notebook.add_page(SCOPE, [a_row(SUBSCRIPTION), a_row(other), a_row(vault("kv3")), a_row(vault("KV1"))], None)

    assert names(notebook) == ["kv1", "kv3", "kv2", SUBSCRIPTION.rpartition("/")[2]]
    assert len(list(notebook.units())) == 1


def test_a_state_that_is_read_twice_is_one_and_the_newer_scan_counts(tmp_path: Path) -> None:
    notebook = a_notebook(tmp_path)
    newer = a_row(vault("kv1").upper().replace("/SUBSCRIPTIONS", "/subscriptions"), timestamp="2026-11-20T13:00:00Z")

    notebook.add_page(SCOPE, [newer, a_row(vault("kv1"))], "next")
    notebook.add_page(SCOPE, [newer], None)

    (state,) = notebook.states()
    assert state.observed.scan % (24 * 3600 * 10**7) == 13 * 3600 * 10**7


def test_what_cannot_be_understood_is_counted_and_what_is_compliant_is_not(tmp_path: Path) -> None:
    notebook = a_notebook(tmp_path)
    rows = [
        a_row("nonsense"),
        a_row(vault("kv1"), policyAssignmentId=GROUP),
        a_row(vault("kv2"), complianceState="Exempt"),
    ]

    notebook.add_page(SCOPE, rows, None)

    assert (notebook.count, notebook.unreadable) == (0, 2)


def test_a_page_is_written_down_with_the_link_to_the_next(tmp_path: Path) -> None:
    first = a_notebook(tmp_path)
    first.add_page(SCOPE, [a_row(vault("kv1"))], "https://management.azure.com/next")
    first.close()

    again = a_notebook(tmp_path)

    assert again.unfinished() == [Unfinished(SCOPE, "https://management.azure.com/next")]
    assert names(again) == ["kv1"]


def test_a_file_that_is_no_progress_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "progress").write_text("rules: []\n" * 100, encoding="utf-8")

    with pytest.raises(BadNotebook, match="cannot be used as a progress file"):
        a_notebook(tmp_path)
