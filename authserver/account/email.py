"""`/account/email`: another email address, or proof of this one."""

from flask import Response, request

from authserver.http import limits
from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.pages.fault import Fault, no_address, show, too_many, too_many_mails
from authserver.pages.redirect import see_page
from authserver.people import request_email
from authserver.protocol.person.email_address import email_fault, email_key
from authserver.protocol.person.login_name import as_typed
from authserver.signin.signed_in import signed_in
from authserver.store.sessions import Session
from authserver.store.users import User


@signed_in("email")
def email(person: User, _session: Session) -> Response:
    """Show the address, or send a link and a code to the one that was typed."""
    if request.method == "GET":
        return _page(person, "", is_done="done" in request.args)
    typed = as_typed(request.form.get("email", ""))
    if not typed:
        return _page(person, typed, Fault("Enter your email address."))
    fault = email_fault(typed)
    if fault:
        return _page(person, typed, no_address(fault))
    if typed == person.email and person.email_verified:
        return _page(person, typed, Fault("That’s already your address."))
    limited = _limited(person, typed)
    if limited:
        return _page(person, typed, limited)
    handle = request_email(current_server(), person.sub, typed, browser_digest())
    return see_page("accounts.verify", page=handle)


def _limited(person: User, typed: str) -> Fault | None:
    server, address = current_server(), request.environ["authserver.address"]
    wait = limits.hit(server.limiter, server.settings.mail_limit_address, "email", person.sub)
    if wait:
        return too_many(wait)
    wait = limits.hit_mail(server.limiter, server.settings, "email", email_key(typed), address)
    return too_many_mails(wait) if wait else None


def _page(person: User, typed: str, fault: Fault | None = None, *, is_done: bool = False) -> Response:
    return show("account/email.html", person=person, typed=typed, fault=fault, is_done=is_done)
