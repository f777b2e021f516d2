"""The identity that speaks to Resource Manager, found when the first call needs it.

Importing azure-identity costs a quarter of a second, which an event that is ignored must not pay. Whatever keeps
a token from us becomes `NoCredential`: the libraries raise one class for that and for Resource Manager's own 401,
and the two ask for different help.
"""

from typing import TYPE_CHECKING, Any

from azure.core.exceptions import ClientAuthenticationError

from responder.adapters.arm_error import NoCredential, printable

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken
    from azure.core.credentials_async import AsyncTokenCredential


class ArmCredential:
    """A managed identity where the platform offers one, else the chain of a developer's machine (`az login`)."""

    def __init__(self, client_id: str | None, managed_identity: bool) -> None:
        self._client_id = client_id
        self._managed_identity = managed_identity
        self._found: AsyncTokenCredential | None = None

    async def get_token(self, *scopes: str, **options: Any) -> "AccessToken":
        """A token for the scopes, as azure-core's bearer policy asks for it; raises `NoCredential`."""
        try:
            self._found = self._found or self._find()
            return await self._found.get_token(*scopes, **options)
        except (ClientAuthenticationError, ValueError) as error:
            # A chain of credentials tells each one's troubles over many lines; its first line says enough.
            why = str(error).partition("Attempted credentials")[0].strip().rstrip(".")
            raise NoCredential(f"no token for {scopes[0]}: {printable(why, 300)}") from error

    def _find(self) -> "AsyncTokenCredential":
        from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential

        if self._managed_identity:
            return ManagedIdentityCredential(client_id=self._client_id)
        return DefaultAzureCredential(managed_identity_client_id=self._client_id)

    async def close(self) -> None:
        """Close the connection to the token service, if there is one."""
        if self._found is not None:
            await self._found.close()

    async def __aenter__(self) -> "ArmCredential":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()
