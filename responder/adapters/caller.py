"""Who asks: read from the token that Resource Manager would be asked with. The token itself goes nowhere.

Nothing is verified here and nothing is decided by it: it only names, in a sentence or a command, whose rights
were looked at (https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference).
"""

import base64
import binascii
import json
from collections.abc import Mapping

from azure.core.exceptions import AzureError

from responder.adapters.arm_credential import ArmCredential
from responder.adapters.arm_error import printable
from responder.adapters.settings import Settings
from responder.core.doctor_rights import Holder

NOBODY = Holder("Whoever asks")
UNKNOWN = Holder("Nobody")
"""No credential was found."""


async def caller(settings: Settings) -> Holder:
    """The holder of the rights that this process has at Resource Manager.

    `NOBODY` in particular where the simulator is asked, `UNKNOWN` where no credential is found.
    """
    if settings.arm_anonymous:
        return NOBODY
    credential = ArmCredential(settings.client_id, settings.managed_identity)
    try:
        token = await credential.get_token(settings.arm_scope)
        return holder_in(token.token)
    except AzureError:
        return UNKNOWN
    finally:
        await credential.close()


def holder_in(token: str) -> Holder:
    """Whom a token names."""
    claims = _claims(token)
    principal = printable(str(claims.get("oid") or ""), 64)
    if not principal:
        return NOBODY
    if claims.get("idtyp") == "app" or "scp" not in claims:
        return Holder(f"The identity {principal}", principal)
    name = printable(str(claims.get("upn") or claims.get("unique_name") or principal), 100)
    return Holder(f"You ({name})", principal, person=True)


def _claims(token: str) -> Mapping[str, object]:
    body = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (ValueError, binascii.Error):
        return {}
    return claims if isinstance(claims, dict) else {}
