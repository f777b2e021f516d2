"""Addresses the app may talk to, checked when the settings are read.

A token for Resource Manager is worth everything the identity may do, so it goes to one configured host, over
TLS. Plain http is for the simulator on this machine, and there no token is sent at all.
"""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

ARM = "https://management.azure.com"


class BadEndpoint(ValueError):
    """An address that cannot be used, as the rest of a sentence that starts with the setting's name."""


def arm_endpoint(text: str) -> str:
    """Check a Resource Manager endpoint: `https://host[:port]`, or `http://` on loopback; without a trailing slash."""
    parts = _split(text)
    if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
        raise BadEndpoint(
            f"must be a host alone, without path, query or user; write {ARM} or your sovereign cloud's endpoint"
        )
    if parts.scheme == "http" and not is_loopback(text):
        raise BadEndpoint(
            "must start with https:// (a token would travel in the clear); http:// is for 127.0.0.1 and localhost only"
        )
    return f"{parts.scheme}://{parts.netloc.lower()}"


def collector_endpoint(text: str) -> str:
    """Check an OTLP/HTTP collector's address; without a trailing slash."""
    parts = _split(text)
    if parts.query or parts.fragment:
        raise BadEndpoint("must have neither query nor fragment; write it as in http://127.0.0.1:4318")
    return text.rstrip("/")


def topic_endpoint(text: str) -> str:
    """Check the endpoint of an Event Grid topic, as the portal shows it, path included; without a trailing slash."""
    parts = _split(text)
    if parts.query or parts.fragment or parts.username is not None:
        raise BadEndpoint("must have neither query nor user: no key belongs into an address; the identity is used")
    if parts.scheme == "http" and not is_loopback(text):
        raise BadEndpoint(
            "must start with https:// (a token would travel in the clear); http:// is for 127.0.0.1 and localhost only"
        )
    return text.rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port, with the scheme's own port filled in: what must be equal for a token to go there."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme.lower(), (parts.hostname or "").lower(), port


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises where it is no port
    except ValueError as error:
        raise BadEndpoint(f"is not an address ({error}); write it as in {ARM}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in text):
        raise BadEndpoint(f"is {text[:64]!r}; write an address that starts with https://, such as {ARM}")
    return parts
