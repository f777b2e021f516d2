"""The workflows: pinned, with few rights and no secrets, and naming only what is there."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra.bicep import INFRA, template

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.y*ml"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TEXTS = {path.name: path.read_text(encoding="utf-8") for path in FILES}


def workflow(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load(TEXTS[name])
    return read


def jobs(name: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = workflow(name)["jobs"]
    return found


def runs(name: str) -> list[str]:
    return [step["run"] for job in jobs(name).values() for step in job.get("steps", []) if "run" in step]


def test_there_are_the_three() -> None:
    assert list(TEXTS) == ["checks.yml", "deploy.yml", "pull-request.yml"]


@pytest.mark.parametrize("name", TEXTS)
def test_every_action_is_pinned_by_a_commit_with_its_version_beside_it(name: str) -> None:
    used = re.findall(r"^\s*(?:- )?uses: (.+)$", TEXTS[name], re.MULTILINE)

    loose = [each for each in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each)]
    assert used
    assert [each for each in loose if not (each.startswith("$/") and (ROOT / each.removeprefix("$/")).exists())] == []


def test_an_action_has_one_version_everywhere() -> None:
    used = {each for text in TEXTS.values() for each in re.findall(r"uses: ([\w/-]+@[0-9a-f]{40})", text)}

    assert len({each.partition("@")[0].lower() for each in used}) == len(used)


@pytest.mark.parametrize("name", TEXTS)
def test_rights_are_given_job_by_job_and_never_to_write_here(name: str) -> None:
    given = [right for job in jobs(name).values() for right in job["permissions"].items()]

    assert workflow(name)["permissions"] == {}
    assert [right for right in given if right not in (("contents", "read"), ("id-token", "write"))] == []


@pytest.mark.parametrize("name", TEXTS)
def test_a_job_ends_and_a_newer_run_does_not_meet_it(name: str) -> None:
    endless = [each for each, job in jobs(name).items() if "timeout-minutes" not in job and "uses" not in job]

    assert endless == []
    assert "group" in workflow(name)["concurrency"]


def test_a_deployment_is_never_cut_off_by_the_next() -> None:
    assert workflow("deploy.yml")["concurrency"]["cancel-in-progress"] is False


@pytest.mark.parametrize("name", TEXTS)
def test_there_are_no_secrets(name: str) -> None:
    assert "secrets." not in TEXTS[name]
    assert not re.search(r"(?i)client[-_]secret|creds:|password", TEXTS[name])


@pytest.mark.parametrize("name", TEXTS)
def test_no_foreign_text_becomes_a_command(name: str) -> None:
    assert [command for command in runs(name) if "${{" in command] == []


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_called_is_there(name: str) -> None:
    text = "\n".join(runs(name))
    targets = re.findall(r"\bmake ([\w./-]+)", text)
    modules = re.findall(r"-m ((?:responder|tests)[\w.]*)", text)
    paths = re.findall(r"--(?:rules|template-file|file) ((?:infra|rules)[\w./-]*)", text)

    assert [each for each in targets if not re.search(rf"^{re.escape(each)}:", MAKEFILE, re.MULTILINE)] == []
    assert [each for each in modules if not _module(each)] == []
    assert [each for each in paths if not (ROOT / each).exists()] == []


def _module(name: str) -> bool:
    place = ROOT / name.replace(".", "/")
    return place.with_suffix(".py").exists() or (place / "__main__.py").exists()


def test_the_checks_are_those_of_a_submission_and_the_compiler() -> None:
    commands = runs("checks.yml")

    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert [each for each in re.findall(r"^make \w+", ci, re.MULTILINE) if each not in commands] == []
    assert any("bicep build" in command and "bicep lint" in command for command in commands)
    assert "checks" in jobs("deploy.yml")["deploy"]["needs"]


def test_the_app_is_checked_on_every_python_that_it_can_be_deployed_with() -> None:
    main = (INFRA / "main.bicep").read_text(encoding="utf-8")
    allowed = re.search(r"@allowed\(\[([^\]]+)\]\)\s*param pythonVersion", main)

    assert allowed is not None
    assert template(INFRA / "main.bicep").parameters["pythonVersion"].default == "3.11"
    assert jobs("checks.yml")["app"]["strategy"]["matrix"]["python"] == re.findall(r"'([\d.]+)'", allowed[1])


def test_azure_is_reached_only_through_an_environment_and_by_pull_requests_of_this_repository() -> None:
    signing_in = [
        (name, job) for name in TEXTS for job in jobs(name).values() if job["permissions"].get("id-token") == "write"
    ]

    assert [name for name, job in signing_in if "environment" not in job] == []
    ours = "github.event.pull_request.head.repo.full_name == github.repository"
    assert [name for name, job in signing_in if name == "pull-request.yml" and ours not in job["if"]] == []
    assert len(signing_in) == 3


def test_the_readme_says_where_the_compiler_of_templates_runs() -> None:
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())

    assert "`bicep build` runs in the workflow" in readme


def test_the_templates_compiler_has_one_version() -> None:
    versions = {job["env"]["BICEP"] for name in TEXTS for job in jobs(name).values() if "BICEP" in job.get("env", {})}

    assert len(versions) == 1


def test_the_linter_of_templates_calls_errors_what_would_pass_unseen_as_a_warning() -> None:
    config = json.loads((INFRA / "bicepconfig.json").read_text(encoding="utf-8"))

    rules = config["analyzers"]["core"]["rules"]
    assert {rule["level"] for rule in rules.values()} == {"error"}
    assert {"outputs-should-not-contain-secrets", "secure-secrets-in-params", "no-unused-params"} <= rules.keys()
