"""Who gets which role where: read from the role assignments of the templates, through the modules that hold them."""

import re
from dataclasses import dataclass

from tests.infra.bicep import Expression, Resource, Template, Value, template, templates
from tests.infra.meaning import Made, made, meaning

_KIND = "Microsoft.Authorization/roleAssignments"
_BUILT_IN = re.compile(r"subscriptionResourceId\('Microsoft\.Authorization/roleDefinitions', (\w+)\)")
_PRINCIPALS = {
    "identity.outputs.principalId": "app",
    "operatorPrincipalId": "operators",
    "topicIdentity ? systemTopic.identity.principalId : ''": "system topic",
}
_PLACES = {
    "Microsoft.Storage/storageAccounts": "storage account",
    "Microsoft.Storage/storageAccounts/blobServices/containers": "container",
    "Microsoft.Storage/storageAccounts/queueServices/queues": "queue",
    "Microsoft.Insights/components": "Application Insights",
    "Microsoft.EventGrid/topics": "custom topic",
}


@dataclass(frozen=True, slots=True, order=True)
class Granted:
    """One role assignment: the role's id ("custom" for our own), to whom, and where."""

    role: str
    principal: str
    scope: str


def granted() -> list[Granted]:
    """Every role assignment that the templates make; the custom role's, at its several scopes, once."""
    return sorted({_granted(each) for each in made(_KIND)})


def _granted(each: Made) -> Granted:
    return Granted(_role(each), _principal(each.template, each.properties["principalId"]), _scope(each))


def _role(each: Made) -> str:
    told = _text(each.resource.body["properties"]["roleDefinitionId"])  # type: ignore[call-overload,index]
    if built_in := _BUILT_IN.fullmatch(told):
        return str(each.template.variables[built_in[1]])
    assert told in ("role.id", "roleDefinitionId"), f"{each.template.place} assigns {told}"
    return "custom"


def _principal(read: Template, told: Value) -> str:
    """The principal behind a parameter: what the module that holds it is given."""
    text = _text(told)
    if text in _PRINCIPALS:
        return _PRINCIPALS[text]
    assert text in read.parameters, f"{read.place}: nobody knows whose principal id {text} is"
    callers = {
        _principal(caller, module.params[text])
        for caller in templates()
        for module in caller.modules
        if template((caller.path.parent / module.path).resolve()) is read
    }
    # The templates of scope/ are run by hand, and told the app's principal id.
    assert len(callers) <= 1, f"{read.place} is given principals of {sorted(callers)}"
    return callers.pop() if callers else "app"


def _scope(each: Made) -> str:
    told = each.resource.body.get("scope")
    if told is None:
        assert each.template.scope != "resourceGroup", f"{each.template.place} assigns a role to the whole group"
        return "where it works"
    (resource,) = [found for found in each.template.resources if found.name == _text(told)]
    return f"{_PLACES[resource.type]} {_name(each.template, resource)}".strip()


def _name(read: Template, resource: Resource) -> str:
    name = meaning(read, resource.body["name"])
    return name if isinstance(name, str) else ""


def _text(told: Value) -> str:
    assert isinstance(told, Expression), f"{told!r} is written out"
    return told.text
