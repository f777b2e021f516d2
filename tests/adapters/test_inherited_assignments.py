"""Assignments that lie above what the app may read, seen from the subscription they apply to."""

from aiohttp import web

from responder.adapters.policy_facts import PolicyFacts
from responder.core.facts import Assignment, Unread
from responder.core.resource_id import resource_id
from tests.adapters.arm_double import Answer, clients_of, serving
from tests.adapters.test_policy_facts import ASSIGNMENT, BUILT_IN, Clock, an_assignment_of

SUBSCRIPTION = "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590"
VAULT = resource_id(f"{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv")
LISTED = f"{SUBSCRIPTION}/providers/microsoft.authorization/policyassignments"
REFUSED = {"error": {"code": "AuthorizationFailed", "message": "no authorization over this scope"}}


def an_estate_seen_from_below(*listed: dict[str, object]) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path.lower().rstrip("/") != LISTED:
            return web.json_response(REFUSED, status=403)
        assert request.query["$filter"] == "atScope()"
        return web.json_response({"value": list(listed)})

    return answer


async def test_an_assignment_that_may_not_be_read_where_it_is_is_read_from_the_subscription_below() -> None:
    async with serving(an_estate_seen_from_below(an_assignment_of(BUILT_IN))) as (_, url), clients_of(url) as clients:
        facts = PolicyFacts(clients, Clock())

        at_door = facts.known(ASSIGNMENT, resource_id(BUILT_IN), "", VAULT)[0]
        assigned = (await facts.about(ASSIGNMENT, resource_id(BUILT_IN), "", VAULT))[0]

        assert isinstance(at_door, Unread)
        assert isinstance(assigned, Assignment)
        assert facts.known(ASSIGNMENT, resource_id(BUILT_IN), "", VAULT)[0] == assigned


async def test_the_refusal_is_not_asked_for_again_while_the_list_is_remembered() -> None:
    async with (
        serving(an_estate_seen_from_below(an_assignment_of(BUILT_IN))) as (double, url),
        clients_of(url) as clients,
    ):
        facts = PolicyFacts(clients, Clock())
        for _ in range(3):
            await facts.about(ASSIGNMENT, resource_id(BUILT_IN), "", VAULT)

        asked = [path for _, path in double.seen if "policyassignments" in path.lower()]

        assert len(asked) == 2  # where it is, and the list


async def test_an_assignment_that_the_subscription_does_not_show_either_stays_unread_with_azures_own_words() -> None:
    async with serving(an_estate_seen_from_below()) as (_, url), clients_of(url) as clients:
        assigned = (await PolicyFacts(clients, Clock()).about(ASSIGNMENT, resource_id(BUILT_IN), "", VAULT))[0]

    assert isinstance(assigned, Unread)
    assert "AuthorizationFailed" in assigned.why


async def test_without_a_place_below_nothing_is_listed() -> None:
    async with (
        serving(an_estate_seen_from_below(an_assignment_of(BUILT_IN))) as (double, url),
        clients_of(url) as clients,
    ):
        assigned = (await PolicyFacts(clients, Clock()).about(ASSIGNMENT, resource_id(BUILT_IN), ""))[0]

        assert isinstance(assigned, Unread)
        assert not [path for _, path in double.seen if path.lower().startswith("/subscriptions/")]
