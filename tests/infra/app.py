"""The other side of each comparison: what the app itself says it is, read from its code or asked of it."""

import ast
import json
import os
import re
import subprocess
import sys
from collections import UserDict
from functools import cache
from pathlib import Path
from typing import Any

from responder.adapters.storage_settings import BadStorage, read_storage
from tests.infra.bicep import ROOT

_INDEX = """
import json, function_app
functions = function_app.app.get_functions()
print(json.dumps([{**json.loads(each.get_function_json()), "name": each.get_function_name()} for each in functions]))
"""


@cache
def functions() -> tuple[dict[str, Any], ...]:
    """Every function with its bindings, as the Functions library reads them."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    told = {**kept, "AzureWebJobsStorage": "UseDevelopmentStorage=true"}
    done = subprocess.run(
        [sys.executable, "-c", _INDEX], cwd=ROOT, env=told, capture_output=True, text=True, check=True
    )
    return tuple(json.loads(done.stdout))


def queues() -> set[str]:
    """The queues that wake the app."""
    return {each["queueName"] for function in functions() for each in function["bindings"] if "queueName" in each}


def settings_read() -> set[str]:
    """Every name that the app looks for in its environment."""
    return _read_by_name() | _read_for_storage()


def tables() -> set[str]:
    """Every table that the app opens: the constants that hold their names."""
    return {
        value
        for path in sorted((ROOT / "responder" / "adapters").glob("*.py"))
        for name, value in _constants(path)
        if re.fullmatch("responder[a-z]+", value) and not name.startswith("_")
    }


def _read_by_name() -> set[str]:
    """The names that `read_settings` hands to its reader or takes out of what it was told."""
    found = set()
    module = _tree(ROOT / "responder" / "adapters" / "settings.py")
    (reader,) = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == "read_settings"]
    for node in ast.walk(reader):
        if isinstance(node, ast.Call) and node.args and _looks_up(node.func):
            name = node.args[0]
            assert isinstance(name, ast.Constant), f"line {node.lineno} of settings.py reads a name that it works out"
            found.add(str(name.value))
    return found


def _looks_up(called: ast.expr) -> bool:
    match called:
        case ast.Name("read"):
            return True
        case ast.Attribute(ast.Name("told"), "get"):
            return True
    return False


class _Asked(UserDict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, **told: str) -> None:
        super().__init__(told)
        self.names: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.names.add(key)
        return super().get(key, default)


def _read_for_storage() -> set[str]:
    asked = _Asked(AzureWebJobsStorage__accountName="account")
    try:
        read_storage(asked)
    except BadStorage as error:
        raise AssertionError("the storage settings are not read to their end") from error
    return asked.names


def _constants(path: Path) -> list[tuple[str, str]]:
    return [
        (target.id, node.value.value)
        for node in _tree(path).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name) and target.id.isupper()
    ]


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
