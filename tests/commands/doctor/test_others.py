"""Whether the doctor sees a second responder in the same boundary, and how sure it is."""

from __future__ import annotations

from datetime import timedelta

from azure.data.tables.aio import TableServiceClient

from responder.adapters.conditional_table import ConditionalTable
from responder.adapters.due_queue import DueQueue
from responder.adapters.ledger import CASES, RESOURCES, Ledger
from responder.adapters.storage import open_storage
from responder.adapters.storage_settings import Storage
from responder.core.case import task_name
from tests.adapters.test_ledger import admitted, the_case
from tests.commands.doctor.scene import SITE, SUBSCRIPTION_ID, TOPIC, Scene, an_event_subscription
from tests.core.builders import ASSIGNMENT, SUBSCRIPTION, vault

FOREIGN = "responder-0123456789abcdef0123-1"
REMEDIATIONS = "providers/Microsoft.PolicyInsights/remediations"


async def a_task(app: Scene, scope: str, name: str) -> None:
    """Somebody opens a task."""
    body = {"properties": {"policyAssignmentId": ASSIGNMENT, "resourceDiscoveryMode": "ReEvaluateCompliance"}}
    url = f"{app.url}{scope}/{REMEDIATIONS}/{name}?api-version=2024-10-01"
    async with app.http.put(url, json=body) as answer:
        assert answer.status == 201, await answer.text()


async def a_case(app: Scene) -> str:
    """A case of this ledger; the name of its task."""
    clients = open_storage(Storage(connection_string=app.storage))
    tables = [ConditionalTable(clients.tables, name) for name in (CASES, RESOURCES)]
    ledger = Ledger(tables[0], tables[1], DueQueue(clients.queues), timedelta(minutes=1))
    case = await the_case(ledger, await admitted(ledger))
    await clients.close()
    return task_name(case)


async def test_a_running_task_that_no_case_knows_is_another_responders(app: Scene) -> None:
    async with app.http.put(f"{app.url}/_simulator/dials", json={"evaluating": "PT6H"}):
        pass
    await a_task(app, SUBSCRIPTION, FOREIGN)

    told = await app.the("others", "tasks")

    assert (told["verdict"], "almost certainly at work" in told["because"]) == ("warning", True)
    where = f"{SUBSCRIPTION}/{REMEDIATIONS}/{FOREIGN}?api-version=2024-10-01"
    assert told["mend"] == f'az rest --method get --url "{where}"'


async def test_a_task_that_has_ended_may_be_of_an_earlier_ledger(app: Scene) -> None:
    await a_task(app, SUBSCRIPTION, FOREIGN)
    async with app.http.post(f"{app.url}/_simulator/clock", json={"advance": "PT1H"}):
        pass

    told = await app.the("others", "tasks")

    assert (told["verdict"], "or an earlier ledger of this one" in told["because"]) == ("warning", True)


async def test_tasks_are_looked_for_where_cases_are(app: Scene) -> None:
    await a_case(app)
    await a_task(app, vault("kv1"), FOREIGN)

    told = await app.the("others", "tasks")

    assert f"{FOREIGN} at {vault('kv1')}" in told["because"]


async def test_a_task_of_this_ledger_is_no_others(app: Scene) -> None:
    await a_task(app, vault("kv1"), await a_case(app))

    assert await app.only("others", "tasks") == []


async def test_a_task_of_a_person_is_no_responders(app: Scene) -> None:
    await a_task(app, SUBSCRIPTION, "responder-by-hand")

    assert await app.only("others", "tasks") == []


async def test_an_account_without_a_ledger_knows_no_task(app: Scene) -> None:
    async with TableServiceClient.from_connection_string(app.storage) as tables:
        await tables.delete_table(CASES)
    await a_task(app, SUBSCRIPTION, FOREIGN)

    assert (await app.the("others", "tasks"))["verdict"] == "warning"


async def test_without_storage_nobody_knows_whose_tasks_they_are(app: Scene) -> None:
    app.monkeypatch.delenv("AzureWebJobsStorage")

    told = await app.the("others", "tasks")

    assert (told["verdict"], told["mend"]) == ("not checked", "python -m responder doctor --only storage")


async def test_tasks_that_may_not_be_read_are_not_checked(app: Scene) -> None:
    await app.fault(path="remediations$", status=403, code="AuthorizationFailed")

    told = await app.the("others", "tasks")

    assert (told["verdict"], told["mend"]) == ("not checked", "python -m responder doctor --only rights")


async def test_an_event_subscription_that_feeds_another_responder_is_seen_for_certain(app: Scene) -> None:
    other = an_event_subscription(app.account, name="other")
    function = {"resourceId": f"{SITE.replace('func-responder', 'func-other')}/functions/policy_state_change"}
    other["properties"]["destination"]["properties"] = function
    await app.change(eventSubscriptions=[an_event_subscription(app.account), other])

    told = await app.the("others", "subscribers")

    assert told["verdict"] == "warning"
    assert f"of {TOPIC.lower()} delivers the same events to func-other, for certain" in told["because"]
    here = f"--system-topic-name egst-responder --resource-group rg-responder --subscription {SUBSCRIPTION_ID}"
    assert told["mend"] == f"az eventgrid system-topic event-subscription show --name other {here}"


async def test_an_event_subscription_for_something_else_is_no_responders(app: Scene) -> None:
    other = an_event_subscription(app.account, name="siem")
    hub = {"resourceId": "/subscriptions/x/resourceGroups/y/providers/Microsoft.EventHub/namespaces/n/eventhubs/h"}
    other["properties"]["destination"] = {"endpointType": "EventHub", "properties": hub}
    await app.change(eventSubscriptions=[an_event_subscription(app.account), other])

    assert await app.only("others", "subscribers") == []
