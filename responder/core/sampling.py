"""Which spans are told where only a part of them is: decided by the trace id alone, so that everybody decides alike.

opentelemetry.io/docs/specs/otel/trace/tracestate-probability-sampling: the last 56 bits of a trace id are random, and a
trace is told where they are at least a threshold, the part that is left out.
"""

_BITS = 56
_DIGITS = _BITS // 4


def is_told(trace_id: str, ratio: float) -> bool:
    """Whether a trace belongs to the part of this size (0 none, 1 all); the id is 32 hexadecimal digits."""
    return int(trace_id[-_DIGITS:], 16) >= _left_out(ratio)


def threshold(ratio: float) -> str:
    """The threshold as a trace state says it: hexadecimal digits without the zeros at their end."""
    return f"{_left_out(ratio):0{_DIGITS}x}".rstrip("0") or "0"


def _left_out(ratio: float) -> int:
    return round((1 - ratio) * (1 << _BITS))
