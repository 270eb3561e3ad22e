"""The page for a person who may not sign in to a client, and the way back to it with `access_denied`."""

from flask import Response, request

from authserver.events import emit
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import show
from authserver.protocol.interaction import Step
from authserver.signin.visit import load_visit
from authserver.store import requests


def refused() -> Response:
    """Say who may not, offer another account, and return to the client on request."""
    server, visit = current_server(), load_visit(request.args.get("request", ""))
    if visit is None or visit.waiting is None:
        return stale_page()
    handle, client = visit.waiting.handle, visit.waiting.client
    if request.method == "POST":
        with server.database.write() as connection:
            requests.deny(connection, handle, server.now())
        return visit.onward()
    if visit.session is None or visit.step() is not Step.REFUSE:
        return visit.onward()
    emit("authorization:request:refused", sub=visit.session.sub, client_id=client.client_id)
    return show(
        "authorize/refused.html",
        client=client,
        action=f"{server.settings.issuer}/refused?request={handle}",
        other_account=f"{server.settings.issuer}/sign-in?request={handle}&another=1",
        status=403,
    )
