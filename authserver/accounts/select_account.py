"""The choice between the account that is signed in and another.

OpenID Connect Core §3.1.2.1, prompt=select_account. https://openid.net/specs/openid-connect-core-1_0.html#AuthRequest
"""

from flask import Response, make_response, render_template, url_for

from authserver.pages.current import current_server
from authserver.protocol.interaction import Step
from authserver.signin.visit import Visit
from authserver.store import requests


def offer(here: Visit) -> Response:
    """Show who is signed in, to go on as, and the way to another account."""
    handle = here.waiting.handle if here.waiting else None
    page = render_template(
        "accounts/select_account.html",
        client=here.waiting.client if here.waiting else None,
        person=here.person,
        action=url_for("accounts.sign_in", request=handle),
        session=here.session,
        other_account=url_for("accounts.sign_in", request=handle, another=1),
    )
    return make_response(page)


def choose(here: Visit, sid: str) -> Response:
    """Go on as the person who was shown: if another has signed in since, the choice is offered again."""
    if here.waiting is not None and here.session is not None and here.step() is Step.SELECT_ACCOUNT:
        if sid != here.session.sid:
            return offer(here)
        with current_server().database.write() as connection:
            requests.mark_selected(connection, here.waiting.handle, here.session.sid)
    return here.onward()
