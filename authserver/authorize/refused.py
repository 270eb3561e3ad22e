"""The page for a person who may not sign in to a client, and the way back to it with `access_denied`."""

from flask import Response, make_response, render_template, request

from authserver.authorize.answer import decide
from authserver.authorize.asked import Asked, find_asked
from authserver.events import emit
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.headers import allow_form_to
from authserver.pages.redirect import see_other
from authserver.protocol.errors import RedirectedError
from authserver.protocol.interaction import Step
from authserver.server import Server
from authserver.signin.session import current_session
from authserver.store import requests
from authserver.store.sessions import Session


def refused() -> Response:
    """Say who may not, offer another account, and return to the client on request."""
    server, session = current_server(), current_session()
    handle = request.args.get("request", "")
    asked = find_asked(server, handle)
    if asked is None:
        return stale_page()
    back = see_other(f"{server.settings.issuer}/authorize/{handle}")
    if request.method == "POST":
        with server.database.write() as connection:
            requests.deny(connection, handle, server.now())
        return back
    if session is None or not _is_refused(server, asked, session):
        return back
    emit("authorization:request:refused", sub=session.sub, client_id=asked.client.client_id)
    allow_form_to(asked.request.redirect_uri)
    page = render_template(
        "authorize/refused.html",
        client=asked.client,
        action=f"{server.settings.issuer}/refused?request={handle}",
        other_account=f"{server.settings.issuer}/sign-in?request={handle}&another=1",
    )
    return make_response(page, 403)


def _is_refused(server: Server, asked: Asked, session: Session) -> bool:
    try:
        return decide(server, asked, session) is Step.REFUSE
    except RedirectedError:
        return False
