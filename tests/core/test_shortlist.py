"""The shortlist of rules."""

from hypothesis import given
from hypothesis import strategies as st

from responder.core import shortlist
from responder.core.facts import Unread
from responder.core.resource_id import resource_id
from responder.core.subject import Subject
from tests.core.builders import GROUP, a_change, vault
from tests.core.policies import all_facts, rules_of

_RULES = rules_of(
    """
    - {name: elsewhere, action: ignore, match: {assignment: '**/deploy-vm-*'}}
    - {name: groups, action: ignore, match: {resourceType: '**/resourceGroups', location: eastus}}
    - {name: either, action: observe, match: [{referenceId: kv*}, {location: eastus}]}
    - {name: vaults, action: remediate, match: {resourceType: '**/vaults', tags: {env: prod}}}
    - {name: rest, action: ignore}
    """
)


@given(
    st.sampled_from([vault("kv1"), vault("kv2"), GROUP]),
    st.sampled_from(["", "kv", "other"]),
    st.sampled_from(["eastus", "westeurope", Unread("not read")]),
    st.sampled_from([{}, {"env": "prod"}, Unread("not read")]),
)
def test_the_short_way_leads_to_the_same_rule(resource: str, reference: str, location: object, tags: object) -> None:
    change = a_change(resource=resource_id(resource), reference=reference)
    subject = Subject(change, all_facts(location=location, tags=tags))

    told = [rule.applies(subject) for rule in _RULES.rules]
    first = next(place for place, applies in enumerate(told) if applies is not False)

    assert _RULES.deciding(subject) == (first, told[first])


def test_what_is_remembered_is_bounded() -> None:
    rules = rules_of()
    kept = shortlist.Shortlist()

    for number in range(shortlist.MOST_KEPT + 10):
        kept.of(rules.rules, Subject(a_change(reference=f"r{number}"), all_facts()))

    assert len(kept._kept) == 10
