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
    STATE = "responder.state"  # of a metric: where cases are
    SLOT = "responder.slot"  # of a metric: `used` or `limit`


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


COUNTED = (
    MetricName.EVENTS,
    MetricName.ROUNDS,
    MetricName.DEPLOYMENTS,
    MetricName.CONTESTED,
    MetricName.STOPS,
    MetricName.ARM_CALLS,
    MetricName.POISON,
)
GAUGED = (
    MetricName.UNANNOUNCED,
    MetricName.EVENTS_STOPPED,
    MetricName.CASES,
    MetricName.SLOTS,
    MetricName.OLDEST_DUE,
    MetricName.DEAD_LETTERS,
    MetricName.POISON_WAITING,
)
