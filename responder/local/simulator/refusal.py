"""Every no of the simulated services, with the status and the words of the real ones where they are known.

The remediation refusals were all reported as 400, none as 409; texts and codes are those of
`tests/data/recordings/remediation_errors.json`. What is guessed says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from responder.local.simulator import scope as ids


class Refusal(Exception):
    """An answer of the form `{"error": {"code": …, "message": …}}`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def no_api_version() -> Refusal:
    """Every call to Resource Manager names its api-version."""
    text = "The api-version query parameter (?api-version=) is required for all requests."
    return Refusal(400, "MissingApiVersionParameter", text)


def no_such_path(path: str) -> Refusal:
    """Nothing the simulator plays lives there; Resource Manager's own words differ by provider."""
    return Refusal(404, "InvalidResourceType", f"The resource type could not be found for the path '{path}'.")


def bad_filter(text: str, why: str) -> Refusal:
    """A filter outside what the simulator understands. The service's own code is not known."""
    return Refusal(400, "InvalidFilter", f"The filter '{text}' is invalid: {why}.")


def bad_body(why: str) -> Refusal:
    """A body the service could not read. Code as Resource Manager uses it for such bodies in general."""
    return Refusal(400, "InvalidRequestContent", f"The request content was invalid: {why}.")


def not_found(collection: str, asked: str) -> Refusal:
    """An assignment, definition or initiative that is not there."""
    name = ids.name_of(asked)
    match collection:
        case "policyassignments":
            return Refusal(404, "PolicyAssignmentNotFound", f"The policy assignment '{name}' is not found.")
        case "policydefinitions":
            text = f"The policy definition '{name}' could not be found."
            return Refusal(404, "PolicyDefinitionNotFound", text)
        case "policysetdefinitions":
            text = f"The policy set definition '{name}' could not be found."
            return Refusal(404, "PolicySetDefinitionNotFound", text)
        case _:
            return Refusal(404, "NotFound", f"The item '{ids.normal(asked)}' was not found.")


def no_such_remediation(name: str) -> Refusal:
    """The real code of this 404 was found nowhere; this one is guessed."""
    return Refusal(404, "RemediationNotFound", f"The remediation '{name}' could not be found.")


def reevaluation_above_subscription(name: str) -> Refusal:
    """ReEvaluateCompliance at a management group."""
    return _create(
        name,
        "Evaluating compliance before remediation is only supported for remediations at subscription scope and below.",
    )


def reference_missing(name: str, assignment: str) -> Refusal:
    """An initiative's assignment, and no word about which of its definitions."""
    return _create(
        name,
        f"The policy assignment '{assignment}' assigns a policy set definition. Remediations must specify a single "
        "policy definition reference ID within the policy set definition.",
    )


def resource_ids_with_reevaluation(name: str) -> Refusal:
    """The API description forbids the two together; the words are guessed."""
    return _create(name, "Resource IDs may not be filtered when compliance is evaluated before remediation.")


def out_of_range(name: str, why: str) -> Refusal:
    """A count, parallelism or threshold beyond its limits; the words are guessed."""
    return _create(name, why)


def too_many_running(name: str, limit: int) -> Refusal:
    """The documentation allows 100 tasks at a time for one definition; code and words are guessed."""
    return _create(name, f"There are already {limit} remediations running for the same policy definition.")


def already_running(running: Iterable[str], assignment: str, reference: str) -> Refusal:
    """Another task at the same place. The status was not stated where the text was seen; 400 like the others."""
    names = ", ".join(running)
    return Refusal(
        400,
        "InvalidCreateRemediationRequest",
        f"The following remediations: '{names}' are already running for policy assignment '{assignment}', "
        f"definition reference ID '{reference}' on a scope conflicting with requested scope.",
    )


def active_on_update(name: str) -> Refusal:
    """PUT on the name of a task that has not ended."""
    return Refusal(
        400,
        "InvalidUpdateRemediationRequest",
        f"The request to update remediation '{name}' is invalid. "
        "A remediation may not be changed or replaced while it is active.",
    )


def active_on_delete(name: str) -> Refusal:
    """DELETE of a task that has not ended."""
    return Refusal(
        400,
        "InvalidDeleteRemediationRequest",
        f"The request to delete remediation '{name}' is invalid. The remediation must be in a terminal provisioning "
        "state (Succeeded, Canceled, Failed) before it can be deleted.",
    )


def ended_on_cancel() -> Refusal:
    """Cancel of a task that has ended."""
    return Refusal(400, "InvalidCancelRemediationRequest", "A completed remediation cannot be cancelled")


def _create(name: str, why: str) -> Refusal:
    code = "InvalidCreateRemediationRequest"
    return Refusal(400, code, f"The request to create remediation '{name}' is invalid. {why}")
