"""A small reader of Bicep: what a file declares, with literal values as Python values.

The Bicep compiler cannot be had from a package registry, so the tests read templates with tree-sitter's grammar. What
is no literal (a reference, a call, an interpolated string) stays its own text, with the literals inside it at hand.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import tree_sitter_bicep
from tree_sitter import Language, Node, Parser

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "\\": "\\", "'": "'", "$": "$"}


@dataclass(frozen=True, slots=True)
class Expression:
    """What Azure works out: its text as written, and the values inside it."""

    text: str
    inside: tuple["Value", ...] = ()


@dataclass(frozen=True, slots=True)
class Loop:
    """`[for variable in over: body]`, as a value."""

    variable: str
    over: "Value"
    body: "Value"


Value = str | int | bool | None | Expression | Loop | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `param`; `default` is None where it must be given, an Expression where Azure works it out."""

    name: str
    type: str
    required: bool
    default: Value
    secure: bool
    description: str


@dataclass(frozen=True, slots=True)
class Resource:
    """One `resource`: its symbolic name, its type with that of its parents, its body."""

    name: str
    type: str
    api_version: str
    existing: bool
    body: dict[str, Value]
    condition: str
    loop: tuple[str, Value] | None  # the variable, and what it goes through
    line: int
    comment: str  # what stands in the lines above it


@dataclass(frozen=True, slots=True)
class Module:
    """One `module`: the file it names, relative to its own, and what it is given."""

    name: str
    path: str
    params: dict[str, Value]
    scope: str
    condition: str


@dataclass(frozen=True, slots=True)
class Template:
    """One file."""

    path: Path
    scope: str
    parameters: Mapping[str, Parameter]
    variables: Mapping[str, Value]
    resources: tuple[Resource, ...]
    modules: tuple[Module, ...]
    outputs: Mapping[str, Value]
    tree: Node

    @property
    def place(self) -> str:
        """Where it is, from `infra` on."""
        return self.path.relative_to(INFRA).as_posix() if self.path.is_relative_to(INFRA) else self.path.name

    def own(self) -> tuple[Resource, ...]:
        """The resources that it makes, not those that it only refers to."""
        return tuple(resource for resource in self.resources if not resource.existing)


def parsed(text: bytes) -> Node:
    """The syntax tree of a text."""
    return Parser(Language(tree_sitter_bicep.language())).parse(text).root_node


def files() -> list[Path]:
    """Every template."""
    return sorted(INFRA.rglob("*.bicep"))


def templates() -> list[Template]:
    """Every template, read."""
    return [template(path) for path in files()]


@cache
def template(path: Path) -> Template:
    """Read one file."""
    root = parsed(path.read_bytes())
    found = [node for node in root.named_children if node.type.endswith("_declaration")]
    return Template(
        path=path,
        scope=_target(root),
        parameters={each.name: each for each in map(_parameter, _of(found, "parameter"))},
        variables={_name(node): value(node.named_children[-1]) for node in _of(found, "variable")},
        resources=tuple(each for node in _of(found, "resource") for each in _resources(node, "")),
        modules=tuple(_module(node) for node in _of(found, "module")),
        outputs={_name(node): value(node.named_children[-1]) for node in _of(found, "output")},
        tree=root,
    )


def value(node: Node) -> Value:
    """A node as a Python value."""
    match node.type:
        case "string" if not any(child.type == "interpolation" for child in node.named_children):
            return _text_of(node)
        case "number":
            return int(_text(node))
        case "boolean":
            return _text(node) == "true"
        case "null":
            return None
        case "array":
            return [_item(parts) for parts in _items(node)]
        case "object":
            return _object(node)
        case "for_statement":
            variable, over, *_, body = _parts(node)
            return Loop(_variable(variable), value(over), value(body))
    return Expression(_text(node), tuple(value(child) for child in _parts(node)))


def walk(start: Value) -> Iterator[Value]:
    """A value and all that is in it."""
    yield start
    match start:
        case Expression():
            inner: list[Value] = list(start.inside)
        case Loop():
            inner = [start.over, start.body]
        case list():
            inner = start
        case dict():
            inner = list(start.values())
        case _:
            inner = []
    for each in inner:
        yield from walk(each)


def nodes(start: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield start
    for child in start.children:
        yield from nodes(child)


def _of(found: list[Node], kind: str) -> list[Node]:
    return [node for node in found if node.type == f"{kind}_declaration"]


def _parts(node: Node) -> list[Node]:
    return [child for child in node.named_children if child.type not in ("comment", "diagnostic_comment")]


def _items(array: Node) -> list[list[Node]]:
    """The items of an array: the grammar takes `subscription().id` there for two, with nothing in between."""
    items: list[list[Node]] = []
    for node in _parts(array):
        if items and items[-1][-1].end_byte == node.start_byte:
            items[-1].append(node)
        else:
            items.append([node])
    return items


def _item(parts: list[Node]) -> Value:
    if len(parts) == 1:
        return value(parts[0])
    return Expression("".join(map(_text, parts)), tuple(map(value, parts)))


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def _name(node: Node) -> str:
    return _text(next(child for child in node.named_children if child.type == "identifier"))


def _text_of(node: Node) -> str:
    return _unquoted(_text(node))


def _unquoted(raw: str) -> str:
    if raw.startswith("'''"):
        return raw[3:-3].removeprefix("\n")
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), raw[1:-1])


def _object(node: Node) -> dict[str, Value]:
    members = (each.named_children for each in node.named_children if each.type == "object_property")
    return {_key(member[0]): value(member[-1]) for member in members if len(member) > 1}


def _key(node: Node) -> str:
    return _text(node) if node.type == "identifier" else _text(node).strip("'")


def _target(root: Node) -> str:
    told = next((node for node in root.named_children if node.type == "target_scope_assignment"), None)
    return _text_of(told.named_children[-1]) if told else "resourceGroup"


def _parameter(node: Node) -> Parameter:
    told = _text(before) if (before := node.prev_named_sibling) and before.type == "decorators" else ""
    kind = next(child for child in node.named_children if child.type == "type")
    last = node.named_children[-1]
    described = re.search(r"@description\(\s*('''.*?'''|'(?:[^'\\]|\\.)*')", told, re.DOTALL)
    return Parameter(
        name=_name(node),
        type=_text(kind),
        required=last.id == kind.id,
        default=None if last.id == kind.id else value(last),
        secure="@secure(" in told,
        description=_unquoted(described[1]).strip() if described else "",
    )


@dataclass(frozen=True, slots=True)
class _Body:
    """The object behind `if` and `for`."""

    node: Node
    condition: str
    loop: tuple[str, Value] | None


def _body(node: Node) -> _Body:
    condition, loop = "", None
    while node.type != "object":
        first, *rest = _parts(node)
        if node.type == "if_statement":
            condition = _text(first)[1:-1]
        else:
            loop = (_variable(first), value(rest[0]))
        node = rest[-1]
    return _Body(node, condition, loop)


def _variable(node: Node) -> str:
    return _text(node).strip("()").split(",")[0]


def _resources(node: Node, parent: str) -> Iterator[Resource]:
    kind, _, version = _text_of(next(child for child in node.named_children if child.type == "string")).partition("@")
    kind = f"{parent}/{kind}" if parent else kind
    body = _body(node.named_children[-1])
    yield Resource(
        name=_name(node),
        type=kind,
        api_version=version,
        existing=any(child.type == "existing" for child in node.children),
        body=_object(body.node),
        condition=body.condition,
        loop=body.loop,
        line=node.start_point.row + 1,
        comment=_comment_above(node),
    )
    for inner in body.node.named_children:
        if inner.type == "object_property" and inner.named_children[0].type == "resource_declaration":
            yield from _resources(inner.named_children[0], kind)


def _comment_above(node: Node) -> str:
    said: list[str] = []
    before = node.prev_named_sibling
    while before is not None and before.type in ("comment", "decorators", "diagnostic_comment"):
        said.insert(0, _text(before))
        before = before.prev_named_sibling
    return "\n".join(said)


def _module(node: Node) -> Module:
    body = _body(node.named_children[-1])
    told = _object(body.node)
    params, scope = told.get("params", {}), told.get("scope", "")
    return Module(
        name=_name(node),
        path=_text_of(next(child for child in node.named_children if child.type == "string")),
        params=params if isinstance(params, dict) else {},
        scope=scope.text if isinstance(scope, Expression) else str(scope),
        condition=body.condition,
    )
