"""303 See Other: the browser goes there by GET, and what was posted is not sent again (RFC 9700 §4.12)."""

from flask import Response, url_for


def see_page(endpoint: str, **values: str | int | None) -> Response:
    """Send the browser to a page of ours; values that are None are left out."""
    location = url_for(endpoint, **values)  # type: ignore[arg-type]  # values, none of them an option of url_for
    return see_other(location)


def see_other(location: str) -> Response:
    """Send the browser to an address."""
    return Response(status=303, headers={"Location": location})
