"""A case: everything known about one policy in one place that is out of compliance.

A case is a value. News is absorbed into it here; `next_step` says what it needs, and `transitions.record` moves
it by what was seen. The ledger keeps it; queue messages carry only its id and a ticket. Many events for one key
become one piece of work, at most one task is in flight per key, and recovery is the normal path.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from responder.core.outcome import Outcome
from responder.core.resource_id import Level, ResourceId
from responder.core.rule_settings import Settings
from responder.core.span import Link
from responder.core.task import Deployment, Task

HISTORY_KEPT = 40
DEPLOYMENTS_KEPT = 100
STOPS_KEPT = 20
HANDED_OVER = "handed-over"
"""The reason of a gathering case whose resources went to cases of their own."""
NOT_VISIBLE_YET = timedelta(minutes=5)
"""For so long after a PUT a 404 means that the task is not visible yet."""


class Kind(StrEnum):
    """What kind of place a case is about."""

    RESOURCE = "resource"
    GROUP = "group"
    SUBJECT = "subject"  # a resource group or subscription that is itself out of compliance: always alone


class State(StrEnum):
    """Where a case is. `docs/operations.md` says for each what it means and what to do."""

    GATHERING = "gathering"
    HELD = "held"
    OPENING = "opening"
    RUNNING = "running"
    VERIFYING = "verifying"
    CLOSED = "closed"
    STOPPED = "stopped"


class Hold(StrEnum):
    """Why a case is held: something must come first."""

    WAITING_FOR_SLOT = "waiting-for-slot"
    WAITING_FOR_WINDOW = "waiting-for-window"
    WAITING_FOR_APPROVAL = "waiting-for-approval"
    WAITING_FOR_TASK = "waiting-for-task"
    WAITING_FOR_RETRY = "waiting-for-retry"
    BREAKER_OPEN = "breaker-open"
    PAUSED = "paused"
    FACTS_UNREADABLE = "facts-unreadable"
    THROTTLED = "throttled"


class Stop(StrEnum):
    """Why a case is stopped: it needs a person, or a change of its rule."""

    GIVEN_UP = "given-up"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Word:
    """What a person ordered: who, why, when; an approval also names the digest of what was approved."""

    who: str
    why: str
    at: datetime
    digest: str = ""


@dataclass(frozen=True, slots=True)
class CaseKey:
    """What makes two pieces of news one case. All ids are folded."""

    assignment: str
    policy: str  # the reference id within an initiative, else the definition's id
    kind: Kind
    place: str

    @property
    def id(self) -> str:
        """The case's name in tables, messages and commands: 24 hexadecimal digits."""
        return _digest(self.assignment, self.policy, self.kind.value, self.place)[:24]

    def at(self, kind: Kind, place: str) -> "CaseKey":
        """The key of the same policy in another place."""
        return replace(self, kind=kind, place=place)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a task will do, written down before it is opened and never computed again within a round."""

    scope: str
    name: str
    body: Mapping[str, object]
    resources: tuple[str, ...]  # every resource confirmed at the scope
    rule: str
    because: str
    reason: str
    digest: str
    made_at: datetime
    effect: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)  # what the decision was made from
    links: tuple[Link, ...] = ()
    ask: bool = False  # a person must approve it before it is opened
    beside: tuple[str, ...] = ()  # covered neighbours that the task may look at again; not counted
    contested: tuple[str, ...] = ()  # those of its resources whose remediation somebody keeps undoing

    @property
    def approval(self) -> str:
        """What an approval is bound to: the place, the resources, the body and the rule's text; not the name."""
        body = json.dumps(self.body, sort_keys=True, default=str)
        return _digest(self.scope, *self.resources, body, self.digest)[:24]


@dataclass(frozen=True, slots=True)
class Move:
    """One resource that a case hands over to another case."""

    resource: str
    to: CaseKey
    digest: str  # of the rule that decided it


@dataclass(frozen=True, slots=True)
class Moment:
    """One change of state, kept for `show`."""

    at: datetime
    state: State
    reason: str
    because: str


@dataclass(frozen=True, slots=True)
class Case:
    """One case. Times are aware UTC; `due` is None only when nothing is to come (closed, stopped)."""

    key: CaseKey
    definition: str
    reference: str
    birth: str  # random, drawn when the row is first written; names and span ids derive from it
    round: int
    state: State
    settings: Settings
    rule: str
    first_news: datetime
    due: datetime | None
    reason: str = ""
    because: str = ""
    news: bool = True
    ticket: str = ""
    claim: str = ""
    polls: int = 0
    plan: Plan | None = None
    attempted_at: datetime | None = None  # when a worker last set out to open the plan's task
    opened_at: datetime | None = None
    task: Task | None = None
    deployments: tuple[Deployment, ...] = ()  # of the ended task: failures first, at most 100
    same_looks: int = 0
    overdue_since: datetime | None = None  # when it was due, while only the sweep has driven it since
    unread_since: datetime | None = None  # since when the service refuses to show its task
    timed_out: bool = False
    outcome: Outcome | None = None
    moves: tuple[Move, ...] = ()
    handed: str = ""  # the digest of the rule under which this place was handed over to it
    stopped_under: str = ""  # the digest of the rule under which it was stopped
    stopped_before: tuple[str, ...] = ()  # under which texts of its rule it was stopped and let go before
    refusals: int = 0  # answers of 401 or 403 in a row to opening its task
    waiting_since: datetime | None = None  # for a slot; kept while the plan is made anew
    asked_at: datetime | None = None  # since when a person is asked to approve the plan
    asked: str = ""  # the `approval` digest that was asked about
    approval: Word | None = None
    cancel: Word | None = None  # a person wants its task canceled
    error_code: str = ""  # Azure's code for what went wrong last: its refusal, or the first failed deployment's
    history: tuple[Moment, ...] = ()

    @property
    def id(self) -> str:
        """The id of its key."""
        return self.key.id

    def claimed_at(self, now: datetime) -> bool:
        """Whether a worker holds it: a claim whose lease has not ended."""
        return bool(self.claim) and self.due is not None and self.due > now


@dataclass(frozen=True, slots=True)
class News:
    """What an admitted event says to a case: the timing of the first rule that matches or may still match."""

    key: CaseKey
    definition: str
    reference: str
    withdraws: bool
    settings: Settings
    rule: str
    due: datetime
    handed: str = ""


def key_for(assignment: str, policy: str, resource: ResourceId, gather_by: str) -> CaseKey:
    """The case that a resource's first news goes to. Groups and subscriptions that are subjects stand alone."""
    if resource.level in (Level.RESOURCE_GROUP, Level.SUBSCRIPTION):
        return CaseKey(assignment, policy, Kind.SUBJECT, resource.text)
    if gather_by == "resourceGroup" and resource.resource_group is not None:
        return CaseKey(assignment, policy, Kind.GROUP, resource.group.text)
    return CaseKey(assignment, policy, Kind.RESOURCE, resource.text)


def absorb(case: Case | None, news: News, now: datetime, birth: str) -> Case | None:
    """What news does to a case; `None` where nothing is to be written.

    Silence depends on `news` alone, never on the state or a lease: a case that is set already will be read by a
    worker that has yet to list its resources. `birth` is used only where the case does not exist.
    """
    if case is None:
        return None if news.withdraws else _begun(news, now, birth)
    if case.state is State.STOPPED:
        return None
    if case.state is State.CLOSED:
        return None if news.withdraws else _begun_again(case, news, now)
    if case.news:
        return None
    if news.withdraws and case.state is State.VERIFYING and not case.claimed_at(now):
        together = now + case.settings.poll_first  # a Compliant event answers early, with those that come beside it
        return replace(case, news=True, due=min(case.due or together, together))
    if _waits_for_another(case) and not case.claimed_at(now):
        due = min(case.due, news.due) if case.due else news.due  # what is new does not wait for what went badly
        return replace(case, news=True, due=due, handed=news.handed or case.handed)
    return replace(case, news=True, handed=news.handed or case.handed)


def _waits_for_another(case: Case) -> bool:
    """Whether it is held for something that other resources of its group need not wait for."""
    waits = case.state is State.HELD and case.plan is None and case.reason == Hold.WAITING_FOR_RETRY
    return waits or (case.state is State.HELD and case.reason == Hold.WAITING_FOR_APPROVAL)


def task_name(case: Case) -> str:
    """The name of this round's task: derived, so that opening twice is opening once."""
    return f"responder-{_digest(case.id, case.birth)[:20]}-{case.round}"


def remember(case: Case, now: datetime) -> Case:
    """The case with its present state added to its history, where that is new."""
    latest = case.history[-1] if case.history else None
    if latest and (latest.state, latest.reason, latest.because) == (case.state, case.reason, case.because):
        return case
    moment = Moment(now, case.state, case.reason or str(case.outcome or ""), case.because)
    return replace(case, history=(*case.history, moment)[-HISTORY_KEPT:])


def _begun(news: News, now: datetime, birth: str) -> Case:
    case = Case(
        key=news.key,
        definition=news.definition,
        reference=news.reference,
        birth=birth,
        round=1,
        state=State.GATHERING,
        settings=news.settings,
        rule=news.rule,
        first_news=now,
        due=news.due,
        handed=news.handed,
        because="News is collected until it is due.",
    )
    return remember(case, now)


def _begun_again(case: Case, news: News, now: datetime) -> Case:
    fresh = _begun(news, now, case.birth)
    return replace(
        fresh, round=case.round + 1, handed=news.handed or case.handed, history=(*case.history, *fresh.history)
    )


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
