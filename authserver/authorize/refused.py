"""The page for a person who may not sign in to a client, and the way back to it with `access_denied`."""

from flask import Response, make_response, render_template, request

from authserver.accounts.session import current_session
from authserver.authorize.response import see_other
from authserver.events import emit
from authserver.store import requests
from authserver.web.browser import browser_digest
from authserver.web.current import current_server
from authserver.web.errors import stale_page
from authserver.web.headers import allow_form_to


def refused() -> Response:
    """Say who may not, offer another account, and return to the client on request."""
    server, session = current_server(), current_session()
    handle = request.args.get("request", "")
    with server.database.read() as connection:
        pending = requests.find(connection, handle, browser_digest(), server.now())
    client = server.registry.clients.get(pending.request.client_id) if pending else None
    if pending is None or client is None:
        return stale_page()
    if request.method == "POST":
        with server.database.write() as connection:
            requests.deny(connection, handle, server.now())
        return see_other(f"{server.settings.issuer}/authorize/{handle}")
    if session is not None:
        emit("authorization:request:refused", sub=session.sub, client_id=client.client_id)
    allow_form_to(pending.request.redirect_uri)
    page = render_template(
        "authorize/refused.html",
        client=client,
        action=f"{server.settings.issuer}/refused?request={handle}",
        other_account=f"{server.settings.issuer}/sign-in?request={handle}&another=1",
    )
    return make_response(page, 403)
