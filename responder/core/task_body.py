"""The body of a remediation task, as it goes over the wire (Microsoft.PolicyInsights/remediations, 2024-10-01).

`failureThreshold.percentage` is a ratio from 0 to 1 there, whatever its name says (Azure/azure-rest-api-specs,
remediations, models.tsp).
"""

from responder.core.rule_settings import TaskSettings


def task_body(assignment: str, reference: str, settings: TaskSettings, count: int) -> dict[str, object]:
    """The body for a task of at most `count` resources; `reference` is as the initiative spells it, "" outside one."""
    properties: dict[str, object] = {"policyAssignmentId": assignment}
    if reference:
        properties["policyDefinitionReferenceId"] = reference
    properties["resourceDiscoveryMode"] = settings.resource_discovery_mode
    properties["resourceCount"] = min(count, settings.resource_count)
    properties["parallelDeployments"] = settings.parallel_deployments
    properties["failureThreshold"] = {"percentage": settings.failure_threshold}
    if settings.locations:
        properties["filters"] = {"locations": list(settings.locations)}
    return {"properties": properties}
