"""azd's parameters file, filled in without azd: `python -m tests.infra.azd_parameters`, told VARIABLES as JSON.

azd writes the variables of its environment into `${NAME}` and `${NAME=default}`, and leaves a parameter out whose text
is empty, so that the template's default holds. The workflow does the same for a what-if, which azd's own preview
would run the hooks for.
"""

import json
import os
import re
import sys
from collections.abc import Mapping

from tests.infra.bicep import INFRA, template

_HOLE = re.compile(r"\$\{(\w+)(?:=([^}]*))?\}")


class BadParameter(ValueError):
    """A parameter cannot be filled in; the message says which and why."""


def filled_in(
    document: Mapping[str, object], types: Mapping[str, str], variables: Mapping[str, str]
) -> dict[str, object]:
    """The parameters file with every hole filled, each value of its parameter's type; raises `BadParameter`."""
    told = document["parameters"]
    assert isinstance(told, dict)
    texts = {name: _text(str(each["value"]), variables) for name, each in told.items()}
    values = {name: {"value": _typed(name, text, types[name])} for name, text in texts.items() if text}
    return {**document, "parameters": values}


def _text(text: str, variables: Mapping[str, str]) -> str:
    return _HOLE.sub(lambda found: variables.get(found[1]) or found[2] or "", text)


def _typed(name: str, text: str, kind: str) -> object:
    match kind:
        case "bool" if text in ("true", "false"):
            return text == "true"
        case "int" if re.fullmatch(r"-?\d+", text):
            return int(text)
        case "string":
            return text
        case "object" | "array":
            return json.loads(text)
    raise BadParameter(f"{name} is {text!r}, which is no {kind}")


def main() -> int:
    """Print the file, filled in from the JSON object in VARIABLES."""
    document = json.loads((INFRA / "main.parameters.json").read_text(encoding="utf-8"))
    types = {each.name: each.type for each in template(INFRA / "main.bicep").parameters.values()}
    variables: dict[str, str] = json.loads(os.environ.get("VARIABLES", "{}"))
    try:
        print(json.dumps(filled_in(document, types, variables), indent=2))
    except BadParameter as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
