import json
import typing
from pathlib import Path

from responder.core import survey_lines
from responder.core.rules import read_rules
from responder.core.survey import SURPRISES, Survey
from responder.core.survey_change import Change, change_document, compared, enforced
from responder.core.survey_document import Read, survey_document
from responder.core.survey_lines import SurveyDocument
from responder.core.survey_mend import mend
from tests.core.builders import ASSIGNMENT
from tests.core.surveys import RULES, a_place, a_surveyed, arranged

READ = Read(("/subscriptions/x",), 0)
STRICTER = RULES.replace("name: vaults", "name: vaults too").replace("**/break-glass*", "**/kv2*")


def surveyed(*places: tuple[str, ...], rules: str = RULES) -> SurveyDocument:
    survey = Survey()
    for names in places:
        survey.add(arranged(*names, rules=rules))
    return survey_document(survey, read_rules(rules), READ)


def test_every_state_is_counted_as_exactly_one_thing() -> None:
    totals = surveyed(("kv1", "kv2", "break-glass"), ("watched",), ("unclear", "payroll"))["totals"]

    parts = totals["resources"] + totals["observed"] + totals["inTheWay"] + totals["leftAlone"]
    assert (totals["nonCompliant"], parts) == (6, 6)
    assert (totals["tasks"], totals["scopes"], totals["resources"]) == (3, 3, 3)


def test_a_rule_that_decides_nothing_is_listed_too() -> None:
    rules = surveyed(("kv1",))["rules"]

    assert [line["rule"] for line in rules] == [
        "glass",
        "watched",
        "payroll",
        "europe",
        "unclear",
        "vaults",
        "otherwise",
    ]
    assert [line["tasks"] for line in rules] == [0, 0, 0, 0, 0, 1, 0]


def test_what_stands_in_the_way_is_grouped_by_reason_and_says_what_mends_it() -> None:
    (obstacle,) = surveyed(("unclear",), ("unclear",))["inTheWay"]

    assert (obstacle["reason"], obstacle["resources"]) == ("facts-unreadable", 2)
    assert obstacle["mend"] == mend("facts-unreadable")
    assert [line["assignment"] for line in obstacle["assignments"]] == [ASSIGNMENT]


def test_a_resource_that_differs_from_its_neighbours_is_a_surprise() -> None:
    surprises = surveyed(("kv1", "kv2", "break-glass"), ("kv1", "kv2"))["surprises"]

    (one,) = surprises["shown"]
    assert (surprises["total"], one["resource"].rpartition("/")[2]) == (1, "break-glass")
    assert (one["fate"], one["neighbours"], one["theirFate"], one["theirRule"]) == ("left-alone", 2, "opened", "vaults")


def test_the_document_does_not_grow_with_the_estate() -> None:
    small = surveyed(*[("kv1", "kv2", "break-glass")] * SURPRISES)
    large = surveyed(*[("kv1", "kv2", "break-glass")] * (3 * SURPRISES))

    assert large["surprises"]["total"] == 3 * small["surprises"]["total"]
    assert abs(len(json.dumps(large)) - len(json.dumps(small))) < 100


def test_a_comparison_shows_only_what_changes() -> None:
    old, new = (enforced(read_rules(text)) for text in (RULES, STRICTER))
    change = Change()
    place = a_place(*(a_surveyed(name) for name in ("kv1", "kv2", "break-glass", "payroll")))

    change.add(place.arranged(old), place.arranged(new))

    document = change_document(change, old, new, READ)
    assert [line["examples"][0].rpartition("/")[2] for line in document["newlyRemediated"]] == ["break-glass"]
    assert [line["examples"][0].rpartition("/")[2] for line in document["noLongerRemediated"]] == ["kv2"]
    assert [(line["oldRule"], line["newRule"]) for line in document["otherRule"]] == [("vaults", "vaults too")]


def test_two_files_that_observe_are_compared_as_if_they_enforced() -> None:
    observing = read_rules(RULES.replace("mode: enforce", "mode: observe"))

    assert [each.mode for each in compared(observing, observing)] == ["enforce", "enforce"]


def test_enforcing_what_was_observed_makes_everything_newly_remediated() -> None:
    old, new = compared(read_rules(RULES.replace("mode: enforce", "mode: observe")), read_rules(RULES))
    change = Change()
    place = a_place(a_surveyed("kv1"), a_surveyed("kv2"))

    change.add(place.arranged(old), place.arranged(new))

    assert change.newly_remediated == 2


def test_every_key_of_the_document_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "survey.md").read_text(encoding="utf-8")
    lines = [value for value in vars(survey_lines).values() if typing.is_typeddict(value)]

    keys = {key for line in lines for key in line.__annotations__}

    assert [key for key in sorted(keys) if f"`{key}" not in page] == []


ASKING = RULES.replace("    allowWide: true\n    action: remediate\n", "    allowWide: true\n    action: ask\n")


def test_tasks_that_ask_for_approval_count_as_opened_and_are_told_apart() -> None:
    document = surveyed(("kv1", "kv2", "break-glass"), ("europe",), rules=ASKING)

    totals, rules = document["totals"], {line["rule"]: line["asking"] for line in document["rules"]}
    assert (totals["tasks"], totals["resources"], totals["asking"]) == (3, 3, 2)
    assert (rules["vaults"], rules["europe"]) == (2, 0)


def test_taking_the_question_away_shows_in_a_comparison() -> None:
    old, new = read_rules(ASKING), read_rules(RULES)
    change = Change()
    place = a_place(a_surveyed("kv1"), a_surveyed("europe"))

    change.add(place.arranged(old), place.arranged(new))

    lines = change_document(change, old, new, READ)["otherRule"]
    assert [(line["oldRule"], line["newRule"]) for line in lines] == [("vaults (asks)", "vaults")]


def test_a_rule_with_a_window_says_so() -> None:
    window = '{days: Tue, from: "22:00", to: "04:00", timeZone: UTC}'
    rules = RULES.replace("  - name: vaults\n", "  - name: vaults\n    during: night\n")

    told = {line["rule"]: line["during"] for line in surveyed(rules=f"{rules}windows: {{night: {window}}}\n")["rules"]}

    assert (told["vaults"], told["europe"]) == ("night (Tue 22:00 to 04:00, UTC)", "")
