"""303 See Other: the browser goes there by GET, and what was posted is not sent again (RFC 9700 §4.12)."""

from flask import Response, url_for

from authserver.web.current import current_server


def see_page(endpoint: str, **values: str | int | None) -> Response:
    """Send the browser to a page of ours; values that are None are left out."""
    return see_other(page_url(endpoint, **values))


def page_url(endpoint: str, **values: str | int | None) -> str:
    """The whole URL of a page of ours, made of the issuer and never of the Host header."""
    settings = current_server().settings
    path = url_for(endpoint, **values)  # type: ignore[arg-type]  # values, none of them an option of url_for
    return f"{settings.scheme}://{settings.authority}{path}"


def see_other(location: str) -> Response:
    """Send the browser to an address."""
    return Response(status=303, headers={"Location": location})
