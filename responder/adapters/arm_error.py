"""What Resource Manager answers when it does not do what we ask: one error, whatever broke.

The SDKs raise a dozen classes; a caller here acts on the status alone, and a person reads one sentence. The
service's own words are kept, made printable and cut, because they are what a search engine or a colleague knows.
Neither tokens nor headers ever get into a message: the Functions host logs it in full.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from azure.core.exceptions import AzureError, DecodeError, HttpResponseError

LONGEST_MESSAGE = 1000
_LONGEST_WAIT = timedelta(days=1)
# A gateway that complains may quote the request, its token included.
_SECRET = re.compile(
    r"(?i)(\bbearer |\bbasic |\bsharedkey(?:lite)? |\bsig=|accountkey=|sharedaccess(?:key|signature)="
    r"|x-identity-header\W{1,5})"
    r"[^\s'\"&;,<>]+"
)


class ArmError(Exception):
    """A call that did not succeed. `status` is None where no answer came: broken connection, time-out, no name."""

    def __init__(
        self,
        call: str,  # what was asked, as "reading the task"
        about: str,  # the id it was about
        status: int | None,
        code: str,
        message: str,
        retry_after: timedelta | None = None,
    ) -> None:
        self.call, self.about, self.status = call, about, status
        self.code, self.message = printable(code, 100), printable(message)
        self.retry_after = retry_after
        super().__init__(self.what)

    @property
    def throttled(self) -> bool:
        """Whether the service asks us to wait (429)."""
        return self.status == 429

    @property
    def unauthorised(self) -> bool:
        """Whether we could not show who we are (401)."""
        return self.status == 401

    @property
    def forbidden(self) -> bool:
        """Whether the identity may not do this (403)."""
        return self.status == 403

    @property
    def missing(self) -> bool:
        """Whether it does not exist, or is hidden from the identity (404)."""
        return self.status == 404

    @property
    def gone(self) -> bool:
        """Whether the thing itself is missing, and not the subscription it should lie in (or our sight of that)."""
        return self.missing and self.code.lower() not in ("subscriptionnotfound", "invalidsubscriptionid")

    @property
    def transient(self) -> bool:
        """Whether the same call may succeed later."""
        return self.status is None or self.status in (408, 429) or self.status >= 500

    @property
    def what(self) -> str:
        """One sentence for a person: which call about which id, what the service said, what to do."""
        answer = "no answer" if self.status is None else f"HTTP {self.status}"
        if self.code in (NO_CREDENTIAL, HELD_BACK):
            answer = "not asked"
        said = " ".join(part for part in (self.code, self.message) if part)
        return f"{self.call} {printable(self.about, 400)}: {answer}, {said or 'without a message'}; {self._advice()}"

    def _advice(self) -> str:
        if self.code == NO_CREDENTIAL:
            return (
                "sign in with az login, or give the app a managed identity (AZURE_CLIENT_ID names a user-assigned one)"
            )
        if self.status is None:
            return "it is asked again later; if it lasts, check the network and RESPONDER_ARM_ENDPOINT"
        if self.throttled:
            return "it is asked again when the service allows it"
        return {
            200: "it is asked again later; look at what Azure shows of this policy there",
            401: "check that RESPONDER_ARM_ENDPOINT belongs to the cloud and tenant of the app's identity",
            403: "grant the app's identity its role at this scope or above it",
            404: "check that it still exists and that the app's identity may read it",
        }.get(self.status, "it is asked again later" if self.transient else "the same request will not succeed later")


NO_CREDENTIAL = "NoCredential"
HELD_BACK = "HeldBack"


class NoCredential(AzureError):
    """No token could be had for Resource Manager."""


class HeldBack(AzureError):
    """The request was not sent: the service asked us not to call for its subscription yet. `rest` is still to wait."""

    def __init__(self, where: str, rest: timedelta) -> None:
        self.rest = rest
        super().__init__(f"the service asked for no calls for {where} for another {rest.total_seconds():.1f} s")


class ForeignHost(AzureError):
    """Something, such as a link to a next page, wants a request to go to another host than the endpoint."""


def arm_error(call: str, about: str, error: Exception) -> ArmError:
    """Our error for one of the SDKs', or for a time-out."""
    if isinstance(error, NoCredential):
        return ArmError(call, about, 401, NO_CREDENTIAL, str(error))
    if isinstance(error, HeldBack):
        return ArmError(call, about, 429, HELD_BACK, str(error), error.rest)
    if isinstance(error, ForeignHost):
        return ArmError(call, about, None, "ForeignHost", str(error))
    if isinstance(error, TimeoutError):
        return ArmError(call, about, None, "TimedOut", "the service took too long")
    if isinstance(error, RecursionError):
        return ArmError(call, about, None, "UnreadableAnswer", "the answer is nested too deep to be read")
    if isinstance(error, HttpResponseError):
        return _answered(call, about, error)
    return ArmError(call, about, None, "NoAnswer", printable(str(error)) or type(error).__name__)


def _answered(call: str, about: str, error: HttpResponseError) -> ArmError:
    status, response = error.status_code, error.response
    if response is None or status is None or (isinstance(error, DecodeError) and status < 400):
        # A success that cannot be read may have taken effect: like no answer, it is found out by asking again.
        return ArmError(call, about, None, "UnreadableAnswer", "the answer is not the JSON that was expected")
    headers = {name.lower(): value for name, value in getattr(response, "headers", {}).items()}
    code, message = _said(_body(response))
    return ArmError(call, about, status, code, message, retry_after(headers, datetime.now(UTC)))


def _body(response: object) -> str:
    read = getattr(response, "text", None)
    return str(read()) if callable(read) else ""


def _said(body: str) -> tuple[str, str]:
    """The code and message of `{"error": {"code", "message"}}`, or what can be had of another body."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return "", printable(body, 200)
    error = document.get("error", document) if isinstance(document, Mapping) else {}
    if not isinstance(error, Mapping):
        return "", str(error)
    return str(error.get("code") or ""), str(error.get("message") or "")


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the service wants us to wait, at most a day; None where it does not say. Header names in lower case.

    `Retry-After` is seconds or an HTTP date (RFC 9110, 10.2.3); Azure also knows milliseconds.
    """
    told = headers.get("retry-after")
    milliseconds = headers.get("retry-after-ms") or headers.get("x-ms-retry-after-ms")
    try:
        if told is not None:
            wait = _seconds_or_date(told.strip(), now)
        elif milliseconds is not None:
            wait = timedelta(milliseconds=float(milliseconds))
        else:
            return None
    except (ValueError, OverflowError):
        return None  # a header that cannot be read asks for nothing in particular
    return max(timedelta(), min(wait, _LONGEST_WAIT))


def _seconds_or_date(told: str, now: datetime) -> timedelta:
    if told.replace(".", "", 1).isdecimal():
        return timedelta(seconds=float(told))
    when = parsedate_to_datetime(told)
    return (when if when.tzinfo else when.replace(tzinfo=UTC)) - now


def without_secrets(text: str) -> str:
    """The text without what looks like a token, a key or a signature."""
    return _SECRET.sub(r"\1(left out)", text)


def printable(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """Foreign text on one line: white space folded, anything unprintable replaced, cut at `longest` characters.

    What looks like a token or a key is left out: this text goes to logs, traces and rows.
    """
    folded = without_secrets(" ".join(text[: 4 * longest].split()))
    safe = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in folded)
    return safe if len(safe) <= longest else safe[: longest - 1] + "…"
