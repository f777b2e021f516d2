"""How Resource Manager writes: times, errors, pages, answers."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote

from responder.local.simulator.documents import Json
from responder.local.simulator.refusal import Refusal


@dataclass(frozen=True, slots=True)
class ArmRequest:
    """A request as the services see it: path decoded, names of query parameters in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    body: object
    base_url: str

    @property
    def api_version(self) -> str:
        """The api-version asked for, such as `2024-10-01`."""
        return self.query.get("api-version", "")

    @property
    def filter(self) -> str:
        """The OData filter, empty where there is none."""
        return self.query.get("$filter", "")

    def link(self, **query: str | int) -> str:
        """The absolute URL of this request with some query parameters (`top`: `$top`) set anew."""
        changed = {**self.query, **{f"${name}": str(value) for name, value in query.items()}}
        # The SDKs read a next link apart and encode it again: `$` must stay as it is, all else must be encoded.
        text = "&".join(f"{quote(name, safe='$-')}={quote(value, safe='')}" for name, value in changed.items())
        return f"{self.base_url}{quote(self.path)}?{text}"


@dataclass(frozen=True, slots=True)
class ArmAnswer:
    """Status, JSON body where there is one, and headers beyond the usual ones."""

    status: int = 200
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the items, and where the rest is to be had."""

    items: Sequence[object]
    next_link: str | None


def stamp(moment: datetime) -> str:
    """A time with seven fractional digits, as .NET counts (100 ns) and Azure writes.

    Our clock knows six. The seventh is made from the sixth and never 0, so that whoever reads these times must cope
    with seven, and equal times stay equal.
    """
    text = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return f"{text}{1 + moment.microsecond % 9}Z"


def paged(request: ArmRequest, items: Sequence[object], size: int) -> Page:
    """One page of at most `size`; `$top` counts over all pages ($top=101 gives 100, a next link, and 1)."""
    start = _offset(request.query.get("$skiptoken", ""))
    top = _top(request.query.get("$top"))
    end = len(items) if top is None else min(len(items), start + top)
    stop = min(start + size, end)
    if stop >= end:
        return Page(items[start:stop], None)
    token = base64.urlsafe_b64encode(str(stop).encode()).decode()
    left = {} if top is None else {"top": top - (stop - start)}
    return Page(items[start:stop], request.link(skiptoken=token, **left))


def _top(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isdecimal():
        raise Refusal(400, "InvalidQueryParameter", f"$top must be a number, not '{text}'.")
    return int(text)


def _offset(token: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(token)) if token else 0
    except (ValueError, binascii.Error) as error:
        raise Refusal(400, "InvalidSkipToken", f"The skip token '{token}' is invalid.") from error
