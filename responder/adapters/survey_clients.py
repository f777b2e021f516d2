"""The clients of a survey: those of the app, and a witness of what Resource Manager answers.

The witness keeps two things: how often the service could not answer now, because then a fact that is not known is asked
again instead of being reported; and, for `export`, each answer about a policy, word for word, so that a survey from the
file goes through the same code and comes to the same result.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.pipeline.policies import AsyncHTTPPolicy
from azure.core.rest import AsyncHttpResponse, HttpRequest

from responder.adapters.arm import ArmClients
from responder.adapters.arm_error import HeldBack, retry_after
from responder.adapters.arm_pipeline import Count
from responder.adapters.settings import Settings
from responder.adapters.survey_notebook import Answer

Keep = Callable[[Answer], None]


class Witness(AsyncHTTPPolicy[HttpRequest, AsyncHttpResponse]):
    """Sees every answer just as it arrives."""

    def __init__(self, keep: Keep | None = None) -> None:
        self._keep = keep
        self.refusals = 0  # answers and silences after which the same request may succeed
        self.retry_after: timedelta | None = None  # as the last refusal said

    async def send(self, request: PipelineRequest[HttpRequest]) -> PipelineResponse[HttpRequest, AsyncHttpResponse]:
        """Send it on, and look at what comes back."""
        arrived, wait = False, None
        try:
            response = await self.next.send(request)
            arrived = True
        except HeldBack as held:
            wait = held.rest
            raise
        finally:
            if not arrived:
                self._refused(wait)
        answer = response.http_response
        if answer.status_code in (408, 429) or answer.status_code >= 500:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            self._refused(retry_after(headers, datetime.now(UTC)))
        elif self._keep is not None and request.http_request.method == "GET":
            self._keep(Answer(question(request.http_request.url), answer.status_code, answer.text()))
        return response

    def _refused(self, wait: timedelta | None) -> None:
        self.refusals += 1
        self.retry_after = wait


def question(url: str) -> str:
    """What names an answer: path and query, decoded, whatever the host and however it was encoded on the way."""
    parts = urlsplit(url)
    return f"{unquote(parts.path)}?{sorted(parse_qsl(parts.query, keep_blank_values=True))}"


class SurveyClients(ArmClients):
    """The app's clients with a witness between our policies and the network."""

    def __init__(self, settings: Settings, witness: Witness, count: Count) -> None:
        super().__init__(settings, count)
        self._witness = witness

    def _options(self) -> dict[str, Any]:
        options = super()._options()
        *ours, held_back, count, authentication = options["policies"]
        return {**options, "policies": [*ours, self._witness, held_back, count, authentication]}
