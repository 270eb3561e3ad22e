"""The choice between the account that is signed in and another.

OpenID Connect Core §3.1.2.1, prompt=select_account. https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
"""

from flask import Response, url_for

from authserver.pages.current import current_server
from authserver.pages.fault import show
from authserver.protocol.interaction import Step
from authserver.signin.visit import Visit
from authserver.store import requests


def offer(visit: Visit) -> Response:
    """Show who is signed in, to go on as, and the way to another account."""
    handle = visit.handle
    return show(
        "accounts/select_account.html",
        client=visit.waiting.client if visit.waiting else None,
        person=visit.person,
        action=url_for("accounts.sign_in", request=handle),
        session=visit.session,
        other_account=url_for("accounts.sign_in", request=handle, another=1),
    )


def choose(visit: Visit, sid: str) -> Response:
    """Go on as the person who was shown: if another has signed in since, the choice is offered again."""
    if visit.waiting is not None and visit.session is not None and visit.step() is Step.SELECT_ACCOUNT:
        if sid != visit.session.sid:
            return offer(visit)
        with current_server().database.write() as connection:
            requests.mark_selected(connection, visit.waiting.handle, visit.session.sid)
    return visit.onward()
