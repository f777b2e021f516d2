"""`survey` and `export` as a person runs them, against a wide estate on the simulator."""

import csv
import gzip
import io
import json
from pathlib import Path

import pytest

from tests.commands.survey_scene import RULES, a_scene
from tests.local.wide_estate import MANAGEMENT_GROUP, subscription, subscriptions

Capsys = pytest.CaptureFixture[str]
Monkeypatch = pytest.MonkeyPatch


async def test_two_thousand_states_of_twenty_subscriptions_through_throttling(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch
) -> None:
    async with a_scene(tmp_path, capsys, monkeypatch, 20, 100, subscriptions(20)) as scene:
        await scene.dials(pageSize=60)
        wait = {"Retry-After": "0.1"}
        await scene.fault(method="POST", path="queryresults", status=429, headers=wait, times=6, after=5)
        await scene.fault(method="POST", path="queryresults", status=503, headers=wait, times=2, after=20)
        await scene.fault(method="GET", path="policyassignments", status=429, headers=wait, times=5)

        code, out, err = await scene.run("survey", "--json")

        totals = json.loads(out)["totals"]
        assert (code, totals["nonCompliant"]) == (0, 2000)
        assert totals["resources"] + totals["inTheWay"] + totals["leftAlone"] == 2000
        assert "waiting" in err
        assert "facts-unreadable" not in out


async def test_the_report_is_the_same_whether_pages_are_small_or_large_and_from_azure_or_from_a_file(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch
) -> None:
    file = str(tmp_path / "estate.jsonl.gz")
    async with a_scene(tmp_path, capsys, monkeypatch) as scene:
        _code, large, _err = await scene.run("survey", "--json")
        await scene.dials(pageSize=7)
        _code, small, _err = await scene.run("survey", "--json")
        exported, _out, _err = await scene.run("export", file)
        monkeypatch.setenv("RESPONDER_ARM_ENDPOINT", "http://127.0.0.1:9")
        code, offline, _err = await scene.run("survey", "--json", "--from", file)

    assert (exported, code) == (0, 0)
    assert large == small == offline
    assert json.loads(offline)["totals"]["nonCompliant"] == 200


async def test_what_stands_in_the_way_says_which_assignment_and_what_mends_it(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch
) -> None:
    async with a_scene(tmp_path, capsys, monkeypatch) as scene:
        _code, out, _err = await scene.run("survey", "--json")

    obstacles = {line["reason"]: line for line in json.loads(out)["inTheWay"]}
    assert set(obstacles) == {"assignment-has-no-identity", "enforcement-off"}
    (concerned,) = obstacles["assignment-has-no-identity"]["assignments"]
    assert concerned["assignment"].endswith("/deploy-2")
    assert "identity" in obstacles["assignment-has-no-identity"]["mend"]


async def test_a_role_that_an_identity_lacks_is_told_once_with_the_command_that_grants_it(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch
) -> None:
    async with a_scene(tmp_path, capsys, monkeypatch) as scene:
        _code, out, _err = await scene.run("survey", "--json")

    (missing,) = json.loads(out)["missingRoles"]
    assert missing["assignment"].endswith("/deploy-7")
    assert missing["resources"] > 1
    assert f"--scope {MANAGEMENT_GROUP.lower()}" in missing["command"]


async def test_a_person_reads_tables_and_is_told_that_nothing_would_be_opened_yet(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch
) -> None:
    async with a_scene(tmp_path, capsys, monkeypatch) as scene:
        code, out, _err = await scene.run("survey")

    assert code == 0
    assert "mode observe: nothing would be opened" in out
    assert all(part in out for part in ("By rule", "By assignment", "In the way", "Left alone", "Surprises"))


async def test_the_csv_has_one_row_for_each_resource_and_policy(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch
) -> None:
    async with a_scene(tmp_path, capsys, monkeypatch) as scene:
        _code, out, _err = await scene.run("survey", "--csv")

    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 200
    assert {row["fate"] for row in rows} == {"opened", "in-the-way", "left-alone"}
    assert all(bool(row["taskScope"]) == (row["fate"] == "opened") for row in rows)


async def test_markdown_is_written_to_the_named_file(tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch) -> None:
    page = tmp_path / "survey.md"
    async with a_scene(tmp_path, capsys, monkeypatch) as scene:
        code, out, _err = await scene.run("survey", "--markdown", "--out", str(page))

    text = page.read_text(encoding="utf-8")
    assert (code, out) == (0, "")
    assert text.startswith("### Survey")
    assert "| rule | action | tasks |" in text


@pytest.mark.parametrize(("allowed", "code"), [(0, 1), (28, 1), (1000, 0)])
async def test_a_pull_request_fails_when_more_is_newly_remediated_than_it_may(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch, allowed: int, code: int
) -> None:
    main_rules = tmp_path / "main.yaml"
    main_rules.write_text(
        RULES.format(within=MANAGEMENT_GROUP).replace("[deployIfNotExists, modify]", "modify"), encoding="utf-8"
    )
    words = ["survey", "--json", "--against", str(main_rules), "--fail-over", str(allowed)]
    async with a_scene(tmp_path, capsys, monkeypatch) as scene:
        ended, out, err = await scene.run(*words)

    newly = json.loads(out)["totals"]["newlyRemediated"]
    assert newly > 28
    assert ended == code
    assert (f"{newly} resources would newly be remediated" in err) == (code == 1)


async def test_a_reading_that_is_broken_off_goes_on_where_it_was(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch
) -> None:
    progress = tmp_path / "progress"
    async with a_scene(tmp_path, capsys, monkeypatch) as scene:
        await scene.dials(pageSize=20)
        _code, whole, _err = await scene.run("survey", "--json")
        before = len(await scene.requests("queryresults"))
        await scene.fault(method="POST", path="queryresults", status=403, times=1, after=4)
        broken, _out, err = await scene.run("survey", "--json", "--resume", str(progress))

        ended, resumed, _err = await scene.run("survey", "--json", "--resume", str(progress))

        asked = len(await scene.requests("queryresults")) - before
    assert (broken, ended) == (2, 0)
    assert f"--resume {progress}" in err
    assert resumed == whole
    assert asked == 10 + 1  # each page once, and the one that was refused
    assert not progress.exists()


async def test_a_link_that_leads_nowhere_any_more_begins_its_scope_anew(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch
) -> None:
    progress = tmp_path / "progress"
    async with a_scene(tmp_path, capsys, monkeypatch) as scene:
        await scene.dials(pageSize=20)
        await scene.fault(method="POST", path="queryresults", status=403, times=1, after=4)
        await scene.run("survey", "--json", "--resume", str(progress))
        await scene.fault(method="POST", path="queryresults", status=400, code="InvalidSkipToken", times=1)

        code, out, _err = await scene.run("survey", "--json", "--resume", str(progress))

    assert (code, json.loads(out)["totals"]["nonCompliant"]) == (0, 200)


async def test_a_progress_file_of_another_survey_is_refused(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch
) -> None:
    progress = tmp_path / "progress"
    async with a_scene(tmp_path, capsys, monkeypatch) as scene:
        await scene.dials(pageSize=20)
        await scene.fault(method="POST", path="queryresults", status=403, times=1, after=4)
        await scene.run("survey", "--resume", str(progress))

        code, _out, err = await scene.run("survey", "--resume", str(progress), "--scope", subscription(1))

    assert code == 2
    assert "is the progress of another survey" in err


async def test_a_scope_that_may_not_be_read_is_told_in_one_sentence(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch
) -> None:
    async with a_scene(tmp_path, capsys, monkeypatch) as scene:
        await scene.fault(method="POST", path="queryresults", status=403, code="AuthorizationFailed", times=None)

        code, out, err = await scene.run("survey", "--scope", subscription(0))

    assert (code, out) == (2, "")
    assert err.startswith(f"error: reading the policy states of {subscription(0)}: HTTP 403, AuthorizationFailed")
    assert len(err.splitlines()) == 1


async def test_azure_that_wants_an_hour_of_patience_is_not_waited_for(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch
) -> None:
    async with a_scene(tmp_path, capsys, monkeypatch) as scene:
        wait = {"Retry-After": "3600"}
        await scene.fault(method="POST", path="queryresults", status=429, headers=wait, times=None)

        code, _out, err = await scene.run("survey")

    assert code == 2
    assert "60 min of patience" in err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--scope", "alz"], "--scope 'alz'"),
        (["--scope", "/providers/Microsoft.Authorization/policyAssignments/a"], "lies in no subscription"),
        (["--fail-over", "3"], "--against"),
        (["--from", "none.gz"], "none.gz does not exist"),
        (["--from", "none.gz", "--scope", "/subscriptions/x"], "leave --scope"),
        (["--out", "/nowhere/out.json"], "/nowhere/out.json cannot be written"),
        (["--against", "other.yaml"], "other.yaml"),
    ],
)
async def test_a_mistake_is_one_clear_sentence(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch, words: list[str], told: str
) -> None:
    async with a_scene(tmp_path, capsys, monkeypatch, 1, 10) as scene:
        code, out, err = await scene.run("survey", *words)

    assert (code, out) == (2, "")
    assert told in err


async def test_without_a_boundary_a_scope_must_be_named(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch
) -> None:
    async with a_scene(tmp_path, capsys, monkeypatch, 1, 10) as scene:
        (tmp_path / "rules.yaml").write_text("version: 1\nrules: []\n", encoding="utf-8")

        code, _out, err = await scene.run("survey")

    assert code == 2
    assert "--scope" in err


@pytest.mark.parametrize("harm", ["cut", "not gzip", "not an export"])
async def test_a_file_that_is_no_whole_export_is_refused(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch, harm: str
) -> None:
    file = tmp_path / "estate.jsonl.gz"
    async with a_scene(tmp_path, capsys, monkeypatch, 1, 50) as scene:
        await scene.run("export", str(file))
        lines = gzip.decompress(file.read_bytes()).splitlines(keepends=True)
        harmed = {
            "cut": gzip.compress(b"".join(lines[:-1])),
            "not gzip": b"{}",
            "not an export": gzip.compress(b"{}\n"),
        }
        file.write_bytes(harmed[harm])

        code, _out, err = await scene.run("survey", "--from", str(file))

    assert code == 2
    assert "export" in err


async def test_an_export_of_a_named_scope_needs_no_rules(
    tmp_path: Path, capsys: Capsys, monkeypatch: Monkeypatch
) -> None:
    file = str(tmp_path / "estate.jsonl.gz")
    async with a_scene(tmp_path, capsys, monkeypatch, 2, 10) as scene:
        code, _out, err = await scene.run("export", file, "--scope", subscription(1), "--rules", "none.yaml")

    assert code == 0
    assert err.startswith(f"{file}: 10 non-compliant states")
