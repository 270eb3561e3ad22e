"""303 See Other: the browser goes there by GET, and what was posted is not sent again (RFC 9700 §4.12)."""

from flask import Response, request, url_for

from authserver.pages.current import current_server
from authserver.pages.errors import error_page
from authserver.pages.language import gettext
from authserver.protocol.parameters import as_query
from authserver.server import FORM

LONGEST_POST = 16_384


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


def as_get(path: str, refusal: str) -> Response:
    """Send the browser by GET to this path of ours with what it posted, which must be a form with nothing in its query.

    A post from a client's page comes without our SameSite=Lax cookies; the same request by GET brings them.
    """
    body = request.get_data(cache=False)
    if request.mimetype != FORM or len(body) > LONGEST_POST or request.query_string:
        return error_page(400, gettext("That didn’t work"), refusal)
    return see_other(f"{current_server().settings.issuer}{path}?{as_query(body)}")
