"""What tickets and chats are told, and of what they are not."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responder.adapters.outcome_topic import cloud_event
from responder.core import seen
from responder.core.case import HISTORY_KEPT, Case, Hold, Kind, Moment, State
from responder.core.outcome import BAD, Outcome
from responder.core.outcome_event import EventType, OutcomeEvent, Standing, event_of, left_open, standing, stop_of
from tests.core.builders import GROUP, a_case, a_deployment, a_key, a_plan, at, vault
from tests.core.outcome_builders import SCHEMA, breaches, moved, stopped, task_ended

_FAILED = a_deployment("kv1", "Failed", "AuthorizationFailed", "The client with password hunter2 may not")
_RUNNING = a_case(State.RUNNING, claim="c1", history=(Moment(at(1), State.RUNNING, "", "It runs."),))


def told(before: Case, what: seen.Seen, ended: Outcome | None = None) -> OutcomeEvent | None:
    return event_of(before, what, ended, moved(before, what))


def concluded(outcome: Outcome, *deployments: Any, before: Case = _RUNNING, more: bool = False) -> OutcomeEvent:
    event = told(before, task_ended(outcome, *deployments, more=more), outcome)
    assert event is not None
    return event


def asked(digest: str = "d" * 24, case: Case | None = None) -> OutcomeEvent | None:
    return told(case or a_case(State.OPENING, claim="c1"), seen.ApprovalNeeded("Please look.", digest, at(60)))


def on_the_wire(event: OutcomeEvent) -> dict[str, Any]:
    """As it arrives; what the SDK really sends is looked at in the scenario with the running app."""
    made = cloud_event(event, "azure-policy-responder/func")
    assert made.time is not None
    told = {name: getattr(made, name) for name in ("specversion", "id", "source", "type", "subject", "datacontenttype")}
    written = json.dumps({**told, "time": made.time.isoformat(), "data": made.data, **(made.extensions or {})})
    arrived: dict[str, Any] = json.loads(written)
    return arrived


# What is told -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", sorted(BAD - {Outcome.INEFFECTIVE}))
def test_a_round_that_ended_badly_is_concluded_with_its_failures(outcome: Outcome) -> None:
    event = concluded(outcome, a_deployment("kv2"), _FAILED, more=True)

    assert (event.type, event.data["outcome"], event.data["goesOn"]) == (EventType.CONCLUDED, outcome, True)
    assert event.data["failures"] == [
        {"resource": vault("kv1"), "status": "Failed", "errorCode": "AuthorizationFailed"}
    ]
    assert event.data["failureCount"] == 1


def test_what_a_deployment_says_of_its_error_is_not_told() -> None:
    event = concluded(Outcome.FAILED, _FAILED)

    assert "hunter2" not in json.dumps(event.data)
    assert event.data["because"] == "Azure calls the task Failed: 0 of 1 deployments succeeded, 1 failed."


def test_a_task_that_did_its_work_is_told_only_once_azure_policy_has_looked_again() -> None:
    succeeded = told(_RUNNING, task_ended(Outcome.REMEDIATED, a_deployment()), Outcome.REMEDIATED)
    before = a_case(State.VERIFYING, claim="c1")
    verified = told(before, seen.Verified(Outcome.VERIFIED, "All are compliant.", False), Outcome.VERIFIED)

    assert succeeded is None
    assert verified is not None
    assert (verified.data["outcome"], verified.data["because"]) == ("verified", "All are compliant.")


def test_a_case_that_stops_is_told_with_its_reason_and_the_services_words() -> None:
    before = a_case(State.OPENING, claim="c1")

    event = told(before, seen.Refused("The template is broken."), Outcome.REFUSED)

    assert event is not None
    assert (event.type, event.data["reason"]) == (EventType.STOPPED, "refused")
    assert event.data["because"] == "The template is broken."


def test_a_case_that_is_given_up_does_not_quote_its_last_error() -> None:
    before = a_case(State.HELD, claim="c1", reason=Hold.WAITING_FOR_RETRY)

    event = told(before, seen.GivenUp("Task t: Bad: password hunter2", "vaults", "d1", code="Bad"))

    assert event is not None
    assert (event.type, event.data["reason"], event.data["errorCode"]) == (EventType.STOPPED, "given-up", "Bad")
    assert "hunter2" not in json.dumps(event.data)


def test_a_plan_that_waits_for_a_person_is_told_with_its_digest_and_its_end() -> None:
    event = asked()

    assert event is not None
    assert event.type is EventType.APPROVAL_REQUESTED
    assert (event.data["plan"], event.data["until"]) == ("d" * 24, "2026-11-27T12:30:00Z")


def test_the_same_question_is_asked_once_however_often_the_case_looks_again() -> None:
    first = moved(a_case(State.OPENING, claim="c1"), seen.ApprovalNeeded("Please look.", "d" * 24, at(60)))

    again = asked(case=replace(first, state=State.OPENING, claim="c2"))
    another = asked("e" * 24, replace(first, state=State.OPENING, claim="c2"))

    assert again is None
    assert another is not None
    assert another.data["plan"] == "e" * 24


@pytest.mark.parametrize("quiet", [Outcome.WITHDRAWN, Outcome.OBSERVED])
def test_a_round_that_opened_nothing_is_told_only_where_something_was_left_open(quiet: Outcome) -> None:
    fresh = a_case(State.GATHERING, claim="c1", history=(_closed(Outcome.VERIFIED),))
    after_a_failure = replace(fresh, history=(_closed(Outcome.FAILED),))
    what = seen.NothingLeft(quiet, "It is compliant.")

    assert told(fresh, what, quiet) is None
    assert (event := told(after_a_failure, what, quiet)) is not None
    assert event.data["outcome"] == quiet


def _closed(outcome: Outcome) -> Moment:
    return Moment(at(0), State.CLOSED, outcome.value, "It was so.")


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ((), False),
        ((_closed(Outcome.EXPIRED),), True),
        ((_closed(Outcome.FAILED), _closed(Outcome.VERIFIED)), False),
        ((Moment(at(0), State.STOPPED, "given-up", ""), Moment(at(1), State.GATHERING, "", "")), True),
        ((Moment(at(0), State.HELD, "waiting-for-approval", ""), Moment(at(1), State.GATHERING, "", "")), True),
        ((Moment(at(0), State.HELD, "throttled", ""),) * HISTORY_KEPT, True),
    ],
    ids=["new", "expired", "mended since", "stopped", "asked", "forgotten"],
)
def test_what_was_left_open_is_read_off_the_history(history: tuple[Moment, ...], expected: bool) -> None:
    assert left_open(a_case(history=history)) is expected


def test_a_held_case_tells_nobody() -> None:
    assert told(a_case(State.OPENING, claim="c1"), seen.Paused("Paused by ada.")) is None


# Ids ----------------------------------------------------------------------------------------------------------------


def test_the_same_end_is_the_same_event_and_another_round_another() -> None:
    first, again = concluded(Outcome.FAILED, _FAILED), concluded(Outcome.FAILED, _FAILED)
    other = concluded(Outcome.FAILED, _FAILED, before=replace(_RUNNING, round=2))
    lost = concluded(Outcome.FAILED, _FAILED, before=replace(_RUNNING, birth="b2"))

    assert first.id == again.id
    assert len({first.id, other.id, lost.id, _id(asked()), _id(stop_of(stopped(a_case(State.OPENING))))}) == 5


def _id(event: OutcomeEvent | None) -> str:
    assert event is not None
    return event.id


# Whether it happened ------------------------------------------------------------------------------------------------


def test_an_event_stands_once_its_case_is_written_and_never_where_it_came_to_something_else() -> None:
    event = concluded(Outcome.FAILED, _FAILED)
    written = moved(_RUNNING, task_ended(Outcome.FAILED, _FAILED))
    other = moved(_RUNNING, seen.Throttled("busy"))

    assert standing(event, written) is Standing.HAPPENED
    assert standing(event, _RUNNING) is Standing.OPEN
    assert [standing(event, other), standing(event, None)] == [Standing.NEVER] * 2


def test_an_event_whose_case_went_on_for_long_counts_as_happened() -> None:
    event = concluded(Outcome.FAILED, _FAILED)
    later = tuple(Moment(at(60 + number), State.HELD, "throttled", str(number)) for number in range(HISTORY_KEPT))

    assert standing(event, a_case(State.HELD, history=later)) is Standing.HAPPENED


def test_a_question_stands_as_long_as_it_is_asked() -> None:
    before = a_case(State.OPENING, claim="c1")
    what = seen.ApprovalNeeded("Please look.", "d" * 24, at(60))
    asks = moved(before, what)
    event = event_of(before, what, None, asks)
    assert event is not None

    assert standing(event, asks) is Standing.HAPPENED
    assert standing(event, replace(asks, asked="", asked_at=None)) is Standing.NEVER


# The schema ---------------------------------------------------------------------------------------------------------


def every_type() -> dict[str, OutcomeEvent | None]:
    return {
        "concluded": concluded(Outcome.PARTLY_FAILED, a_deployment("kv2"), _FAILED),
        "stopped": stop_of(stopped(a_case(State.OPENING))),
        "approval-requested": asked(),
    }


@pytest.mark.parametrize("kind", every_type())
def test_each_type_arrives_as_its_schema_says(kind: str) -> None:
    event = every_type()[kind]
    assert event is not None

    assert breaches(on_the_wire(event)) == []


def test_the_schema_knows_every_type_and_every_outcome_that_is_told() -> None:
    outcomes = SCHEMA["$defs"]["concluded"]["properties"]["outcome"]["enum"]

    assert set(SCHEMA["properties"]["type"]["enum"]) == {kind.value for kind in EventType}
    assert set(outcomes) == {each.value for each in Outcome} - {"remediated", "refused"}


def test_the_schema_refuses_what_nobody_described() -> None:
    event = on_the_wire(concluded(Outcome.FAILED, _FAILED))

    event["data"]["secret"] = "hunter2"

    assert breaches(event) != []


# Size and strangers -------------------------------------------------------------------------------------------------


def test_an_event_about_very_many_resources_fits_into_64_kib_and_says_that_it_is_cut() -> None:
    names = [f"kv-{'x' * 1900}-{number}" for number in range(3000)]
    failed = [a_deployment(name, "Failed", "E" * 5000) for name in names[:200]]
    plan = a_plan(*names, scope=GROUP)
    before = replace(_RUNNING, key=a_key(Kind.GROUP), plan=plan)

    event = concluded(Outcome.FAILED, *failed, before=before)

    assert len(json.dumps(on_the_wire(event))) < 64 * 1024
    assert (event.data["cut"], event.data["resourceCount"], event.data["failureCount"]) == (True, 3000, 200)
    assert breaches(on_the_wire(event)) == []


@given(st.text(max_size=3000), st.text(max_size=300), st.text(max_size=300))
def test_whatever_azure_or_a_rule_says_arrives_on_one_printable_line(because: str, code: str, rule: str) -> None:
    deployment = a_deployment("kv1", "Failed", code, because)
    before = replace(_RUNNING, plan=replace(a_plan(), rule=rule))
    failed = concluded(Outcome.FAILED, deployment, before=before)
    refused = stop_of(stopped(a_case(State.OPENING), because))
    assert refused is not None

    for event in (failed, refused):
        assert breaches(on_the_wire(event)) == []
        assert str(event.data["because"]).isprintable()
