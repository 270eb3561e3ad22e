"""Browser origins: who may read an answer across origins.

RFC 6454 §6.2 and the Fetch standard; https://www.rfc-editor.org/rfc/rfc6454
"""

from urllib.parse import urlsplit

from authserver.protocol.request.redirect_uri import registration_fault

_DEFAULT_PORTS = {"https": ":443", "http": ":80"}


def origin_of(uri: str) -> str | None:
    """The origin of an http(s) URI as a browser writes it (no default port); None for any other scheme."""
    parts = urlsplit(uri)
    if parts.scheme not in _DEFAULT_PORTS:
        return None
    return f"{parts.scheme}://{parts.netloc.removesuffix(_DEFAULT_PORTS[parts.scheme])}"


def spellings(origin: str) -> tuple[str, ...]:
    """How URIs of an origin may begin: as a browser writes it, or with the default port."""
    port = _DEFAULT_PORTS[origin.partition(":")[0]]
    return origin, origin + port


def origin_fault(origin: str) -> str | None:
    """What is wrong with a registered origin, in words; None if nothing is."""
    if origin in {"*", "null"}:
        return "name each origin: * and null stand for anyone"
    fault = registration_fault(origin, "spa")
    if fault:
        return fault
    exact = origin_of(origin)
    return None if exact == origin else f"an origin is scheme, host and port alone: {exact}"
