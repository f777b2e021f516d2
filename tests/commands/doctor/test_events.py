"""What the doctor says of the way that events take, each part of it broken in turn."""

from __future__ import annotations

from typing import Any

import pytest

from tests.az_options import misunderstood
from tests.commands.doctor.scene import (
    GROUP,
    RULES,
    SITE,
    SUBSCRIPTION_ID,
    TOPIC,
    TOPIC_PRINCIPAL,
    Scene,
    a_role_assignment,
    a_topic,
    a_topics_role,
    an_event_subscription,
)
from tests.core.builders import SUBSCRIPTION

GROUPS = "/providers/microsoft.management/managementgroups"
HERE = f"--system-topic-name egst-responder --resource-group rg-responder --subscription {SUBSCRIPTION_ID}"
DELETE = f"az eventgrid system-topic event-subscription delete --name responder {HERE}"
FUNCTION = f"{SITE}/functions/policy_state_change"
NEW_TOPIC = (
    f"az eventgrid system-topic create --name responder-policy-states --resource-group rg-responder "
    f"--subscription {SUBSCRIPTION_ID} --location global --identity systemassigned "
    "--topic-type Microsoft.PolicyInsights.PolicyStates --source"
)


def create(account: str, *, delivery: str = "function", schema: str = " eventSchema=CloudEventSchemaV1_0") -> str:
    """The command that makes an event subscription."""
    group, _, _ = GROUP.rpartition("/")
    return (
        f"az deployment group create --resource-group rg-responder --subscription {SUBSCRIPTION_ID} "
        f"--template-file infra/events.bicep --parameters systemTopicName=egst-responder "
        f"appSubscriptionId={group.split('/')[2]} appResourceGroup=rg-responder functionAppName=func-responder "
        f"storageAccountName={account} delivery={delivery}{schema}"
    )


def anew(account: str, delivery: str = "function") -> str:
    """The commands that put another in the place of one that has another name than the template gives."""
    return f"{create(account, delivery=delivery)}\n{DELETE}"


async def judged(app: Scene, **changes: object) -> dict[str, str]:
    """What is said of the event subscription with these properties changed."""
    await app.change_event_subscription(**changes)
    return await app.the("events", "subscription")


async def test_a_scope_that_no_topic_tells_of_is_wrong(app: Scene) -> None:
    await app.change(systemTopics=[], eventSubscriptions=[])

    told = await app.the("events", "topic")

    assert (told["verdict"], told["mend"]) == ("wrong", f"{NEW_TOPIC} {SUBSCRIPTION}")


async def test_a_topic_of_another_kind_does_not_count(app: Scene) -> None:
    other = a_topic()
    other["properties"]["topicType"] = "Microsoft.Resources.Subscriptions"
    await app.change(systemTopics=[other])

    assert (await app.the("events", "topic"))["verdict"] == "wrong"


async def test_each_scope_without_a_topic_is_told(app: Scene) -> None:
    other = "/subscriptions/99999999-0000-4000-8000-000000000009"
    app.rules(RULES.replace(f'"{SUBSCRIPTION}"', f'"{SUBSCRIPTION}", "{other}/resourceGroups/rg-b"'))

    told = await app.the("events", "topic")

    assert (told["verdict"], told["mend"].endswith(f"--source {other}")) == ("wrong", True)
    assert "--resource-group GROUP --subscription 99999999" in told["mend"]  # the app's own is in another subscription


async def test_a_topic_of_a_management_group_above_tells_of_a_subscription(app: Scene) -> None:
    tenant = "/tenants/55555555-0000-4000-8000-000000000000"
    await app.change(systemTopics=[a_topic(f"{tenant}/providers/Microsoft.Management/managementGroups/alz")])

    assert await app.only("events", "topic") == []


async def test_whether_a_topic_of_a_management_group_is_above_is_not_known_without_states(app: Scene) -> None:
    await app.change(systemTopics=[a_topic(f"{GROUPS}/alz")], states=[])

    told = await app.the("events", "topic")

    assert (told["verdict"], told["mend"]) == ("not checked", f"{NEW_TOPIC} {SUBSCRIPTION}")


async def test_a_management_group_without_a_topic_is_wrong(app: Scene) -> None:
    app.rules(RULES.replace(SUBSCRIPTION, f"{GROUPS}/alz"))
    await app.change(systemTopics=[], eventSubscriptions=[])

    told = await app.the("events", "topic")

    tenant = "/tenants/$(az account show --query tenantId --output tsv)"
    assert (told["verdict"], told["mend"]) == ("wrong", f'{NEW_TOPIC} "{tenant}{GROUPS}/alz"')


async def test_a_management_group_of_which_only_a_subscription_is_heard_is_a_warning(app: Scene) -> None:
    app.rules(RULES.replace(SUBSCRIPTION, f"{GROUPS}/alz"))

    told = await app.the("events", "topic")

    assert (told["verdict"], f"only what {SUBSCRIPTION} tell" in told["because"]) == ("warning", True)


async def test_a_topic_that_failed_is_a_warning(app: Scene) -> None:
    topic = a_topic()
    topic["properties"]["provisioningState"] = "Failed"
    await app.change(systemTopics=[topic])

    told = await app.the("events", "topic")

    assert told["verdict"] == "warning"
    assert told["mend"].startswith("az eventgrid system-topic show --name egst-responder ")


async def test_a_topic_that_nobody_subscribes_to_is_wrong(app: Scene) -> None:
    await app.change(eventSubscriptions=[])

    told = await app.the("events", "subscription")

    assert (told["verdict"], told["mend"]) == ("wrong", create(app.account, schema=""))
    assert misunderstood(told["mend"]) == []


async def test_an_event_subscription_of_another_app_does_not_count(app: Scene) -> None:
    other = {"resourceId": FUNCTION.replace("func-responder", "func-other")}

    told = await judged(app, destination={"endpointType": "AzureFunction", "properties": other})

    assert (told["verdict"], "No event subscription of" in told["because"]) == ("wrong", True)


async def test_an_event_subscription_that_failed_is_wrong(app: Scene) -> None:
    told = await judged(app, provisioningState="Failed")

    assert (told["verdict"], told["mend"]) == ("wrong", anew(app.account))
    assert told["because"] == "Event subscription responder of egst-responder is Failed and delivers nothing."


async def test_one_that_has_the_name_that_the_template_gives_is_replaced_where_it_stands(app: Scene) -> None:
    await app.change(eventSubscriptions=[an_event_subscription(app.account, name="func-responder")])

    told = await judged(app, provisioningState="Failed")

    assert (told["verdict"], told["mend"]) == ("wrong", create(app.account))


async def test_an_event_subscription_that_is_being_made_is_a_warning(app: Scene) -> None:
    assert (await judged(app, provisioningState="Creating"))["verdict"] == "warning"


async def test_event_types_that_are_left_out_are_wrong(app: Scene) -> None:
    told = await judged(app, filter={"includedEventTypes": ["Microsoft.PolicyInsights.PolicyStateChanged"]})

    assert (told["verdict"], told["mend"]) == ("wrong", anew(app.account))
    assert "leaves out Microsoft.PolicyInsights.PolicyStateCreated, Micro" in told["because"]


@pytest.mark.parametrize("types", [None, [], ["All"]])
async def test_an_event_subscription_that_names_no_types_delivers_all(app: Scene, types: list[str] | None) -> None:
    await app.change_event_subscription(filter={"includedEventTypes": types})

    assert await app.only("events", "subscription") == []


async def test_a_filter_by_subject_is_a_warning(app: Scene) -> None:
    told = await judged(app, filter={"subjectBeginsWith": "/subscriptions/x", "subjectEndsWith": "/y"})

    assert told["verdict"] == "warning"
    assert "whose subject begins with /subscriptions/x and ends with /y" in told["because"]


def a_filter(operator: str, *values: str, key: str = "data.complianceState") -> dict[str, Any]:
    return {"advancedFilters": [{"operatorType": operator, "key": key, "values": list(values)}]}


async def test_a_filter_that_hides_what_became_compliant_is_a_warning(app: Scene) -> None:
    told = await judged(app, filter=a_filter("StringIn", "NonCompliant"))

    assert (told["verdict"], "hides Compliant events" in told["because"]) == ("warning", True)


@pytest.mark.parametrize(("operator", "value"), [("StringIn", "Compliant"), ("StringNotIn", "NonCompliant")])
async def test_a_filter_that_hides_what_is_not_compliant_is_wrong(app: Scene, operator: str, value: str) -> None:
    told = await judged(app, filter=a_filter(operator, value))

    assert (told["verdict"], "hides NonCompliant events" in told["because"]) == ("wrong", True)


async def test_a_filter_by_something_else_is_a_warning(app: Scene) -> None:
    told = await judged(app, filter=a_filter("StringContains", "kv", key="subject"))

    assert (told["verdict"], "filters by subject (StringContains kv)" in told["because"]) == ("warning", True)


async def test_an_event_subscription_without_dead_letters_is_wrong(app: Scene) -> None:
    told = await judged(app, deadLetterWithResourceIdentity=None)

    assert (told["verdict"], told["mend"]) == ("wrong", anew(app.account))
    assert "has no dead letters" in told["because"]


async def test_dead_letters_where_redrive_does_not_look_are_a_warning(app: Scene) -> None:
    storage = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/other"
    letters = {"endpointType": "StorageBlob", "properties": {"resourceId": storage, "blobContainerName": "letters"}}

    told = await judged(app, deadLetterWithResourceIdentity=None, deadLetterDestination=letters)

    assert (told["verdict"], "into letters of other, where redrive" in told["because"]) == ("warning", True)


async def test_a_delivery_that_gives_up_early_is_a_warning(app: Scene) -> None:
    told = await judged(app, retryPolicy={"maxDeliveryAttempts": 3, "eventTimeToLiveInMinutes": 60})

    assert (told["verdict"], "gives up after 3 attempts or 60 minutes" in told["because"]) == ("warning", True)


async def test_a_schema_that_the_app_does_not_read_is_wrong_and_made_anew(app: Scene) -> None:
    told = await judged(app, eventDeliverySchema="CustomInputSchema")

    delete, again = told["mend"].splitlines()
    assert told["verdict"] == "wrong"
    assert (delete, again) == (DELETE, create(app.account, schema=""))


async def test_an_event_subscription_that_ends_by_itself_is_a_warning(app: Scene) -> None:
    told = await judged(app, expirationTimeUtc="2027-01-01T00:00:00Z")

    assert (told["verdict"], "ends by itself at 2027" in told["because"]) == ("warning", True)


async def to_queue(app: Scene) -> None:
    """Events go to the queue, by the topic's own identity."""
    storage = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/{app.account}"
    queue = {"endpointType": "StorageQueue", "properties": {"resourceId": storage, "queueName": "responder-events"}}
    delivery = {"identity": {"type": "SystemAssigned"}, "destination": queue}
    await app.change_event_subscription(destination=None, deliveryWithResourceIdentity=delivery)


async def test_delivery_to_the_queue_is_well_and_is_mended_as_such(app: Scene) -> None:
    await to_queue(app)
    allowed = [a_topics_role(app.account), a_topics_role(app.account, "queueServices/default/queues/responder-events")]
    await app.change(roleAssignments=allowed)
    _, everything = await app.doctor("--only", "events")
    well = [each for each in everything if each["verdict"] != "ok"]

    told = await judged(app, provisioningState="Failed")

    assert (well, told["mend"]) == ([], anew(app.account, "queue"))


async def test_delivery_to_the_queue_of_another_account_does_not_count(app: Scene) -> None:
    storage = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/other"
    told = await judged(
        app,
        destination={
            "endpointType": "StorageQueue",
            "properties": {"resourceId": storage, "queueName": "responder-events"},
        },
    )

    assert (told["verdict"], "No event subscription of" in told["because"]) == ("wrong", True)


async def test_two_event_subscriptions_of_one_topic_are_a_warning(app: Scene) -> None:
    both = [an_event_subscription(app.account), an_event_subscription(app.account, name="again")]
    await app.change(eventSubscriptions=both)

    told = await app.the("events", "subscription")

    assert told["verdict"] == "warning"
    assert told["mend"] == f"az eventgrid system-topic event-subscription delete --name again {HERE}"


async def test_a_provider_that_is_not_registered_is_wrong(app: Scene) -> None:
    await app.change(providers=[{"subscription": SUBSCRIPTION_ID, "namespace": "Microsoft.EventGrid"}])

    told = await app.the("events", "providers")

    assert told["verdict"] == "wrong"
    assert told["mend"] == f"az provider register --namespace Microsoft.EventGrid --subscription {SUBSCRIPTION_ID}"


async def test_providers_of_a_management_group_are_not_checked_and_may_be_registered_again(app: Scene) -> None:
    app.rules(RULES.replace(SUBSCRIPTION, f"{GROUPS}/alz"))

    told = await app.only("events", "providers")

    assert [each["verdict"] for each in told] == ["not checked"] * 2
    assert told[0]["mend"] == "az provider register --namespace Microsoft.PolicyInsights --management-group-id alz"


async def test_topics_that_may_not_be_read_are_not_checked(app: Scene) -> None:
    await app.fault(path="systemTopics$", status=403, code="AuthorizationFailed")

    told = await app.the("events", "topic")

    assert told["verdict"] == "not checked"
    assert told["mend"] == f"az eventgrid system-topic list --subscription {SUBSCRIPTION_ID} --output table"


async def test_event_subscriptions_that_may_not_be_read_are_not_checked(app: Scene) -> None:
    await app.fault(path="eventSubscriptions$", status=403, code="AuthorizationFailed")

    told = await app.the("events", "subscription")

    assert told["verdict"] == "not checked"
    assert told["mend"] == f"az eventgrid system-topic event-subscription list {HERE}"


async def test_a_webhook_of_the_app_counts(app: Scene) -> None:
    url = "https://func-responder.azurewebsites.net/runtime/webhooks/eventgrid"
    hook = {"endpointType": "WebHook", "properties": {"endpointBaseUrl": url}}
    await app.change_event_subscription(destination=hook)

    assert await app.only("events", "subscription") == []


async def test_a_topic_in_another_subscription_is_found_beside_the_app(app: Scene) -> None:
    other = TOPIC.replace(SUBSCRIPTION_ID, "99999999-0000-4000-8000-000000000009")
    app.setting("RESPONDER_OWN_SCOPES", other.partition("/providers")[0])
    topics, told = [a_topic(named=other)], [an_event_subscription(app.account, other)]
    await app.change(systemTopics=topics, eventSubscriptions=told)

    assert await app.only("events", "topic") == []


LETTERS = "/blobservices/default/containers/responder-dead-letters"


async def test_a_topic_without_an_identity_buries_nothing(app: Scene) -> None:
    topic = a_topic()
    del topic["identity"]
    await app.change(systemTopics=[topic])

    told = await app.the("events", "delivery-rights")

    here = f"--name egst-responder --resource-group rg-responder --subscription {SUBSCRIPTION_ID}"
    assert (told["verdict"], told["mend"]) == (
        "wrong",
        f"az eventgrid system-topic update {here} --identity systemassigned",
    )


async def test_a_topic_whose_identity_may_not_put_dead_letters_is_told_its_missing_role(app: Scene) -> None:
    await app.change(roleAssignments=[a_role_assignment()])

    told = await app.the("events", "delivery-rights")

    who = f"--assignee-object-id {TOPIC_PRINCIPAL} --assignee-principal-type ServicePrincipal"
    scope = f"{GROUP.lower()}/providers/microsoft.storage/storageaccounts/{app.account}{LETTERS}"
    assert told["verdict"] == "wrong"
    assert told["mend"] == f'az role assignment create {who} --role "Storage Blob Data Contributor" --scope {scope}'


async def test_a_topic_whose_identity_may_not_write_to_the_queue_is_told_its_missing_role(app: Scene) -> None:
    await to_queue(app)

    told = await app.the("events", "delivery-rights")

    assert told["verdict"] == "wrong"
    assert '--role "Storage Queue Data Message Sender" --scope ' in told["mend"]


async def test_a_topic_whose_roles_may_not_be_read_is_not_checked(app: Scene) -> None:
    await app.fault(path="roleAssignments$", status=403, code="AuthorizationFailed")

    assert (await app.the("events", "delivery-rights"))["verdict"] == "not checked"


async def test_a_topic_with_another_role_is_not_judged(app: Scene) -> None:
    other = a_topics_role(app.account)
    other["properties"]["roleDefinitionId"] = other["properties"]["roleDefinitionId"].replace("ba92f5b4", "aaaaaaaa")
    await app.change(roleAssignments=[other])

    assert (await app.the("events", "delivery-rights"))["verdict"] == "not checked"
