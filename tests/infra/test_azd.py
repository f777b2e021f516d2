"""`azure.yaml` and its hooks name what is there; what a hook hands to a template is what that template takes."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.infra.bicep import INFRA, ROOT, template
from tests.infra.meaning import made

AZD: dict[str, Any] = yaml.safe_load((ROOT / "azure.yaml").read_text(encoding="utf-8"))
HOOKS = sorted((INFRA / "hooks").iterdir())
SHELL = [path for path in HOOKS if path.suffix == ".sh"]


def templates_of(hook: Path) -> dict[str, set[str]]:
    """Each template that a hook deploys, with the parameters that it is handed."""
    # A line that goes on is one; what it hands over never stands at its beginning, where a shell sets its variables.
    text = re.sub(r"[\\`]\n\s*", " ", hook.read_text(encoding="utf-8"))
    named = set(re.findall(r"infra/[\w./-]+\.bicep", text))
    handed = {name for line in text.splitlines() for name in re.findall(r"[ \"'](\w+)=(?=[\"$])", line.strip())}
    return dict.fromkeys(named, handed)


def test_azd_finds_the_template_and_the_project() -> None:
    infra, (service,) = AZD["infra"], AZD["services"].values()

    assert (ROOT / infra["path"] / f"{infra['module']}.bicep").exists()
    assert (ROOT / infra["path"] / f"{infra['module']}.parameters.json").exists()
    assert (service["host"], service["language"], (ROOT / service["project"] / "function_app.py").exists()) == (
        "function",
        "python",
        True,
    )


def test_an_azd_that_would_deploy_the_whole_folder_is_refused() -> None:
    # .funcignore is read since 1.18.0: github.com/Azure/azure-dev/pull/5383.
    assert AZD["requiredVersions"] == {"azd": ">= 1.18.0"}
    assert (ROOT / ".funcignore").exists()


def test_azd_finds_the_app_by_the_tag_of_its_service() -> None:
    (site,) = made("Microsoft.Web/sites")
    (name,) = AZD["services"]

    assert f"'azd-service-name': '{name}'" in getattr(site.body["tags"], "text", "")


@pytest.mark.parametrize("system", ["posix", "windows"])
def test_every_hook_is_there_for_both_systems(system: str) -> None:
    named = [hook[system]["run"] for hook in AZD["hooks"].values()]

    assert sorted(AZD["hooks"]) == ["postdeploy", "postprovision"]
    assert [each for each in named if not (ROOT / each).exists()] == []
    assert {Path(each).suffix for each in named} == {".sh" if system == "posix" else ".ps1"}


def test_what_a_hook_says_stays_on_the_screen() -> None:
    # github.com/Azure/azure-dev/issues/6206: eight lines, cleared when the hook ends, where it is not interactive.
    hooks = [hook[system] for hook in AZD["hooks"].values() for system in ("posix", "windows")]

    assert {hook.get("interactive") for hook in hooks} == {True}


@pytest.mark.parametrize("hook", SHELL, ids=lambda path: path.name)
def test_a_hook_is_a_shell_script(hook: Path) -> None:
    shell = shutil.which("sh")
    assert shell is not None

    parsed = subprocess.run([shell, "-n", str(hook)], capture_output=True, text=True, check=False)

    assert (parsed.returncode, parsed.stderr) == (0, "")


@pytest.mark.parametrize("hook", HOOKS, ids=lambda path: path.name)
def test_a_hook_hands_over_parameters_that_its_templates_take_and_all_that_they_demand(hook: Path) -> None:
    deployed = templates_of(hook)

    assert deployed
    for path, handed in deployed.items():
        declared = template(ROOT / path).parameters
        assert sorted(handed - declared.keys()) == []
        assert sorted({each.name for each in declared.values() if each.required} - handed) == []


def test_a_hook_deploys_the_same_on_both_systems() -> None:
    deployed = {path.name: templates_of(path) for path in HOOKS}

    assert deployed["postprovision.sh"] == deployed["postprovision.ps1"]
    assert deployed["postdeploy.sh"] == deployed["postdeploy.ps1"]


def test_what_hooks_look_up_is_an_output_or_a_variable_that_is_documented() -> None:
    page = (ROOT / "docs" / "infrastructure.md").read_text(encoding="utf-8")
    text = "\n".join(path.read_text(encoding="utf-8") for path in SHELL)
    used = set(re.findall(r"\$\{?((?:AZURE|RESPONDER)_\w+)", text))

    known = {*template(INFRA / "main.bicep").outputs, "AZURE_ENV_NAME", "AZURE_SUBSCRIPTION_ID"}
    assert sorted(name for name in used - known if f"`{name}`" not in page) == []
