"""The shortlist of rules."""

from hypothesis import given
from hypothesis import strategies as st

from responder.core import shortlist
from responder.core.facts import Unread
from responder.core.glob import globs
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
    index = shortlist.KeyIndex("id", 0, [(1, globs(["**/kv-*"]))])

    for number in range(shortlist.MOST_KEPT + 10):
        index.of(Subject(a_change(f"kv-{number}"), all_facts()))

    assert len(index._kept) == 10


@given(st.integers(1, 40), st.integers(0, 40), st.booleans())
def test_a_long_list_of_rules_is_tried_in_its_order(many: int, wanted: int, wild: bool) -> None:
    names = [f"rg-{number}{'*' if wild else ''}" for number in range(many)]
    rules = rules_of(
        "\n".join(
            f"- {{name: r{n}, action: ignore, match: {{resourceGroup: '{name}'}}}}" for n, name in enumerate(names)
        )
    )
    subject = Subject(a_change(resource=resource_id(vault("kv1", GROUP.replace("rg-a", f"rg-{wanted}")))), all_facts())

    told = [rule.applies(subject) for rule in rules.rules]

    assert rules.deciding(subject)[0] == (told.index(True) if True in told else many)
