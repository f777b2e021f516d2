"""What the Bicep compiler would refuse, as far as it can be told without it: names that nobody declared, parameters
of modules that are missing or unknown, outputs that are not there, scopes that do not fit.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tree_sitter import Node

from tests.infra.bicep import Module, Template, nodes, template

# learn.microsoft.com/azure/azure-resource-manager/bicep/bicep-functions; those that the templates use.
FUNCTIONS = frozenset(
    {"concat", "contains", "empty", "environment", "extensionResourceId", "first", "format", "guid", "items", "join"}
    | {"json", "length", "loadJsonContent", "loadTextContent", "managementGroup", "map", "objectKeys", "range"}
    | {"replace", "resourceGroup", "resourceId", "split", "string", "subscription", "subscriptionResourceId"}
    | {"substring", "tenant", "toLower", "toUpper", "trim", "union", "uniqueString"}
)
_OUTPUT = re.compile(r"\b(\w+)\.outputs\.(\w+)")
_SCOPES = ("managementGroup", "subscription", "resourceGroup")


def problems(read: Template) -> list[str]:
    """What of a template cannot be compiled, one sentence each."""
    return [
        f"{read.place}: {what}" for look in (_undeclared, _unused, _doubled, _modules, _outputs) for what in look(read)
    ]


def _declared(read: Template) -> list[str]:
    resources, modules = (each.name for each in read.resources), (each.name for each in read.modules)
    return [*read.parameters, *read.variables, *resources, *modules]


def _used(read: Template) -> Iterator[str]:
    """Every name that is used as a value: no keys, no declarations, no properties."""
    for node in nodes(read.tree):
        if node.type == "identifier" and not _is_name(node):
            yield (node.text or b"").decode()


def _is_name(node: Node) -> bool:
    parent = node.parent
    if parent is None or parent.named_children[0].id != node.id:
        return False
    return parent.type == "object_property" or parent.type.endswith("_declaration")


def _loop_variables(read: Template) -> set[str]:
    found: set[str] = set()
    for node in nodes(read.tree):
        if node.type == "for_statement":
            found |= set(re.findall(r"\w+", (node.named_children[0].text or b"").decode()))
    return found


def _undeclared(read: Template) -> Iterator[str]:
    known = {*_declared(read), *_loop_variables(read), *FUNCTIONS, *_decorators(read)}
    for name in sorted(set(_used(read)) - known):
        yield f"{name} is declared nowhere"


def _decorators(read: Template) -> set[str]:
    return {
        (node.named_children[0].named_children[0].text or b"").decode()
        for node in nodes(read.tree)
        if node.type == "decorator" and node.named_children[0].named_children
    }


def _unused(read: Template) -> Iterator[str]:
    for name in sorted({*read.parameters, *read.variables} - set(_used(read))):
        yield f"{name} is declared and not used"


def _doubled(read: Template) -> Iterator[str]:
    names = _declared(read)
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name} is declared twice"


def _modules(read: Template) -> Iterator[str]:
    for module in read.modules:
        inner = _file_of(read, module)
        if not inner.exists():
            yield f"module {module.name} names {module.path}, which is not there"
            continue
        declared = template(inner).parameters
        for name in sorted(module.params.keys() - declared.keys()):
            yield f"module {module.name} is given {name}, which {module.path} does not take"
        for name in sorted({each.name for each in declared.values() if each.required} - module.params.keys()):
            yield f"module {module.name} is not given {name}, which {module.path} demands"
        if (scope := _scope_of(read, module)) != template(inner).scope:
            yield f"module {module.name} is deployed to a {scope}, and {module.path} is for a {template(inner).scope}"


def _scope_of(read: Template, module: Module) -> str:
    told = module.scope.partition("(")[0]
    assert told in ("", *_SCOPES), f"module {module.name} is deployed to {module.scope}"
    return told or read.scope


def _outputs(read: Template) -> Iterator[str]:
    modules = {module.name: module for module in read.modules}
    text = (read.tree.text or b"").decode()
    for name, output in sorted(set(_OUTPUT.findall(text))):
        if name not in modules:
            yield f"{name}.outputs.{output}: there is no module {name}"
        elif _file_of(read, modules[name]).exists() and output not in template(_file_of(read, modules[name])).outputs:
            yield f"{modules[name].path} has no output {output}"


def _file_of(read: Template, module: Module) -> Path:
    return (read.path.parent / module.path).resolve()
