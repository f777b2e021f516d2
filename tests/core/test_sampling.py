"""A part of the traces, always the same one."""

import hashlib

import pytest

from responder.core.sampling import is_told, threshold

TRACES = [hashlib.sha256(f"{number}".encode()).hexdigest()[:32] for number in range(4000)]


@pytest.mark.parametrize("ratio", [0.01, 0.1, 0.5, 0.9])
def test_about_as_many_are_told_as_asked_for(ratio: float) -> None:
    told = sum(is_told(trace, ratio) for trace in TRACES)

    assert abs(told / len(TRACES) - ratio) < 0.03


def test_all_or_none_is_exactly_that() -> None:
    assert all(is_told(trace, 1.0) for trace in (*TRACES, "0" * 32))
    assert not any(is_told(trace, 0.0) for trace in (*TRACES, "f" * 32))


def test_what_is_told_of_a_few_is_told_of_many() -> None:
    few = {trace for trace in TRACES if is_told(trace, 0.1)}

    assert few <= {trace for trace in TRACES if is_told(trace, 0.4)}


@pytest.mark.parametrize(("ratio", "said"), [(1.0, "0"), (0.5, "8"), (0.25, "c")])
def test_the_threshold_is_said_as_a_trace_state_has_it(ratio: float, said: str) -> None:
    assert threshold(ratio) == said
