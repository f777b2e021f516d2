"""What the models found wrong, in sentences for whoever wrote the file."""

import re
from collections.abc import Iterable, Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from responder.core.rules_key import closest, unknown_key
from responder.core.rules_problem import Problem
from responder.core.rules_types import not_a_text
from responder.core.rules_yaml import Steps, Tree


def complaints(error: ValidationError, tree: Tree) -> Iterable[Problem]:
    """One problem for each thing that is wrong."""
    for detail in error.errors(include_url=False):
        not_a_key = detail["type"] == "invalid_key" or detail["loc"][-1:] == ("[key]",)
        if not_a_key or (detail["input"] is None and detail["type"] != "missing"):
            continue  # found in the text already, with its line
        steps = _as_written(detail["loc"], tree.values)
        yield tree.problem(steps, _sentence(detail, steps))


def _as_written(steps: Steps, values: object) -> Steps:
    """The steps without the index that a single block is given where lists of blocks are read."""
    kept: list[str | int] = []
    for step in steps:
        if isinstance(step, int) and isinstance(values, Mapping):
            continue
        kept.append(step)
        values = _below(values, step)
    return tuple(kept)


def _below(values: object, step: str | int) -> object:
    if isinstance(values, Mapping):
        return values.get(step)
    if isinstance(values, list) and isinstance(step, int) and step < len(values):
        return values[step]
    return None


def _sentence(detail: ErrorDetails, steps: Steps) -> str:
    match detail["type"]:
        case "extra_forbidden":
            return unknown_key(steps)
        case "missing":
            return "it is missing; write 'version: 1'" if steps == ("version",) else "it is missing"
        case "value_error":
            return str(detail["ctx"]["error"])
        case "literal_error":
            return _choice(detail)
        case "string_type":
            return not_a_text(detail["input"])
        case "bool_type":
            return f"it must be true or false, not {_shown(detail['input'])}"
        case "float_type":
            return f"it must be a number, not {_shown(detail['input'])}"
        case "finite_number":
            return "it must be a number that has an end"
        case "int_type" | "int_from_float" | "int_parsing_size":
            return f"it must be a whole number, not {_shown(detail['input'])}"
        case "model_type" | "dict_type":
            return f"it must be a mapping of keys to values, not {_shown(detail['input'])}"
        case "list_type":
            return f"it must be a list, not {_shown(detail['input'])}; write one entry a line, each after a dash"
        case "greater_than_equal":
            return f"it must be at least {detail['ctx']['ge']:g}, not {detail['input']!r}"
        case "less_than_equal":
            return f"it must be at most {detail['ctx']['le']:g}, not {detail['input']!r}"
        case _:
            return detail["msg"]


def _shown(value: object) -> str:
    return "a mapping" if isinstance(value, Mapping) else "a list" if isinstance(value, list) else repr(value)[:60]


def _choice(detail: ErrorDetails) -> str:
    expected = str(detail["ctx"]["expected"])
    close = closest(str(detail["input"]), re.findall(r"'(\w+)'", expected))
    told = f"it must be {expected}, not {_shown(detail['input'])}"
    return f"{told}; did you mean {close}?" if close else told
