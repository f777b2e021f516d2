"""The text of a rules file, read as YAML with its traps closed.

PyYAML keeps the last of two equal keys, reads `no` as false and `22:00` as 1320, and expands aliases without
end. So the node tree is looked at before it becomes values: equal keys, keys without a value and too many
nodes are problems with a line; what YAML made of a bare word is found by the models, which want exact types.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from responder.core.rules_problem import BadRules, Problem, path_of

LARGEST = 1024 * 1024
MOST_NODES = 200_000
Steps = tuple[str | int, ...]


@dataclass(slots=True)
class Tree:
    """The values, where each of them stands in the text (line, column), and the problems found on the way."""

    values: dict[str, object]
    places: dict[Steps, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, steps: Steps, message: str) -> Problem:
        """A problem at these steps, placed at the nearest thing that stands in the text."""
        near = steps
        while near and near not in self.places:
            near = near[:-1]
        line, column = self.places.get(near, (0, 0))
        return Problem(path_of(steps), message, line, column)


def read_tree(text: str) -> Tree:
    """Read the text; raises `BadRules` where nothing can be made of it at all."""
    if len(text.encode("utf-8", "replace")) > LARGEST:
        raise _bad(f"the file is larger than {LARGEST // 1024} KiB; split it, or make the rules fewer and wider")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            raise _bad("the file is empty; it needs at least 'version: 1'")
        if not isinstance(node, yaml.MappingNode):
            raise _bad("the file is not a mapping of keys to values; it begins with 'version: 1'")
        if _size(node, {}) > MOST_NODES:
            raise _bad(f"the file has more than {MOST_NODES} values once its aliases are expanded")
        tree = Tree({})
        _look(node, (), tree)
        tree.values = _Constructor().construct_document(node)
    except yaml.MarkedYAMLError as error:
        raise _unreadable(error) from error
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, BadRules):
            raise
        raise _bad(f"the file is not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise _bad("the file is nested too deeply") from error
    return tree


def _bad(message: str) -> BadRules:
    return BadRules((Problem("", message, 1, 1),))


def _unreadable(error: yaml.MarkedYAMLError) -> BadRules:
    mark = error.problem_mark or error.context_mark
    what = error.problem or error.context or "it cannot be read"
    if "'\\t'" in what:
        what = "a tab stands where YAML wants spaces; indent with spaces"
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return BadRules((Problem("", f"the file is not YAML: {what}", line, column),))


class _Constructor(yaml.constructor.SafeConstructor):
    """Builds plain values from nodes that are composed and looked at already."""


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values there are once aliases are expanded; an alias within itself counts as too many."""
    if id(node) in known:
        return known[id(node)]
    known[id(node)] = MOST_NODES + 1
    size = 1
    for child in _children(node):
        size += _size(child, known)
    known[id(node)] = size
    return size


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _look(node: yaml.Node, steps: Steps, tree: Tree) -> None:
    """Note where each value stands; report equal keys, keys that are no texts, and keys without a value."""
    tree.places.setdefault(steps, (node.start_mark.line + 1, node.start_mark.column + 1))
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            if child.tag == _NULL and "tags" not in steps:
                tree.problems.append(tree.problem((*steps, index), "the entry is empty; fill it or take it out"))
            _look(child, (*steps, index), tree)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        _look_at_key(key, value, steps, seen, tree)


def _look_at_key(key: yaml.Node, value: yaml.Node, steps: Steps, seen: dict[str, int], tree: Tree) -> None:
    line, column = key.start_mark.line + 1, key.start_mark.column + 1
    if not isinstance(key, yaml.ScalarNode) or key.tag not in (_TEXT, _MERGE):
        shown = key.value if isinstance(key, yaml.ScalarNode) else "a list or mapping"
        tree.problems.append(
            Problem(path_of(steps), f"the key {shown!r} is not a text; put it in quotes", line, column)
        )
        return
    here = (*steps, key.value)
    tree.places[here] = (line, column)
    # Tag names are compared without case, so two that differ in case alone are equal keys, too.
    name = key.value.lower() if steps and steps[-1] == "tags" else key.value
    if name in seen:
        again = f"the key {key.value!r} is here twice (first in line {seen[name]}); YAML would keep only the last"
        tree.problems.append(Problem(path_of(here), again, line, column))
    seen.setdefault(name, line)
    if value.tag == _NULL and "tags" not in steps:
        tree.problems.append(Problem(path_of(here), "it has no value; give one or leave the key out", line, column))
    _look(value, here, tree)


_TEXT = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"
_NULL = "tag:yaml.org,2002:null"
