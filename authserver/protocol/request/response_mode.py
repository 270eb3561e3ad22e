"""How an authorization response travels: query or form_post, always with `iss`.

RFC 6749 §4.1.2; OAuth 2.0 Form Post Response Mode §2; RFC 9207 §2. https://www.rfc-editor.org/rfc/rfc9207#section-2
"""

from urllib.parse import urlencode

SUPPORTED = ("query", "form_post")


def redirect_location(redirect_uri: str, fields: list[tuple[str, str]]) -> str:
    """The redirect URI with the response appended. What was registered, query included, is left byte for byte."""
    # Re-encoding would change a registered query such as `?x&y=a%20b` (RFC 6749 §3.1.2: it must be retained).
    separator = "&" if "?" in redirect_uri else "?"
    return f"{redirect_uri}{separator}{urlencode(fields)}"


def response_fields(issuer: str, state: str | None, *fields: tuple[str, str]) -> list[tuple[str, str]]:
    """The parameters of any authorization response, success or error: the given ones, `state` as received, `iss`."""
    return [*fields, *([("state", state)] if state is not None else []), ("iss", issuer)]
