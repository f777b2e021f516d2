"""What templates say against Microsoft's own models: `python -m tests.infra.wire`, with the python of .wire/.

No Bicep compiler can be had from a package registry, and Azure would name a misspelt property only when it is
deployed. The management libraries can be had; their models know the names on the wire, the subtypes and most words of a
closed list. They speak newer API versions than some templates do, so a name they know may still be too new; `bicep
build` in the workflow knows the version as well.
"""

import enum
import importlib
import sys
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any

from tests.infra.bicep import Expression, Value
from tests.infra.meaning import Made, made, meaning

# Where each type's model lives. A type of ours that is in neither list fails the check.
_ROLES = "azure.mgmt.authorization.v2022_04_01"
MODELS = {
    "Microsoft.Authorization/roleAssignments": (
        "azure.mgmt.authorization.v2022_04_01",
        "RoleAssignmentCreateParameters",
    ),
    "Microsoft.Authorization/roleDefinitions": (_ROLES, "RoleDefinition"),
    "Microsoft.EventGrid/systemTopics": ("azure.mgmt.eventgrid", "SystemTopic"),
    "Microsoft.EventGrid/systemTopics/eventSubscriptions": ("azure.mgmt.eventgrid", "EventSubscription"),
    "Microsoft.EventGrid/topics": ("azure.mgmt.eventgrid", "Topic"),
    "Microsoft.Insights/actionGroups": ("azure.mgmt.monitor", "ActionGroupResource"),
    "Microsoft.Insights/components": ("azure.mgmt.applicationinsights", "ApplicationInsightsComponent"),
    "Microsoft.Insights/scheduledQueryRules": ("azure.mgmt.monitor", "ScheduledQueryRuleResource"),
    "Microsoft.Insights/workbooks": ("azure.mgmt.applicationinsights", "Workbook"),
    "Microsoft.ManagedIdentity/userAssignedIdentities": ("azure.mgmt.msi", "Identity"),
    "Microsoft.Network/networkSecurityGroups": ("azure.mgmt.network", "NetworkSecurityGroup"),
    "Microsoft.Network/privateDnsZones": ("azure.mgmt.privatedns", "PrivateZone"),
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks": ("azure.mgmt.privatedns", "VirtualNetworkLink"),
    "Microsoft.Network/privateEndpoints": ("azure.mgmt.network", "PrivateEndpoint"),
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": ("azure.mgmt.network", "PrivateDnsZoneGroup"),
    "Microsoft.Network/virtualNetworks": ("azure.mgmt.network", "VirtualNetwork"),
    "Microsoft.OperationalInsights/workspaces": ("azure.mgmt.loganalytics", "Workspace"),
    "Microsoft.Storage/storageAccounts": ("azure.mgmt.storage", "StorageAccountCreateParameters"),
    "Microsoft.Storage/storageAccounts/blobServices": ("azure.mgmt.storage", "BlobServiceProperties"),
    "Microsoft.Storage/storageAccounts/blobServices/containers": ("azure.mgmt.storage", "BlobContainer"),
    "Microsoft.Web/serverfarms": ("azure.mgmt.web", "AppServicePlan"),
    "Microsoft.Web/sites": ("azure.mgmt.web", "Site"),
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": (
        "azure.mgmt.web",
        "CsmPublishingCredentialsPoliciesEntity",
    ),
}
WITHOUT = {
    "Microsoft.Insights/diagnosticSettings": "the newest library has left it out",
    "Microsoft.Storage/storageAccounts/queueServices": "has a name only",
    "Microsoft.Storage/storageAccounts/queueServices/queues": "has a name only",
    "Microsoft.Web/sites/config": "its names are our settings, held to the code",
}
# What every resource may say beside what its model says.
_ENVELOPE = {"name": str, "location": str, "tags": dict, "scope": str, "parent": str, "dependsOn": list}


def main() -> int:
    """Check every resource; 1 where a template says what the model does not know."""
    wrong = sorted({line for each in made() for line in problems(each)})
    print("\n".join(wrong) or f"{len(made())} resources say nothing that Microsoft's models do not know.")
    return 1 if wrong or not made() else 0


def problems(resource: Made) -> Iterator[str]:
    """What a resource says that its model does not know, one line each."""
    here = f"{resource.template.place}: {resource.type}"
    if resource.type in WITHOUT:
        return
    if resource.type not in MODELS:
        yield f"{here}: name its model in tests/infra/wire.py"
        return
    package, name = MODELS[resource.type]
    model = getattr(importlib.import_module(f"{package}.models"), name)
    said = {key: _filled(resource, told) for key, told in resource.body.items()}
    yield from unknown({**fields(model), **_ENVELOPE}, said, here)


def _filled(resource: Made, told: Value) -> Value:
    """A value with the variables put in that an expression names."""
    match meaning(resource.template, told):
        case Expression() as left:
            return Expression(
                left.text, tuple(_filled(resource, each) if each != told else each for each in left.inside)
            )
        case found:
            return found


def _objects(told: Value) -> Iterator[dict[str, Value]]:
    """The objects that a value is, or may come to: of a list each, of a `union` or a choice each part."""
    match told:
        case dict():
            yield told
        case list():
            yield from (found for each in told for found in _objects(each))
        case Expression():
            yield from (found for each in told.inside for found in _objects(each))


def unknown(known: Mapping[str, Any], told: dict[str, Value], place: str) -> Iterator[str]:
    """What an object says that is not among the fields that are known, one line each."""
    for key, value in told.items():
        if key not in known:
            yield f"{place}: no model has {key}"
        else:
            yield from _inside(known[key], value, f"{place}.{key}")


def _inside(declared: Any, told: Value, place: str) -> Iterator[str]:
    """What is wrong within a property, by what is declared of it."""
    if isinstance(declared, dict):
        for each in _objects(told):
            yield from unknown(declared, each, place)
    elif model := _model(declared):
        for each in _objects(told):
            yield from _of_subtype(model, each, place)
    elif (words := _words(declared)) and isinstance(told, str) and told.lower() not in words:
        yield f"{place}: no model has the word {told!r}"


def _of_subtype(model: Any, told: dict[str, Value], place: str) -> Iterator[str]:
    """The same for a model of several kinds: the kind is what the discriminator says."""
    for key, kinds in _kinds(model):
        if (kind := told.get(key)) not in kinds:
            yield f"{place}: no model has {key} {kind!r}"
            return
        model = kinds[kind]
    yield from unknown(fields(model), told, place)


def _kinds(model: Any) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    module = sys.modules[model.__module__]
    for attribute, names in getattr(model, "_subtype_map", {}).items():
        yield model._attribute_map[attribute]["key"], {kind: getattr(module, name) for kind, name in names.items()}


def fields(model: Any) -> dict[str, Any]:
    """Names on the wire with what is declared of each; the older libraries' flattened ones are nested again."""
    if not hasattr(model, "_attribute_map"):
        model.__new__(model)  # the newer ones work out their names when the first is made
        hints = typing.get_type_hints(model, _names_for(model))
        return {field._rest_name: hints.get(name) for name, field in model._attr_to_rest_field.items()}
    found: dict[str, Any] = {}
    for entry in model._attribute_map.values():
        *above, last = entry["key"].replace("\\.", "\0").split(".")
        here = found
        for name in above:
            here = here.setdefault(name, {})
        here[last.replace("\0", ".")] = _named(sys.modules[model.__module__], entry["type"])
    return found


def _names_for(model: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in reversed(model.__mro__):
        found |= vars(sys.modules[each.__module__])
        package = each.__module__.rpartition(".")[0]
        found |= {"_models": sys.modules[package], "_types": types.SimpleNamespace()} if "azure.mgmt" in package else {}
    return found


def _named(module: types.ModuleType, text: str) -> Any:
    """The class behind `[Name]` or `Name`; a map of names that we choose ourselves is nothing to check."""
    return None if text.startswith("{") else getattr(module, text.strip("[]").rpartition(".")[2], None)


def _model(declared: Any) -> Any:
    """The model within `Optional[list[Model]]` and the like; nothing where there is none, or within a map."""
    if typing.get_origin(declared) is dict:
        return None
    if isinstance(declared, type) and (hasattr(declared, "_attribute_map") or hasattr(declared, "_deserialize")):
        return None if issubclass(declared, enum.Enum) else declared
    return next((found for each in typing.get_args(declared) if (found := _model(each))), None)


def _words(declared: Any) -> set[str]:
    """The words of a closed list, folded."""
    if isinstance(declared, type) and issubclass(declared, enum.Enum):
        return {str(each.value).lower() for each in declared}
    return {word for each in typing.get_args(declared) for word in _words(each)}


if __name__ == "__main__":
    sys.exit(main())
