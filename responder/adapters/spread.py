"""How many kinds of one number there may be: attributes hold foreign words, and each new one costs memory and money.

As OpenTelemetry's specification has it (metrics, SDK, cardinality limits): past the limit everything counts under one
attribute, `otel.metric.overflow`, so that sums stay right.
"""

from collections.abc import Mapping

from responder.core.legible import encodable
from responder.core.telemetry_names import Attr, MetricName

MOST = 1000
_OVERFLOW: Mapping[str, str | bool] = {"otel.metric.overflow": True}


class Spread:
    """Which sets of attributes each metric has had in this process."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._seen: dict[MetricName, set[frozenset[tuple[Attr, str]]]] = {}

    def within(self, metric: MetricName, attributes: Mapping[Attr, str]) -> Mapping[str, str | bool]:
        """The attributes to count under."""
        seen, these = self._seen.setdefault(metric, set()), frozenset(attributes.items())
        if these not in seen:
            if len(seen) >= self._most:
                return _OVERFLOW
            seen.add(these)
        return {name.value: encodable(text) for name, text in attributes.items()}
