"""The identity that sends to Application Insights, for a component without local authentication.

Its role is Monitoring Metrics Publisher. The token goes to the ingestion endpoint over TLS and nowhere else: where the
endpoint is plain http, which it may be on this machine alone, none is asked for.
"""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from responder.adapters.named_parts import named_parts
from responder.adapters.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, TokenCredential


class TelemetryCredential:
    """A managed identity where the platform offers one, else the chain of a developer's machine (`az login`)."""

    def __init__(self, client_id: str | None, managed_identity: bool) -> None:
        self._client_id = client_id
        self._managed_identity = managed_identity
        self._found: TokenCredential | None = None

    def get_token(self, *scopes: str, **options: Any) -> "AccessToken":
        """A token for the scopes, as azure-core's bearer policy asks for it, in the exporter's thread."""
        self._found = self._found or self._find()
        return self._found.get_token(*scopes, **options)

    def _find(self) -> "TokenCredential":
        from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

        if self._managed_identity:
            return ManagedIdentityCredential(client_id=self._client_id)
        return DefaultAzureCredential(managed_identity_client_id=self._client_id)


def telemetry_credential(settings: Settings) -> TelemetryCredential | None:
    """The credential for Application Insights, where one is to be sent: never over plain http."""
    identity = settings.telemetry_identity
    if identity is None or not _over_tls(settings.application_insights or ""):
        return None
    return TelemetryCredential(identity.client_id or settings.client_id, settings.managed_identity)


def _over_tls(connection_string: str) -> bool:
    # Without an endpoint the exporter makes an https:// one of the other parts.
    endpoint = named_parts(connection_string).get("ingestionendpoint")
    return endpoint is None or urlsplit(endpoint).scheme == "https"
