"""How the demo tells and checks what happened."""

import json
from pathlib import Path

from responder.local.demo.account import Account, Delivered
from responder.local.demo.check import differences
from responder.local.demo.spoken import on_a_line, spoken
from responder.local.demo.story import BEFORE, ENDINGS
from responder.local.demo.told_span import ToldSpan, read_spans

GROUP = "/subscriptions/8a4d3f0e-52c7-4b1d-9e66-0f3b7c1d2a95/resourcegroups/rg-a"


def an_account(*delivered: Delivered, spans: tuple[ToldSpan, ...] = ()) -> Account:
    return Account(delivered, (), (), {}, (), spans)


def an_answer(event_id: str, decision: str, reason: str, start: int = 1) -> ToldSpan:
    told = {"responder.event.id": event_id, "responder.decision": decision, "responder.reason": reason}
    return ToldSpan("policy state change", "t" * 32, f"{start:016x}", "", start, start + 1, "", told, ())


def test_a_case_that_is_missing_is_told_by_name() -> None:
    found = differences(an_account())

    certain = [ending for ending in ENDINGS if ending.certain]
    assert [ending.place for ending in certain if f"{ending.place} ({ending.shows}) has no case." not in found] == []


def test_another_answer_than_the_told_one_is_told() -> None:
    delivered = Delivered(BEFORE[0], {"id": "A"}, 202)

    found = differences(an_account(delivered, spans=(an_answer("A", "ignore", "rule"),)))

    assert found[0].endswith("was to be remediate (rule), but is ignore (rule).")


def test_each_delivery_of_one_event_has_a_span_of_its_own() -> None:
    twice = [Delivered(episode, {"id": "A"}, 202) for episode in BEFORE[:2]]
    late, early = an_answer("A", "stale", "older-news", 9), an_answer("A", "remediate", "rule", 3)

    answers = an_account(*twice, spans=(late, early)).answers()

    assert [span for _, span in answers] == [early, late]


def test_a_delivery_that_was_not_acknowledged_is_told() -> None:
    delivered = Delivered(BEFORE[0], {"id": "A"}, 500)

    found = differences(an_account(delivered))

    assert found[0].endswith("was not acknowledged: 500.")


def test_ids_are_spoken_as_names_and_scopes_keep_their_type() -> None:
    app = f"{GROUP}/providers/microsoft.web/sites/app-1"

    assert spoken(f"Rule 'x' ignores {app}, because of {GROUP}.") == "Rule 'x' ignores rg-a/app-1, because of rg-a."
    assert on_a_line(app) == "/subscriptions/8a4d3f0e.../resourcegroups/rg-a/providers/microsoft.web/sites/app-1"


def test_a_span_that_is_still_being_written_is_left_for_the_next_look(tmp_path: Path) -> None:
    whole = {"name": "run", "traceId": "a", "spanId": "b", "parentSpanId": "", "attributes": {}, "links": []}
    whole |= {"start": "2026-11-20T08:00:00.0000000Z", "end": "2026-11-20T08:00:01.5000000Z"}
    whole |= {"status": {"code": "ERROR", "message": "no"}}
    (tmp_path / "traces.jsonl").write_text(json.dumps(whole) + '\n{"name": "ru')

    spans = read_spans(tmp_path / "traces.jsonl")

    assert [(span.name, span.seconds, span.error) for span in spans] == [("run", 1.5, "no")]
