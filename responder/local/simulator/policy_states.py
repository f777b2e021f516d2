"""Microsoft.PolicyInsights/policyStates: what the policies say about resources, with filter and pages.

https://learn.microsoft.com/rest/api/policyinsights/policy-states. `default` and `latest` answer alike here: the
simulator keeps one state for each resource and policy, not the history of a day.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

from responder.local.simulator import refusal
from responder.local.simulator import scope as ids
from responder.local.simulator.documents import Json, State
from responder.local.simulator.filter_text import compiled
from responder.local.simulator.tenant import properties_of, text_in
from responder.local.simulator.wire import ArmAnswer, ArmRequest, paged, stamp
from responder.local.simulator.world import World

# What the service can do to a query and the simulator does not; better a no than a wrong answer.
_UNPLAYED = ("$apply", "$orderby", "$select", "$from", "$to")
# A query may also be put to an assignment or a definition as if it were a scope.
_COLUMN_OF_SCOPE = {
    "microsoft.authorization/policyassignments": "policyAssignmentId",
    "microsoft.authorization/policydefinitions": "policyDefinitionId",
    "microsoft.authorization/policysetdefinitions": "policySetDefinitionId",
}


def query_results(world: World, request: ArmRequest, scope: str, resource: str) -> ArmAnswer:
    """The states at a scope and below it, a page at a time."""
    world.settle()
    for name in _UNPLAYED:
        if name in request.query:
            raise refusal.bad_filter(request.query[name], f"the simulator does not play {name}")
    detailed = "policyevaluationdetails" in request.query.get("$expand", "").lower()
    context = (
        f"{request.base_url}{ids.echo(scope)}/providers/Microsoft.PolicyInsights/policyStates/$metadata#{resource}"
    )
    test = compiled(request.filter, _FIELDS)
    rows = [row for state in _at(world, scope) if test(row := _row(world, state, context, detailed))]
    page = paged(request, rows, world.dials.page_size)
    body: Json = {"@odata.nextLink": page.next_link, "@odata.context": context, "@odata.count": len(page.items)}
    return ArmAnswer(200, {**body, "value": list(page.items)})


def trigger_evaluation(world: World, request: ArmRequest, scope: str) -> ArmAnswer:
    """Have a scope scanned: 202, and where to ask whether it is done. Every state there gets a new timestamp."""
    now = world.settle()
    done = now + world.dials.evaluating
    world.agenda.at(done, lambda at: _scan(world, scope, at))
    place = f"/subscriptions/{ids.subscription_of(scope)}/providers/Microsoft.PolicyInsights"
    operation = f"{place}/asyncOperationResults/{uuid4()}"
    world.operations[ids.key(operation)] = done
    location = f"{request.base_url}{operation}?api-version={request.api_version}"
    return ArmAnswer(202, None, {"Location": location, "Retry-After": "30"})


def operation_result(world: World, request: ArmRequest) -> ArmAnswer:
    """Whether a scan has ended: 202 until then, 200 after."""
    now = world.settle()
    done = world.operations.get(ids.key(request.path))
    if done is None:
        raise refusal.no_such_path(request.path)
    if now >= done:
        return ArmAnswer(200)
    return ArmAnswer(202, None, {"Location": request.link(), "Retry-After": "30"})


def _scan(world: World, scope: str, at: datetime) -> None:
    for key, state in world.tenant.states.items():
        if world.tenant.contains(scope, state.resource_id):
            world.tenant.states[key] = state.model_copy(update={"timestamp": stamp(at)})


def _at(world: World, scope: str) -> Iterator[State]:
    column = _COLUMN_OF_SCOPE.get(ids.type_of(scope).lower())
    if column is None:
        yield from world.tenant.states_at(scope)
        return
    for state in list(world.tenant.states.values()):
        if ids.key(_columns(world, state)[column]) == ids.key(scope):
            yield state


def _columns(world: World, state: State) -> dict[str, str]:
    assigned = text_in(world.tenant.document("policyassignments", state.policy_assignment_id), "policyDefinitionId")
    return {
        "policyAssignmentId": state.policy_assignment_id,
        "policyDefinitionId": state.policy_definition_id,
        "policySetDefinitionId": assigned,
    }


def _row(world: World, state: State, context: str, detailed: bool) -> Json:
    row: Json = {
        "@odata.id": None,
        "@odata.context": f"{context}/$entity",
        "timestamp": state.timestamp,
        **_about_resource(world, state),
        **_about_assignment(world, state),
        **_about_definition(world, state),
        **_about_initiative(world, state),
        "effectiveParameters": None,
        "isCompliant": (state.compliance_state or "").lower() == "compliant",
        "complianceState": state.compliance_state,
    }
    return {**row, "policyEvaluationDetails": state.policy_evaluation_details} if detailed else row


def _about_resource(world: World, state: State) -> Json:
    resource = world.tenant.resource(state.resource_id)
    tags = resource.tags
    return {
        "resourceId": ids.echo(state.resource_id),
        "subscriptionId": ids.subscription_of(state.resource_id) or "",
        "resourceType": "/" + ids.type_of(state.resource_id),  # with a slash, as in the examples
        "resourceLocation": resource.location,
        "resourceGroup": ids.resource_group_of(state.resource_id) or "",
        "resourceTags": tags if isinstance(tags, str) else json.dumps(tags, ensure_ascii=False),
        "managementGroupIds": ",".join(world.tenant.management_groups_of(state.resource_id)),
    }


def _about_assignment(world: World, state: State) -> Json:
    assignment = world.tenant.document("policyassignments", state.policy_assignment_id)
    scope = text_in(assignment, "scope") or ids.holder_of(state.policy_assignment_id)
    return {
        "policyAssignmentId": ids.echo(state.policy_assignment_id),
        "policyAssignmentName": ids.name_of(state.policy_assignment_id),
        "policyAssignmentOwner": "tbd",  # so in the examples
        "policyAssignmentParameters": json.dumps(properties_of(assignment).get("parameters") or {}),
        "policyAssignmentScope": ids.echo(scope),
        "policyAssignmentVersion": "",
    }


def _about_definition(world: World, state: State) -> Json:
    definition = world.tenant.document("policydefinitions", state.policy_definition_id)
    return {
        "policyDefinitionId": ids.echo(state.policy_definition_id),
        "policyDefinitionName": ids.name_of(state.policy_definition_id),
        # The effective effect, in lower case whatever the definition's spelling (examples: "auditifnotexists").
        "policyDefinitionAction": state.policy_definition_action.lower(),
        "policyDefinitionCategory": "tbd",
        "policyDefinitionReferenceId": state.policy_definition_reference_id or None,
        "policyDefinitionGroupNames": state.policy_definition_group_names,
        "policyDefinitionVersion": text_in(definition, "version") or "1.0.0",
    }


def _about_initiative(world: World, state: State) -> Json:
    assigned = _columns(world, state)["policySetDefinitionId"]
    if "/policysetdefinitions/" not in assigned.lower():
        return dict.fromkeys(_INITIATIVE)
    initiative = world.tenant.document("policysetdefinitions", assigned)
    values = (ids.echo(assigned), ids.name_of(assigned), "tbd", "tbd", "{}", text_in(initiative, "version") or "1.0.0")
    return dict(zip(_INITIATIVE, values, strict=True))


_INITIATIVE = (
    "policySetDefinitionId",
    "policySetDefinitionName",
    "policySetDefinitionOwner",
    "policySetDefinitionCategory",
    "policySetDefinitionParameters",
    "policySetDefinitionVersion",
)
_FIELDS = (
    *("timestamp", "resourceId", "subscriptionId", "resourceType", "resourceLocation", "resourceGroup"),
    *("resourceTags", "managementGroupIds", "isCompliant", "complianceState"),
    *("policyAssignmentId", "policyAssignmentName", "policyAssignmentOwner", "policyAssignmentScope"),
    *("policyDefinitionId", "policyDefinitionName", "policyDefinitionAction", "policyDefinitionCategory"),
    *("policyDefinitionReferenceId", "policyDefinitionVersion", "policyAssignmentVersion"),
    *_INITIATIVE,
)
