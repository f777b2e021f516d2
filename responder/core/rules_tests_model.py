"""The keys of a file of rule tests: an event or a state, what is known, and what is expected."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PlainValidator, model_validator

Document = dict[str, object]


def _given(value: object) -> Document | str:
    """A document written here, or the name of a file."""
    if isinstance(value, str) and value.strip():
        return value
    if not isinstance(value, dict):
        raise ValueError("it must be a mapping, or the name of a JSON file beside the tests")
    return value


Given = Annotated[Document | str, PlainValidator(_given, json_schema_input_type=dict | str)]


class _Keys(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ExpectKeys(_Keys):
    """What the answer must be. What is left out may be anything."""

    answer: Literal["remediate", "observe", "ask", "ignore", "unknown", "blocked", "rejected"] | None = None
    action: Literal["remediate", "observe", "ask", "ignore", "unknown", "blocked"] | None = None
    rule: str | None = None
    reason: str | None = None

    @model_validator(mode="after")
    def _something(self) -> "ExpectKeys":
        if not self.model_fields_set:
            raise ValueError("nothing is expected; write answer, action, rule or reason")
        return self


class RuleTestKeys(_Keys):
    """One test."""

    name: str
    event: Given | None = None
    state: Given | None = None
    facts: Given | None = None
    expect: ExpectKeys

    @model_validator(mode="after")
    def _one_of_both(self) -> "RuleTestKeys":
        if (self.event is None) == (self.state is None):
            raise ValueError("a test needs either an event or a state, and not both")
        return self


class RuleTestsKeys(_Keys):
    """The whole file."""

    tests: list[RuleTestKeys]
