"""The nodes of a YAML text before they become values: how many there are, and which are odd.

Written-out tags (`!!binary`) and words that only look like a date would break the making of values, or make what no
rule can use; they are found first, with their places.
"""

import re
from collections.abc import Iterator
from typing import ClassVar

import yaml

from responder.core.rules_problem import Problem

MOST_NODES = 200_000
TEXT = "tag:yaml.org,2002:str"
MERGE = "tag:yaml.org,2002:merge"
NULL = "tag:yaml.org,2002:null"
_SURROGATE = re.compile("[\ud800-\udfff]")
_RESOLVER = yaml.resolver.Resolver()


class PlainConstructor(yaml.constructor.SafeConstructor):
    """Builds plain values from nodes that are composed and looked at already."""


class UndatedConstructor(PlainConstructor):
    """The same, but what looks like a date stays a text."""

    yaml_constructors: ClassVar = {
        **yaml.constructor.SafeConstructor.yaml_constructors,
        "tag:yaml.org,2002:timestamp": yaml.constructor.SafeConstructor.construct_yaml_str,
    }


def odd(node: yaml.Node, seen: set[int]) -> Iterator[Problem]:
    """What cannot become a plain value: written-out tags (`!!binary`), and words that only look like a date."""
    if id(node) in seen:
        return
    seen.add(id(node))
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    if node.tag not in (_plain_tag(node), TEXT):
        yield Problem("", f"the tag {_short(node.tag)} has no place here; write a plain value", line, column)
    elif isinstance(node, yaml.ScalarNode) and _SURROGATE.search(node.value):
        yield Problem("", "a text has half a character (\\ud800 to \\udfff); write the character itself", line, column)
    elif isinstance(node, yaml.ScalarNode) and node.tag not in (TEXT, MERGE) and not _builds(node):
        yield Problem("", f"YAML cannot read {node.value[:60]!r}; put it in quotes", line, column)
    for child in _children(node):
        yield from odd(child, seen)


def _plain_tag(node: yaml.Node) -> str:
    plain = isinstance(node, yaml.ScalarNode) and node.style is None
    return str(_RESOLVER.resolve(type(node), node.value, (plain, not plain)))  # type: ignore[no-untyped-call]


def _builds(node: yaml.ScalarNode) -> bool:
    """Whether YAML can make what it promises: `2024-13-45` has the form of a date, `=` means nothing."""
    try:
        PlainConstructor().construct_document(node)
    except (ValueError, yaml.YAMLError):
        return False
    return True


def _short(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!")[:60]


def size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values there are once aliases are expanded; an alias within itself counts as too many."""
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = MOST_NODES + 1
    count = 1
    for child in _children(node):
        count += size(child, known)
    known[id(node)] = count
    return count


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value
