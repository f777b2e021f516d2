"""Every name that telemetry uses: alert queries and dashboards depend on them, so they stand in one place.

Attributes are ours (`responder.*`): Azure Monitor's exporter drops or renames the conventional `messaging.*`,
`http.*` and `server.*`, and cuts the description off a status.
"""

from enum import StrEnum

SERVICE = "azure-policy-responder"
VERSION = "0.1.0"


class SpanName(StrEnum):
    """What a span is about."""

    EVENT = "policy state change"  # one per event
    ROUND = "remediation"  # the root of a round
    CONFIRM = "confirm"
    OPEN = "open"
    RUN = "run"
    DEPLOYMENT = "deployment"
    VERIFY = "verify"


class Attr(StrEnum):
    """What is told about it."""

    EVENT_ID = "responder.event.id"
    DECISION = "responder.decision"
    REASON = "responder.reason"
    BECAUSE = "responder.because"  # the sentence for people beside the reason
    RULE = "responder.rule"
    DIGEST = "responder.rule.digest"  # of the rule's text when it decided
    FACTS = "responder.facts"  # what the decision was made from, as JSON
    CASE = "responder.case"
    ROUND = "responder.round"
    ASSIGNMENT = "responder.assignment"
    REFERENCE = "responder.reference"
    SCOPE = "responder.scope"
    OUTCOME = "responder.outcome"
    TASK_NAME = "responder.task.name"
    TASK_ID = "responder.task.id"
    TASK_STATE = "responder.task.state"
    DEPLOYMENTS_TOTAL = "responder.deployments.total"
    DEPLOYMENTS_SUCCEEDED = "responder.deployments.succeeded"
    DEPLOYMENTS_FAILED = "responder.deployments.failed"
    RESOURCE = "responder.resource"  # its id; of a round: the ids, joined by commas, at most 100
    RESOURCES = "responder.resources"  # how many
    CONTESTED = "responder.contested"  # those whose remediation somebody keeps undoing
    WAITED = "responder.waited.seconds"  # between the first news and the plan
    DEPLOYMENT_ID = "responder.deployment.id"
    DEPLOYMENT_STATUS = "responder.deployment.status"
    ERROR_CODE = "responder.error.code"
    ERROR_MESSAGE = "responder.error.message"
    STAGE = "responder.stage"  # of a metric: which two moments the seconds lie between
    CALL = "responder.call"  # of a metric: which call to Resource Manager
    STATUS = "responder.status"  # of a metric: how that call was answered
    QUEUE = "responder.queue"  # of a metric: which queue a message failed in
    STATE = "responder.state"  # of a metric: where cases are; of a log: where the case is now
    BEFORE = "responder.state.before"  # of a log: where the case was
    SLOT = "responder.slot"  # of a metric: `used` or `limit`
    OUTSIDE = "responder.outside"  # resources that a task deployed something for and that its plan did not name
    DEFINITION = "responder.definition"  # of a metric: the policy definition
    SWITCH = "responder.switch"  # of a metric: which switch is set: `app`, or what part of it
    JOB = "responder.job"  # of a metric or a log: which job of the sweep
    RESULT = "responder.result"  # of a metric: `done` or `failed`
    OUTCOME_EVENT = "responder.outcome.event"  # of a metric: the type of an outcome event
    LOG = "responder.log"  # of a log: what the line is about, one of `LogName`


class MetricName(StrEnum):
    """What is counted and measured."""

    EVENTS = "responder.events"  # by decision and reason
    ROUNDS = "responder.rounds"  # by outcome
    DEPLOYMENTS = "responder.deployments"  # by status
    CONTESTED = "responder.contested"  # resources of plans whose remediation somebody keeps undoing
    STOPS = "responder.stops"  # cases that were stopped, by reason
    SECONDS = "responder.seconds"  # by stage
    ARM_CALLS = "responder.arm.calls"  # by call and status; 429 are the throttles
    UNANNOUNCED = "responder.unannounced"  # gauge: wanted states that no event announced
    EVENTS_STOPPED = "responder.events.stopped"  # gauge: 1 where states changed and no event came, else 0
    POISON = "responder.poison"  # by queue and reason
    CASES = "responder.cases"  # gauge: by state and reason
    SLOTS = "responder.slots"  # gauge: used and limit
    OLDEST_DUE = "responder.oldest.due.seconds"  # gauge: how long the case that waits longest is overdue
    DEAD_LETTERS = "responder.dead.letters"  # gauge: blobs
    POISON_WAITING = "responder.poison.waiting"  # gauge: by queue
    SWEEP_JOBS = "responder.sweep.jobs"  # runs of the sweep's jobs, by job and result: the app's heartbeat
    BREAKERS_OPEN = "responder.breakers.open"  # gauge: 1 for each definition whose breaker is open
    PAUSED = "responder.paused.seconds"  # gauge: how long each switch that is set has been set
    DUE_NEXT_HOUR = "responder.due.next.hour"  # gauge: cases that come due within the hour and need no person, by rule
    OUTCOME_EVENTS = "responder.outcome.events"  # outcome events that were published or not, by type and result


class LogName(StrEnum):
    """What a line of log is about: the value of `responder.log`, which queries look for."""

    CASE_MOVED = "case moved"
    EVENT_ANSWERED = "event answered"
    MESSAGE_FAILED = "message failed"
    JOB_FAILED = "sweep job failed"
    OUTSIDE = "outside the plan"


COUNTED = (
    MetricName.EVENTS,
    MetricName.ROUNDS,
    MetricName.DEPLOYMENTS,
    MetricName.CONTESTED,
    MetricName.STOPS,
    MetricName.ARM_CALLS,
    MetricName.POISON,
    MetricName.SWEEP_JOBS,
    MetricName.OUTCOME_EVENTS,
)
GAUGED = (
    MetricName.UNANNOUNCED,
    MetricName.EVENTS_STOPPED,
    MetricName.CASES,
    MetricName.SLOTS,
    MetricName.OLDEST_DUE,
    MetricName.DEAD_LETTERS,
    MetricName.POISON_WAITING,
    MetricName.BREAKERS_OPEN,
    MetricName.PAUSED,
    MetricName.DUE_NEXT_HOUR,
)
