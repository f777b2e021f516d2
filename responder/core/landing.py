"""Where the remediation of one resource will write: there the assignment's identity needs its rights.

`modify` changes the resource itself. `deployIfNotExists` deploys to the resource's own group unless the definition
says `deploymentScope: subscription` or names a `resourceGroupName`
(https://learn.microsoft.com/azure/governance/policy/concepts/effect-deploy-if-not-exists#deployifnotexists-properties;
that the deployment, too, goes to `resourceGroupName` is what built-in definitions such as the one for network
watchers count on). `existenceScope` says where the related resource is looked for, and Azure looks itself: it moves no
deployment. What lies in no group is deployed for at its subscription.
"""

from responder.core.definition import Definition
from responder.core.facts import Facts
from responder.core.parameters import filled_in
from responder.core.resource_id import ResourceId, resource_id
from responder.core.unread import Unread


def landing_scope(resource: ResourceId, effect: str | Unread, facts: Facts, reference: str) -> ResourceId | Unread:
    """The scope at which the identity will write; `effect` is folded."""
    defined = facts.definition
    if isinstance(effect, Unread):
        return effect
    if effect == "modify":
        return resource
    if not isinstance(defined, Definition) or resource.subscription is None:
        return Unread("the definition is not known, or the resource lies in no subscription")
    subscription = resource_id(f"/subscriptions/{resource.subscription}")
    where = filled_in(defined.deployment_scope, facts, reference)
    if not isinstance(where, str) or where.lower() not in ("resourcegroup", "subscription"):
        return where if isinstance(where, Unread) else Unread(f"the definition's deploymentScope is {where!r}")
    if where.lower() == "subscription":
        return subscription
    if defined.landing_group:
        return _named_group(subscription, filled_in(defined.landing_group, facts, reference))
    return resource.group


def _named_group(subscription: ResourceId, name: object) -> ResourceId | Unread:
    if isinstance(name, Unread):
        return name
    if not isinstance(name, str) or not name or name.startswith("[") or "/" in name:
        return Unread(f"the definition deploys to the group {name!r}, which cannot be worked out from here")
    return resource_id(f"{subscription}/resourcegroups/{name}")
