"""What the doctor says of storage and of the ledger in it, each broken in turn."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from azure.data.tables.aio import TableServiceClient
from azure.storage.blob.aio import BlobServiceClient
from azure.storage.queue.aio import QueueClient

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.progress import PROGRESS, ProgressRows
from responder.adapters.storage import open_storage
from responder.adapters.storage_health import StorageHealth, account_of
from responder.adapters.storage_settings import Storage
from responder.adapters.switches import SWITCHES, Switches
from responder.core.doctor import AppPlace, Check, Finding, Verdict
from responder.core.doctor_rights import Holder
from responder.core.doctor_storage import AZURITE, NO_CREDENTIAL, Access, Answer, Probe, of_clock, of_probe
from responder.core.progress import Progress
from responder.core.resource_id import resource_id
from tests.commands.doctor.scene import GROUP, PRINCIPAL, SUBSCRIPTION_ID, Scene

APP = f"--name func-responder --resource-group rg-responder --subscription {SUBSCRIPTION_ID}"
MINUTE = timedelta(minutes=1)


async def test_storage_that_nobody_answers_for_is_wrong(app: Scene) -> None:
    nobody = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YWJj;"
    urls = ";".join(f"{kind}Endpoint=http://127.0.0.1:9/a" for kind in ("Table", "Queue", "Blob"))
    app.setting("AzureWebJobsStorage", nobody + urls)

    _, told = await app.doctor("--only", "storage")

    verdicts = {(each["check"], each["verdict"], each["mend"]) for each in told if each["check"] != "clock"}
    assert verdicts == {(check, "wrong", AZURITE) for check in ("tables", "queues", "dead-letters")}


async def test_a_key_that_is_refused_is_wrong_and_an_identity_mends_it(app: Scene) -> None:
    app.setting("AzureWebJobsStorage", app.storage.replace("AccountKey=", "AccountKey=QUJD"))

    told = await app.the("storage", "tables")

    assert told["verdict"] == "wrong"
    assert told["mend"].splitlines() == [
        f"az functionapp config appsettings delete {APP} --setting-names AzureWebJobsStorage",
        f"az functionapp config appsettings set {APP} --settings AzureWebJobsStorage__accountName={app.account}",
    ]


async def test_a_missing_container_of_dead_letters_is_wrong(app: Scene) -> None:
    async with BlobServiceClient.from_connection_string(app.storage) as blobs:
        await blobs.delete_container("responder-dead-letters")

    told = await app.the("storage", "dead-letters")

    assert told["verdict"] == "wrong"
    assert told["mend"] == f"az storage container create --name responder-dead-letters --account-name {app.account}"


async def test_a_missing_queue_is_a_warning(app: Scene) -> None:
    async with QueueClient.from_connection_string(app.storage, "responder-events") as queue:
        await queue.delete_queue()

    told = await app.the("storage", "queues")

    assert told["verdict"] == "warning"
    assert told["mend"] == f"az storage queue create --name responder-events --account-name {app.account}"


async def test_an_account_without_a_ledger_is_told_and_gets_none(app: Scene) -> None:
    async with TableServiceClient.from_connection_string(app.storage) as tables:
        for table in [each.name async for each in tables.list_tables()]:
            await tables.delete_table(table)

        told = await app.the("storage", "ledger")

        left = [each.name async for each in tables.list_tables()]
    assert (told["verdict"], left) == ("warning", [])
    assert told["mend"] == f'az functionapp function list {APP} --query "[].name" --output tsv'


async def test_looking_changes_nothing(app: Scene) -> None:
    async with QueueClient.from_connection_string(app.storage, "responder-cases") as queue:
        await queue.send_message("a ticket")
        await app.doctor("--only", "storage")

        [message] = await queue.peek_messages(32)

    assert (message.content, message.dequeue_count) == ("a ticket", 0)


async def test_a_paused_app_is_a_warning(app: Scene) -> None:
    clients = open_storage(Storage(connection_string=app.storage))
    switches = Switches(ConditionalTable(clients.tables, SWITCHES))
    await switches.set_paused(True, "alex", "a freeze", datetime.now(UTC))
    await clients.close()

    told = await app.the("storage", "paused")

    assert (told["verdict"], "a freeze" in told["because"]) == ("warning", True)
    assert told["mend"] == 'python -m responder resume --reason "…"'


async def test_an_app_that_does_not_sweep_is_wrong(app: Scene) -> None:
    clients = open_storage(Storage(connection_string=app.storage))
    long_ago = datetime.now(UTC) - timedelta(hours=3)
    await ProgressRows(ConditionalTable(clients.tables, PROGRESS)).note(Progress("cases", long_ago, "No case."))
    await clients.close()

    told = await app.the("storage", "sweep")

    assert (told["verdict"], told["mend"]) == ("wrong", f"az functionapp restart {APP}")


async def test_what_failed_for_good_is_a_warning(app: Scene) -> None:
    async with QueueClient.from_connection_string(app.storage, "responder-events-poison") as queue:
        await queue.create_queue()
        await queue.send_message(base64.b64encode(b"{}").decode())

    told = await app.the("storage", "failed-messages")

    assert (told["verdict"], told["mend"]) == ("warning", "python -m responder redrive --dry-run")


async def test_a_clock_that_is_ahead_is_seen(app: Scene) -> None:
    clients = open_storage(Storage(connection_string=app.storage))
    health = StorageHealth(clients, "responder-dead-letters", lambda: datetime.now(UTC) + MINUTE)
    await health.probes()
    await clients.close()

    found = of_clock(health.ahead, MINUTE)

    assert (found.verdict, "ahead of storage's" in found.because) == (Verdict.WRONG, True)
    assert found.mend == "sudo timedatectl set-ntp true"


@pytest.mark.parametrize("seconds", [-19, 0, 19])
def test_clocks_that_agree_within_a_third_of_the_lease_are_well(seconds: int) -> None:
    assert of_clock(timedelta(seconds=seconds), MINUTE).verdict is Verdict.OK


def test_a_clock_that_could_not_be_compared_is_not_checked() -> None:
    assert of_clock(None, MINUTE).verdict is Verdict.NOT_CHECKED


REFUSED = Answer(403, "AuthorizationPermissionMismatch")
PLACE = AppPlace("func-responder", resource_id(GROUP))
ACCESS = Access("stresponder", True, False, Holder(f"The identity {PRINCIPAL}", PRINCIPAL), PLACE)
SCOPE = '"$(az storage account show --name stresponder --query id --output tsv)"'


def judged(check: Check, read: Answer, write: Answer, access: Access = ACCESS) -> Finding:
    return of_probe(Probe(check, "it", read, write), access)


def test_on_a_laptop_nobody_misses_the_container_of_dead_letters() -> None:
    laptop = replace(ACCESS, account="devstoreaccount1", by_identity=False, local=True)

    found = judged(Check.DEAD_LETTERS, Answer(404, "ContainerNotFound"), Answer(404, "ContainerNotFound"), laptop)

    assert found.verdict is Verdict.OK


ROLES = [
    (Check.TABLES, "Storage Table Data Contributor"),
    (Check.QUEUES, "Storage Queue Data Contributor"),
    (Check.DEAD_LETTERS, "Storage Blob Data Owner"),
]


@pytest.mark.parametrize(("check", "role"), ROLES)
def test_an_identity_that_may_not_read_is_told_its_missing_role(check: Check, role: str) -> None:
    found = judged(check, REFUSED, REFUSED)

    who = f"--assignee-object-id {PRINCIPAL} --assignee-principal-type ServicePrincipal"
    assert (found.verdict, "cannot be read: HTTP 403" in found.because) == (Verdict.WRONG, True)
    assert found.mend == f'az role assignment create {who} --role "{role}" --scope {SCOPE}'


def test_an_identity_that_may_only_read_is_told_its_missing_role() -> None:
    found = judged(Check.TABLES, Answer(200), REFUSED)

    assert (found.verdict, "cannot be written: HTTP 403" in found.because) == (Verdict.WRONG, True)


def test_a_person_is_given_no_more_than_a_person_needs() -> None:
    person = replace(ACCESS, holder=Holder("You (kim)", "p1", person=True))

    found = judged(Check.DEAD_LETTERS, REFUSED, REFUSED, person)

    assert "--assignee-principal-type User" in found.mend
    assert '--role "Storage Blob Data Contributor"' in found.mend


def test_a_refusal_that_a_network_rule_may_have_made_says_so() -> None:
    assert "a network rule" in judged(Check.QUEUES, Answer(403, "AuthorizationFailure"), REFUSED).because


def test_an_account_that_takes_no_keys_says_so() -> None:
    found = judged(
        Check.TABLES, Answer(403, "KeyBasedAuthenticationNotPermitted"), REFUSED, replace(ACCESS, by_identity=False)
    )

    assert "the account takes no keys" in found.because


def test_an_account_in_azure_that_does_not_answer_is_wrong() -> None:
    found = judged(Check.TABLES, Answer(0), Answer(0))

    assert (found.verdict, found.mend.split(" --query")[0]) == (
        Verdict.WRONG,
        "az storage account show --name stresponder",
    )


def test_a_missing_credential_is_mended_by_signing_in() -> None:
    found = judged(Check.TABLES, Answer(0, NO_CREDENTIAL), Answer(0))

    assert (found.verdict, found.mend) == (Verdict.NOT_CHECKED, "az login")


def test_a_service_in_trouble_is_not_checked() -> None:
    assert judged(Check.TABLES, Answer(503, "ServerBusy"), Answer(200)).verdict is Verdict.NOT_CHECKED


def test_accounts_are_named_by_whatever_setting_names_them() -> None:
    by_url = account_of(Storage(table="https://stresponder.table.core.windows.net", queue="https://x"))
    by_key = account_of(Storage(connection_string="AccountName=stresponder;AccountKey=eA==;EndpointSuffix=x"))

    assert (by_url, by_key) == (("stresponder", False), ("stresponder", False))
