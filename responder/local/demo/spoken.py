"""Ids as people say them: `rg-shop/app-shop-web` for what takes a line in full. The files have them whole."""

import re

_RESOURCE = re.compile(
    r"/subscriptions/[0-9a-f-]{36}/resourcegroups/([^/\s,]+)/providers/[\w.]+(?:/[^/\s,:;]+/([^/\s,:;]+))+", re.I
)
_GROUP = re.compile(r"/subscriptions/[0-9a-f-]{36}/resourcegroups/([^/\s,:;]+)", re.I)
_POLICY = re.compile(
    r"(?:/providers/microsoft\.management/managementgroups/[^/\s]+|/subscriptions/[0-9a-f-]{36})?"
    r"/providers/microsoft\.authorization/\w+/([^/\s,:;]+)",
    re.I,
)
_ID = re.compile(r"(/subscriptions/[0-9a-f]{8})[0-9a-f-]{28}", re.I)


def spoken(text: str) -> str:
    """A sentence with the ids in it shortened to names."""
    text = _POLICY.sub(r"\1", text)
    text = _RESOURCE.sub(r"\1/\2", text)
    return _GROUP.sub(r"\1", text)


def on_a_line(scope: str) -> str:
    """A scope that can still be told from others, on one line: only the subscription's id is cut."""
    return _ID.sub(r"\1...", scope)
