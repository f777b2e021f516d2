"""What checkov did not read fails as what it finds does. The reports are cut from those of a real run."""

from pathlib import Path

from tests.infra.bicep import files
from tests.infra.scan import Scan, declared_in, problems

STORE = "Microsoft.Storage/storageAccounts.st"
DECLARED = {"/ok.bicep": [STORE]}
MATERIALS = {"components": [{"name": STORE, "bom-ref": f"pkg:bicep/cli_repo/cktest/ok.bicep/{STORE}@sha1:be4f315f"}]}


def a_report(**results: object) -> dict[str, object]:
    return {
        "results": {"passed_checks": [], "failed_checks": [], "skipped_checks": [], "parsing_errors": [], **results}
    }


def test_a_scan_without_findings_has_no_problems() -> None:
    assert problems(Scan(a_report(), MATERIALS), DECLARED) == []


def test_a_template_that_checkov_cannot_parse_is_a_problem_though_checkov_counts_no_failure() -> None:
    scan = Scan(a_report(parsing_errors=["bad.bicep"]), MATERIALS)

    assert problems(scan, DECLARED) == ["bad.bicep: checkov cannot parse it"]


def test_a_failed_check_is_told_with_its_place() -> None:
    finding = {
        "check_id": "CKV_AZURE_44",
        "check_name": "Ensure Storage Account is using the latest version of TLS encryption",
        "file_path": "/ok.bicep",
        "file_line_range": [2, 7],
        "resource": STORE,
    }

    (told,) = problems(Scan(a_report(failed_checks=[finding]), MATERIALS), DECLARED)

    assert told.startswith(f"/ok.bicep:2: CKV_AZURE_44 {STORE}: Ensure")


def test_a_resource_that_was_not_scanned_is_a_problem() -> None:
    other = {**DECLARED, "/more.bicep": ["Microsoft.Web/sites.app"]}

    assert problems(Scan(a_report(), MATERIALS), other) == ["/more.bicep: checkov did not scan Microsoft.Web/sites.app"]


def test_the_same_resource_in_another_file_does_not_count_as_scanned() -> None:
    assert problems(Scan(a_report(), MATERIALS), {"/more.bicep": [STORE]}) != []


def test_resources_that_exist_already_need_no_scan(tmp_path: Path) -> None:
    (tmp_path / "a.bicep").write_text(
        "resource old 'Microsoft.Web/sites@2024-04-01' existing = {\n  name: 'old'\n}\n"
        "resource new 'Microsoft.Web/sites@2024-04-01' = if (true) {\n  name: 'new'\n}\n"
    )

    assert declared_in(tmp_path) == {"/a.bicep": ["Microsoft.Web/sites.new"]}


def test_every_skipped_check_says_why_and_stands_inside_its_resource() -> None:
    told = [line for path in files() for line in path.read_text("utf-8").splitlines() if "checkov:skip=" in line]

    reasons = [line.partition("checkov:skip=")[2].partition(":")[2] for line in told]
    assert [reason for reason in reasons if len(reason.split()) < 3] == []
    assert [line for line in told if not line.startswith("  ")] == []
