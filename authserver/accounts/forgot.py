"""A forgotten password: a link goes to the address of the account, if there is one.

The answer is one and the same, and leaves before anybody has looked whether there is an account: its time tells
nothing either (OWASP ASVS 5 §6.3.8, §6.4). https://owasp.org/ASVS
"""

from functools import partial

from flask import Response, render_template, request, url_for

from authserver import mail
from authserver.accounts import visit
from authserver.accounts.fault import Fault, answered, too_many
from authserver.accounts.visit import Visit
from authserver.events import emit
from authserver.protocol.login_name import canonical
from authserver.server import Server
from authserver.store import links, users
from authserver.web import limits
from authserver.web.address import limit_key
from authserver.web.afterwards import afterwards
from authserver.web.current import current_server
from authserver.web.errors import stale_page

EMPTY = Fault("Enter your username or your e-mail address.")
BUSY = Fault("Many people ask for this at the moment. Try again in a minute.", 503, 60)


def forgot() -> Response:
    """Ask whose password was forgotten, or say that a mail is on its way if there is somebody to send it to."""
    here = visit.load(request.args.get("request"))
    if here is None:
        return stale_page()
    if request.method == "GET":
        return _page(here)
    server = current_server()
    login = canonical(request.form.get("username", ""))
    if not login:
        return _page(here, fault=EMPTY)
    wait = limits.hit(
        server.limiter,
        server.settings.mail_limit_address,
        "forgot",
        limit_key(request.environ["authserver.address"]),
    )
    if wait:
        return _page(here, login, too_many(wait))
    if not afterwards.do(partial(_send, server, login)):
        return _page(here, login, BUSY)
    return _page(here, login, is_sent=True)


def _send(server: Server, login: str) -> None:
    with server.database.read() as connection:
        user = users.by_login(connection, login)
    emit("user:reset:requested", sub=user.sub if user else None)
    if user is None or user.email is None or user.disabled_at is not None:
        return
    if limits.hit(server.limiter, server.settings.mail_limit_account, "forgot", user.sub):
        return
    settings = server.settings
    with server.database.write() as connection:
        token = links.make(connection, "reset", user.email, server.now(), settings.reset_lifetime, sub=user.sub)
        link = f"{settings.issuer}/reset?token={token}"
        mail.queue(connection, server, "reset", user.email, user=user, link=link, lifetime=settings.reset_lifetime)


def _page(here: Visit, login: str = "", fault: Fault | None = None, *, is_sent: bool = False) -> Response:
    handle = here.waiting.handle if here.waiting else None
    page = render_template(
        "accounts/forgot.html",
        login=login,
        fault=fault,
        is_sent=is_sent,
        action=url_for("accounts.forgot", request=handle),
        sign_in=url_for("accounts.sign_in", request=handle),
        lifetime=current_server().settings.reset_lifetime,
    )
    return answered(page, fault)
