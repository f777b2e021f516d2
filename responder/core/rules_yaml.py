"""The text of a rules file, read as YAML with its traps closed.

PyYAML keeps the last of two equal keys, reads `no` as false and `22:00` as 1320, and expands aliases without
end. So the node tree is looked at before it becomes values: equal keys, keys without a value, written-out tags
and too many nodes are problems with a line; what YAML made of a bare word is found by the models, which want
exact types.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import yaml

from responder.core.rules_node import MERGE, MOST_NODES, NULL, TEXT, PlainConstructor, UndatedConstructor, odd, size
from responder.core.rules_problem import BadRules, Problem, path_of
from responder.core.rules_yaml_error import unreadable

LARGEST = 1024 * 1024
Steps = tuple[str | int, ...]


@dataclass(slots=True)
class Tree:
    """The values, where each of them stands in the text (line, column), and the problems found on the way."""

    values: dict[str, object]
    places: dict[Steps, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, steps: Steps, message: str) -> Problem:
        """A problem at these steps, placed at the nearest thing that stands in the text."""
        line, column = self.place(steps)
        return Problem(path_of(steps), message, line, column)

    def place(self, steps: Steps) -> tuple[int, int]:
        """Line and column of the nearest thing that stands in the text."""
        while steps and steps not in self.places:
            steps = steps[:-1]
        return self.places.get(steps, (0, 0))


def read_tree(text: str) -> Tree:
    """Read a mapping; raises `BadRules` where nothing can be made of it at all."""
    node = _composed(text, "the file is empty; it needs at least 'version: 1'")
    if not isinstance(node, yaml.MappingNode):
        raise _bad("the file is not a mapping of keys to values; it begins with 'version: 1'")
    tree, built = _built(node, (), PlainConstructor)
    tree.values = built if isinstance(built, dict) else {}
    return tree


def read_list(text: str, name: str) -> Tree:
    """Read a list of documents, which becomes the value of `name`; times stay the texts that Azure writes.

    Raises `BadRules` where nothing can be made of it at all.
    """
    node = _composed(text, "the file is empty; it is a list, one entry after each dash")
    if not isinstance(node, yaml.SequenceNode):
        raise _bad("the file is not a list; each entry begins with a dash")
    tree, built = _built(node, (name,), UndatedConstructor)
    tree.values = {name: built}
    return tree


def _composed(text: str, empty: str) -> yaml.Node:
    if len(text.encode("utf-8", "replace")) > LARGEST:
        raise _bad(f"the file is larger than {LARGEST // 1024} KiB; split it, or make the rules fewer and wider")
    with _reading():
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is None:
            raise _bad(empty)
        if size(node, {}) > MOST_NODES:
            raise _bad(f"the file has more than {MOST_NODES} values once its aliases are expanded")
        if found := tuple(odd(node, set())):
            raise BadRules(found)
    return node


def _built(node: yaml.Node, steps: Steps, constructor: type[PlainConstructor]) -> tuple[Tree, object]:
    tree = Tree({})
    with _reading():
        _look(node, steps, tree)
        return tree, constructor().construct_document(node)


@contextmanager
def _reading() -> Iterator[None]:
    """Whatever YAML finds wrong is told as our own."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        raise BadRules((unreadable(error),)) from error
    except BadRules:
        raise
    except (yaml.YAMLError, ValueError) as error:
        raise _bad(f"the file is not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise _bad("the file is nested too deeply") from error


def _bad(message: str) -> BadRules:
    return BadRules((Problem("", message, 1, 1),))


def _look(node: yaml.Node, steps: Steps, tree: Tree) -> None:
    """Note where each value stands; report equal keys, keys that are no texts, and keys without a value."""
    tree.places.setdefault(steps, (node.start_mark.line + 1, node.start_mark.column + 1))
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            if child.tag == NULL and "tags" not in steps:
                tree.problems.append(tree.problem((*steps, index), "the entry is empty; fill it or take it out"))
            _look(child, (*steps, index), tree)
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[str, int] = {}
    for key, value in node.value:
        _look_at_key(key, value, steps, seen, tree)


def _look_at_key(key: yaml.Node, value: yaml.Node, steps: Steps, seen: dict[str, int], tree: Tree) -> None:
    line, column = key.start_mark.line + 1, key.start_mark.column + 1
    if not isinstance(key, yaml.ScalarNode) or key.tag not in (TEXT, MERGE):
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
    if value.tag == NULL and "tags" not in steps:
        tree.problems.append(Problem(path_of(here), "it has no value; give one or leave the key out", line, column))
    _look(value, here, tree)
