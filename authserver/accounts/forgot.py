"""A forgotten password: a link goes to the address of the account, if there is one.

The answer is one and the same, and leaves before anybody has looked whether there is an account: its time tells
nothing either (OWASP ASVS 5 §6.3.8, §6.4). https://owasp.org/ASVS
"""

from flask import Response, request, url_for

from authserver.accounts import recovery
from authserver.http import limits
from authserver.http.address import limit_key
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import Fault, show, too_many, too_many_mails
from authserver.protocol.person.login_name import as_typed, login_key
from authserver.signin.visit import Visit, load_visit

EMPTY = Fault("Enter your username or email address.")


def forgot() -> Response:
    """Ask whose password was forgotten, or say that a mail is on its way if there is somebody to send it to."""
    visit = load_visit(request.args.get("request"))
    if visit is None:
        return stale_page()
    if request.method == "GET":
        return _page(visit)
    server = current_server()
    login = as_typed(request.form.get("username", ""))
    if not login:
        return _page(visit, fault=EMPTY)
    address = request.environ["authserver.address"]
    wait = limits.hit(server.limiter, server.settings.mail_limit_address, "forgot", limit_key(address))
    if wait:
        return _page(visit, login, too_many(wait))
    wait = limits.hit_mail(server.limiter, server.settings, "reset", login_key(login), address)
    if wait:
        return _page(visit, login, too_many_mails(wait))
    with server.database.write() as connection:
        client_id = visit.waiting.client.client_id if visit.waiting else None
        recovery.ask(connection, server, login, address, request.environ["authserver.request_id"], client_id)
    return _page(visit, login, is_sent=True)


def _page(visit: Visit, login: str = "", fault: Fault | None = None, *, is_sent: bool = False) -> Response:
    handle = visit.handle
    return show(
        "accounts/forgot.html",
        login=login,
        fault=fault,
        is_sent=is_sent,
        action=url_for("accounts.forgot", request=handle),
        sign_in=url_for("accounts.sign_in", request=handle),
        lifetime=current_server().settings.reset_lifetime,
    )
