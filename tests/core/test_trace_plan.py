from datetime import timedelta

from responder.core import instant
from responder.core.case import State
from responder.core.outcome import Outcome
from responder.core.span import Span
from responder.core.task import Deployment
from responder.core.telemetry_names import Attr, SpanName
from responder.core.trace_plan import MOST_DEPLOYMENTS, observed_trace, round_trace, verify_span
from tests.core.builders import a_case, a_deployment, a_plan, a_task, at, vault

RUNNING = a_case(State.RUNNING, plan=a_plan("kv1", "kv2"))


def told(*deployments: Deployment, now: float = 7) -> tuple[Span, ...]:
    task = a_task("Failed", 2, 1, 1)
    return round_trace(RUNNING, a_plan("kv1", "kv2"), task, deployments, Outcome.PARTLY_FAILED, "1 of 2", at(now))


def test_one_trace_tells_what_was_deployed_and_what_failed() -> None:
    spans = told(a_deployment("kv1"), a_deployment("kv2", "Failed", "AuthorizationFailed", "no permission"))

    root = spans[0]
    assert [span.name for span in spans] == ["remediation", "confirm", "open", "run", "deployment", "deployment"]
    assert (root.attributes[Attr.OUTCOME], root.attributes[Attr.DEPLOYMENTS_FAILED]) == ("partly-failed", 1)
    assert len({span.trace_id for span in spans}) == 1


def test_a_failed_deployment_comes_first_with_its_error() -> None:
    spans = told(a_deployment("kv1"), a_deployment("kv2", "Failed", "AuthorizationFailed", "no permission"))

    first = next(span for span in spans if span.name == SpanName.DEPLOYMENT)
    assert first.attributes[Attr.RESOURCE] == vault("kv2")
    assert first.error == "AuthorizationFailed: no permission"
    assert first.attributes[Attr.ERROR_CODE] == "AuthorizationFailed"


def test_telling_it_again_tells_the_same_ids() -> None:
    assert [span.span_id for span in told(a_deployment())] == [span.span_id for span in told(a_deployment())]


def test_every_span_has_its_parent_in_the_trace_and_lies_within_time() -> None:
    spans = told(a_deployment("kv1"), a_deployment("kv2", "Failed"))

    ids = {span.span_id for span in spans}
    assert all(span.parent_span_id in ids for span in spans[1:])
    assert len(ids) == len(spans)
    assert all(span.start <= span.end for span in spans)


def test_of_very_many_deployments_the_failures_are_told() -> None:
    rows = [a_deployment(f"kv{n:04d}") for n in range(500)] + [a_deployment(f"bad{n}", "Failed") for n in range(50)]

    deployments = [span for span in told(*rows) if span.name == SpanName.DEPLOYMENT]

    assert len(deployments) == MOST_DEPLOYMENTS
    assert sum(span.error is not None for span in deployments) == 50


def test_what_the_plan_did_not_name_is_told_on_the_root_and_among_the_first() -> None:
    named = [a_deployment("kv1"), a_deployment("kv2", "Failed")]
    many = [a_deployment(f"kv{n:04d}") for n in range(500)]
    plan = a_plan("kv1", "kv2", *(f"kv{n:04d}" for n in range(500)))

    root, *others = round_trace(
        RUNNING, plan, a_task(), [*named, *many, a_deployment("other")], Outcome.FAILED, "", at(7)
    )

    assert root.attributes[Attr.OUTSIDE] == vault("other")
    assert [span.attributes[Attr.RESOURCE] for span in others[3:5]] == [vault("kv2"), vault("other")]
    assert Attr.OUTSIDE not in told(*named)[0].attributes


def test_a_root_never_starts_more_than_47_hours_ago() -> None:
    root = told(a_deployment(), now=5 * 24 * 60)[0]

    assert instant.of(at(5 * 24 * 60)) - root.start <= timedelta(hours=47) // timedelta(microseconds=1) * 10


def test_the_verification_joins_the_rounds_trace() -> None:
    span = verify_span(RUNNING, a_plan(), a_task(), Outcome.INEFFECTIVE, "still non-compliant", at(30))

    root = told(a_deployment())[0]
    assert (span.trace_id, span.parent_span_id) == (root.trace_id, root.span_id)
    assert span.error == "still non-compliant"


def test_an_observed_round_has_a_root_that_says_what_would_have_been_opened() -> None:
    root = observed_trace(a_case(), a_plan("kv1", "kv2"), at(3))[0]

    assert root.attributes[Attr.OUTCOME] == "observed"
    assert root.attributes[Attr.RESOURCES] == 2
    assert root.error is None
