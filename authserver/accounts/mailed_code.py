"""`/sign-in/mail`: a code that is mailed to the address of an account, in the place of its password.

The answer is one and the same whoever is named, and leaves before anybody has looked whether there is an account. The
code belongs to the browser that asked (OWASP ASVS 5 §6.3.8, §6.6). https://owasp.org/ASVS
"""

from flask import Response, request, url_for

from authserver.accounts import mailed_code_job
from authserver.events import emit
from authserver.http import limits
from authserver.http.address import limit_key
from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import WRONG_CODE, Fault, show, throttled_codes, too_many, too_many_mails
from authserver.pages.redirect import see_page
from authserver.protocol.person.login_name import as_typed, login_key
from authserver.signin import begin
from authserver.signin.begin import Authentication, Begun, Halfway
from authserver.signin.credentials import ThrottledError, count_code
from authserver.signin.device import presented_device
from authserver.signin.visit import Visit, load_visit
from authserver.store import Connection, links, signin_failures, users
from authserver.store.links import Link

KIND = mailed_code_job.KIND
# RFC 8176 has no word for it: whoever can read the mailbox is no holder of a device that makes one-time passwords.
AMR = ("email",)
EMPTY = Fault("Enter your username or email address.")
OVER = Fault("That code has expired. Have a new one sent.")


def mailed_code() -> Response:
    """Ask who it is and have the code sent, or take it: then a session, and on to what was asked."""
    visit = load_visit(request.args.get("request"), request.args.get("to"))
    if visit is None:
        return stale_page()
    server = current_server()
    if not server.settings.signin_by_mail or (visit.waiting is not None and visit.waiting.client.provider):
        return visit.onward()
    page = request.args.get("page")
    if page is None:
        return _who_page(visit) if request.method == "GET" else _send(visit)
    with server.database.read() as connection:
        link = links.find_page(connection, page, browser_digest(), server.now())
    if link is None or link.kind != KIND:
        return _who_page(visit, fault=OVER)
    return _code_page(visit, link, page) if request.method == "GET" else _submit(visit, link, page)


def _send(visit: Visit) -> Response:
    server, settings = current_server(), current_server().settings
    login, address = as_typed(request.form.get("username", "")), request.environ["authserver.address"]
    if not login:
        return _who_page(visit, fault=EMPTY)
    wait = limits.hit(server.limiter, settings.mail_limit_address, KIND, limit_key(address))
    if wait:
        return _who_page(visit, login, too_many(wait))
    wait = limits.hit_mail(server.limiter, settings, KIND, login_key(login), address)
    if wait:
        return _who_page(visit, login, too_many_mails(wait))
    with server.database.write() as connection:
        page = mailed_code_job.ask(
            connection, server, login, browser_digest(), address, request.environ["authserver.request_id"]
        )
    return see_page("accounts.mailed_code", request=visit.handle, to=visit.to, page=page)


def _submit(visit: Visit, link: Link, page: str) -> Response:
    server = current_server()
    counted = server.settings.signin_limit_address, "code", limit_key(request.environ["authserver.address"])
    wait = limits.hit(server.limiter, *counted)
    if wait:
        return _code_page(visit, link, page, too_many(wait))
    try:
        account = count_code(server, link.detail["login"], presented_device())
        with server.database.write() as connection:
            begun = _take(connection, visit, page, account)
    except ThrottledError as error:
        return _code_page(visit, link, page, throttled_codes(error.retry_after))
    if begun is None:
        emit("user:code:failed", sub=link.sub)
        return _code_page(visit, link, page, WRONG_CODE)
    limits.give_back(server.limiter, *counted)
    return begin.finish(visit, begun)


def _take(connection: Connection, visit: Visit, page: str, account: bytes) -> Begun | Halfway | None:
    server = current_server()
    link = links.spend_code(connection, page, browser_digest(), request.form.get("code", ""), server.now())
    # Where nobody has the account, nobody was sent the code: whoever guesses it has nothing.
    user = users.get(connection, link.sub) if link is not None and link.sub is not None else None
    if link is None or user is None or user.disabled_at is not None or user.email != link.email:
        return None
    signin_failures.forget(connection, account)
    proven = Authentication(amr=AMR, remember="remember" in request.form)
    return begin.start(connection, visit, user, proven)


def _who_page(visit: Visit, login: str = "", fault: Fault | None = None) -> Response:
    known = visit.person.username if visit.is_confirming and visit.person is not None else ""
    if visit.waiting is not None and not known:
        known = as_typed(visit.waiting.request.login_hint or "")
    return show(
        "accounts/mailed_code.html",
        login=login or known,
        action=url_for("accounts.mailed_code", request=visit.handle, to=visit.to),
        sign_in=url_for("accounts.sign_in", request=visit.handle, to=visit.to),
        fault=fault,
    )


def _code_page(visit: Visit, link: Link, page: str, fault: Fault | None = None) -> Response:
    return show(
        "accounts/mailed_code.html",
        login=link.detail["login"],
        is_sent=True,
        lifetime=mailed_code_job.LIFETIME,
        action=url_for("accounts.mailed_code", request=visit.handle, to=visit.to, page=page),
        again=url_for("accounts.mailed_code", request=visit.handle, to=visit.to),
        sign_in=url_for("accounts.sign_in", request=visit.handle, to=visit.to),
        fault=fault,
    )
