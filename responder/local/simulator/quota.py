"""The headers that say how much may still be asked.

Recorded: `x-ms-ratelimit-remaining-policy-insights-requests` counts down from 149 on every remediation request and
is full again seconds later; `…-subscription-writes` stands at 1199 on PUT and cancel. The numbers only inform here;
being throttled is a fault one asks for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta

from responder.local.simulator.wire import ArmRequest

_BUCKET = 150
_REFILL = timedelta(seconds=5)  # the real window is not documented; in recordings it is some seconds
_WRITES = "1199"
_READS = "11999"


class Quota:
    """How many requests Policy Insights still takes."""

    def __init__(self) -> None:
        self._recent: deque[datetime] = deque()

    def headers(self, request: ArmRequest, now: datetime) -> Mapping[str, str]:
        """Count this request and say what is left."""
        if "/microsoft.policyinsights/" not in request.path.lower():
            return {"x-ms-ratelimit-remaining-subscription-reads": _READS}
        told = {"x-ms-ratelimit-remaining-policy-insights-requests": str(self._left(now))}
        if request.method == "PUT" or request.path.lower().endswith("/cancel"):
            told["x-ms-ratelimit-remaining-subscription-writes"] = _WRITES
        elif request.method == "DELETE":
            told["x-ms-ratelimit-remaining-subscription-deletes"] = "14999"
        return told

    def _left(self, now: datetime) -> int:
        while self._recent and self._recent[0] <= now - _REFILL:
            self._recent.popleft()
        self._recent.append(now)
        return max(0, _BUCKET - len(self._recent))
