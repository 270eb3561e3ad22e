"""Proof that an address is theirs: a link opened from a mail, or six digits typed into the page that asked for them.

Opening the link changes nothing, since scanners of mail open links; the button on its page does (OWASP ASVS 5 §6.4).
"""

from flask import Response, request, session, url_for

from authserver.accounts import verified
from authserver.accounts.resend import resend
from authserver.events import emit
from authserver.http import limits
from authserver.http.address import limit_key
from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.pages.errors import error_page
from authserver.pages.fault import WRONG_CODE, Fault, show, too_many, too_many_mails
from authserver.pages.language import gettext
from authserver.pages.redirect import see_other
from authserver.protocol.person.email_address import email_key
from authserver.signin import password as passwords
from authserver.signin.next_step import to_sign_in
from authserver.signin.password import PasswordsBusyError
from authserver.signin.visit import Visit, load_visit, resume_visit
from authserver.store import links
from authserver.store.links import Kind, Link

KINDS: tuple[Kind, ...] = ("sign_up", "email")
KEPT_LINK = "link"
WRONG_PASSWORD = Fault("That’s not the password that was chosen at sign-up.")


def verify() -> Response:
    """`?token=` is a link out of a mail, `?page=` the page for the code; a link that had to wait is in the cookie."""
    # A request that has ended meanwhile is no reason to lose an account over.
    handle = request.args.get("request")
    visit = (load_visit(handle) if handle else None) or resume_visit()
    page = request.args.get("page")
    if page is not None:
        return _code(visit, page)
    token = request.args.get("token") or session.get(KEPT_LINK, "")
    for kind in KINDS:
        with current_server().database.read() as connection:
            link = links.find(connection, kind, token, current_server().now())
        if link is not None:
            return _link(visit, link, token)
    return _gone(visit)


def _code(visit: Visit, page: str) -> Response:
    server = current_server()
    with server.database.read() as connection:
        link = links.find_page(connection, page, browser_digest(), server.now())
    if link is None or not _is_for(link, visit):
        return _gone(visit)
    if request.method == "GET":
        return _code_page(visit, link, page)
    if "resend" in request.form:
        return _resend(visit, link, page)
    counted = server.settings.signin_limit_address, "code", limit_key(request.environ["authserver.address"])
    wait = limits.hit(server.limiter, *counted)
    if wait:
        return _code_page(visit, link, page, too_many(wait))
    typed = request.form.get("code", "")
    with server.database.write() as connection:
        done = verified.finish(
            connection, visit, links.spend_code(connection, page, browser_digest(), typed, server.now())
        )
    if done is None:
        emit("user:code:failed", sub=link.sub)
        return _code_page(visit, link, page, WRONG_CODE)
    limits.give_back(server.limiter, *counted)
    return done()


def _is_for(link: Link, visit: Visit) -> bool:
    # What is typed here for another purpose, such as to prove an account to a provider, would be spent for this one.
    return link.kind in KINDS and (link.sub is None or (visit.session is not None and visit.session.sub == link.sub))


def _resend(visit: Visit, link: Link, page: str) -> Response:
    server = current_server()
    key = limit_key(request.environ["authserver.address"])
    wait = limits.hit(server.limiter, server.settings.mail_limit_address, "resend", key)
    if wait:
        return _code_page(visit, link, page, too_many(wait))
    # Asked before the code that was sent is void.
    address = request.environ["authserver.address"]
    wait = limits.hit_mail(server.limiter, server.settings, link.kind, email_key(link.email), address)
    if wait:
        return _code_page(visit, link, page, too_many_mails(wait))
    again = resend(visit, page)
    return _gone(visit) if again is None else see_other(again)


def _link(visit: Visit, link: Link, token: str) -> Response:
    server = current_server()
    is_theirs = visit.session is not None and visit.session.sub == link.sub
    if link.kind == "email" and not is_theirs:
        # Only who asked for the change can complete it: a mistyped address must not open an account to its owner.
        session[KEPT_LINK] = token
        another = 1 if visit.session else None
        return to_sign_in(to="verify", another=another)
    asks_password = link.kind == "sign_up" and link.browser != browser_digest()
    if request.method == "GET":
        return _link_page(visit, link, token, asks_password)
    if asks_password:
        fault = _check_password(link, token)
        if fault is not None:
            return _link_page(visit, link, token, asks_password, fault)
    with server.database.write() as connection:
        done = verified.finish(connection, visit, links.spend(connection, link.kind, token, server.now()))
    session.pop(KEPT_LINK, None)
    return _gone(visit) if done is None else done()


def _check_password(link: Link, token: str) -> Fault | None:
    # The address is theirs, the account is not proven to be: somebody else may have asked for it in their name.
    server = current_server()
    with server.database.write() as connection:
        may_try = links.count_password(connection, link.kind, token, server.now())
    if not may_try:
        return Fault("There were too many attempts. Sign up again.")
    try:
        right = passwords.shared(server.settings).verify(link.detail["password_hash"], request.form.get("password", ""))
    except PasswordsBusyError as error:
        return error.fault
    return None if right else WRONG_PASSWORD


def _code_page(visit: Visit, link: Link, page: str, fault: Fault | None = None) -> Response:
    handle = visit.handle
    action = url_for("accounts.verify", page=page, request=handle)
    back = url_for("account.email") if link.sub else url_for("accounts.sign_up", request=handle)
    return show("accounts/verify_code.html", email=link.email, action=action, back=back, fault=fault)


def _link_page(visit: Visit, link: Link, token: str, asks_password: bool, fault: Fault | None = None) -> Response:
    action = url_for("accounts.verify", token=token, request=visit.handle)
    return show("accounts/verify_link.html", link=link, action=action, asks_password=asks_password, fault=fault)


def _gone(visit: Visit) -> Response:
    handle = visit.waiting.handle if visit.waiting and visit.waiting.is_open else None
    return error_page(
        400,
        gettext("This link no longer works"),
        gettext("It was used already, has expired, or was replaced by a newer one."),
        gettext("If it has done its work, sign in. Otherwise sign up, or change your address, once more."),
        button=(url_for("accounts.sign_in", request=handle), gettext("Sign in")),
    )
