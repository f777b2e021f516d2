"""The hooks of `azd` say what is missing and what to do; a program that stands in for `az` writes down what it is told.

The PowerShell twins are not run: no PowerShell can be had here. They are held to ask for the same things.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

HOOKS = Path(__file__).parents[1] / "infra" / "hooks"
GROUP = "/providers/Microsoft.Management/managementGroups/alz"
PROVISIONED = {
    "AZURE_ENV_NAME": "prod",
    "AZURE_SUBSCRIPTION_ID": "sub-app",
    "AZURE_LOCATION": "westeurope",
    "AZURE_RESOURCE_GROUP": "rg-app",
    "AZURE_FUNCTION_APP_NAME": "func-app",
    "AZURE_STORAGE_ACCOUNT_NAME": "stapp",
    "RESPONDER_PRINCIPAL_ID": "principal",
    "RESPONDER_TOPIC_NAME": "egst-app",
    "RESPONDER_TOPIC_GROUP": "rg-app",
    "RESPONDER_EVENTS_GO_TO": "queue",
}
AZ = """#!/bin/sh
echo "$*" >>"$ASKED"
case "$1 $2" in
  "resource show") [ -n "$TOPIC" ] && echo "$TOPIC" ;;
  "account show") [ -z "$LOGGED_OUT" ] ;;
  *) [ -z "$REFUSES" ] ;;
esac
"""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a hook ended, what it said, and what it asked `az`."""

    code: int
    said: str
    asked: list[str]


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs: `az` that obeys, `sleep` that does not wait."""
    for name, text in (("az", AZ), ("sleep", "#!/bin/sh\n")):
        program = tmp_path / name
        program.write_text(text, encoding="utf-8")
        program.chmod(0o755)
    return tmp_path


def run(hook: str, machine: Path, **told: str) -> Ran:
    """Run one hook as azd does: the environment's values are variables."""
    shell = shutil.which("sh")
    assert shell is not None
    asked = machine / "asked"
    environment = {"PATH": f"{machine}{os.pathsep}{os.defpath}", "ASKED": str(asked), **PROVISIONED, **told}
    done = subprocess.run(
        [shell, str(HOOKS / f"{hook}.sh")], env=environment, capture_output=True, text=True, timeout=20, check=False
    )
    lines = asked.read_text(encoding="utf-8").splitlines() if asked.exists() else []
    return Ran(done.returncode, done.stdout + done.stderr, lines)


def test_after_provisioning_the_command_for_the_privileged_team_is_printed_and_nothing_is_run(machine: Path) -> None:
    ran = run("postprovision", machine)

    assert (ran.code, ran.asked) == (0, [])
    assert "az deployment sub create --subscription sub-app --location westeurope" in ran.said
    assert (
        "principalId=principal appSubscriptionId=sub-app appResourceGroup=rg-app systemTopicName=egst-app" in ran.said
    )


def test_for_a_management_group_it_is_the_template_of_management_groups(machine: Path) -> None:
    ran = run("postprovision", machine, RESPONDER_SCOPE=GROUP)

    assert "az deployment mg create --management-group-id alz" in ran.said
    assert "--template-file infra/scope/main.bicep" in ran.said
    assert "az provider register --namespace Microsoft.PolicyInsights -m alz" in ran.said


def test_who_has_the_rights_lets_the_hook_run_the_command(machine: Path) -> None:
    ran = run("postprovision", machine, RESPONDER_DEPLOY_SCOPE="true")

    assert ran.code == 0
    assert [line.split()[0] for line in ran.asked] == ["provider", "provider", "deployment"]
    assert "createSystemTopic=true" in ran.asked[-1]


def test_a_topic_is_made_only_in_the_subscription_that_it_watches(machine: Path) -> None:
    other = "/subscriptions/sub-other"

    refused = run("postprovision", machine, RESPONDER_DEPLOY_SCOPE="true", RESPONDER_SCOPE=other)
    where = {"RESPONDER_SYSTEM_TOPIC_SUBSCRIPTION": "sub-other", "RESPONDER_TOPIC_GROUP": "rg-events"}
    ran = run("postprovision", machine, RESPONDER_DEPLOY_SCOPE="true", RESPONDER_SCOPE=other, **where)

    assert (refused.code, refused.asked) == (1, [])
    assert "azd env set RESPONDER_SYSTEM_TOPIC_SUBSCRIPTION sub-other" in refused.said
    assert "topicSubscriptionId=sub-other topicResourceGroup=rg-events" in ran.asked[-1]


def test_a_system_topic_that_exists_is_not_made_again(machine: Path) -> None:
    ran = run("postprovision", machine, RESPONDER_DEPLOY_SCOPE="true", RESPONDER_SYSTEM_TOPIC="egst-shared")

    assert "createSystemTopic=false" in ran.asked[-1]


def test_what_azure_refuses_above_the_group_fails_the_hook_at_once(machine: Path) -> None:
    ran = run("postprovision", machine, RESPONDER_DEPLOY_SCOPE="true", REFUSES="yes")

    assert ran.code != 0
    assert len(ran.asked) == 1


def test_a_scope_that_is_none_is_told_with_what_to_write(machine: Path) -> None:
    ran = run("postprovision", machine, RESPONDER_SCOPE="alz")

    assert ran.code == 1
    assert "azd env set RESPONDER_SCOPE" in ran.said


def test_without_the_system_topic_the_deployment_succeeds_and_says_that_no_events_come(machine: Path) -> None:
    ran = run("postdeploy", machine)

    assert ran.code == 0
    assert "NO EVENTS YET" in ran.said
    assert not any(line.startswith("deployment") for line in ran.asked)


def test_a_topic_without_an_identity_is_told_with_the_command_that_mends_it(machine: Path) -> None:
    ran = run("postdeploy", machine, TOPIC="none")

    assert ran.code == 1
    assert "az eventgrid system-topic update --subscription sub-app -g rg-app -n egst-app --identity" in ran.said


def test_where_azure_gives_a_topic_no_identity_the_app_is_subscribed_without_dead_letters(machine: Path) -> None:
    ran = run("postdeploy", machine, TOPIC="none", RESPONDER_TOPIC_IDENTITY="false", RESPONDER_EVENTS_GO_TO="function")

    assert ran.code == 0
    assert "delivery=function topicIdentity=false" in ran.asked[-1]
    assert "NO DEAD LETTERS" in ran.said


def test_without_an_identity_nothing_can_be_put_on_the_queue(machine: Path) -> None:
    ran = run("postdeploy", machine, TOPIC="none", RESPONDER_TOPIC_IDENTITY="false")

    assert ran.code == 1
    assert not any(line.startswith("deployment") for line in ran.asked)


def test_the_app_is_subscribed_to_the_events_the_way_it_was_provisioned(machine: Path) -> None:
    ran = run("postdeploy", machine, TOPIC="principal-of-the-topic", RESPONDER_ONLY_NON_COMPLIANT="true")

    assert ran.code == 0
    assert "--template-file infra/events.bicep" in ran.asked[-1]
    assert "delivery=queue topicIdentity=true eventSchema=EventGridSchema onlyNonCompliant=true" in ran.asked[-1]


def test_a_right_that_is_not_seen_everywhere_yet_is_waited_for_three_times(machine: Path) -> None:
    ran = run("postdeploy", machine, TOPIC="principal-of-the-topic", REFUSES="yes")

    assert ran.code == 1
    assert sum(line.startswith("deployment group create") for line in ran.asked) == 3
    assert "The event subscription could not be made" in ran.said


def test_somebody_who_is_not_logged_in_is_told_so(machine: Path) -> None:
    ran = run("postdeploy", machine, LOGGED_OUT="yes")

    assert ran.code == 1
    assert "az login" in ran.said


@pytest.mark.parametrize("hook", ["postprovision", "postdeploy"])
def test_both_shells_read_the_same_variables_and_give_the_same_parameters(hook: str) -> None:
    posix, windows = ((HOOKS / f"{hook}.{shell}").read_text(encoding="utf-8") for shell in ("sh", "ps1"))

    variables = r"\b(?:RESPONDER|AZURE)_[A-Z_]+\b"
    assert set(re.findall(variables, posix)) == set(re.findall(variables, windows))
    assert _parameters(posix) == _parameters(windows) != set()


@pytest.mark.parametrize("hook", ["postprovision", "postdeploy"])
def test_the_hooks_name_no_template_and_no_parameter_that_is_not_there(hook: str) -> None:
    told = (HOOKS / f"{hook}.sh").read_text(encoding="utf-8")

    for template in re.findall(r"infra/[\w/]+\.bicep", told):
        known = set(
            re.findall(r"^param (\w+)", (HOOKS.parents[1] / template).read_text(encoding="utf-8"), re.MULTILINE)
        )
        assert _parameters(told) <= known


def _parameters(hook: str) -> set[str]:
    """What a hook tells a template: names with a capital inside, and the one that has none."""
    return set(re.findall(r"\b([a-z]+[A-Z]\w*|delivery)=[\"$]", hook))
