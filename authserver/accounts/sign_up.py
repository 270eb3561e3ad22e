"""Signing up: an address, a password, and then proof that the address is theirs.

Whether the address has an account already is told to its owner by mail and to nobody else: the page is the same, and
so is its time. Nothing of an account that exists is touched (OWASP ASVS 5 §6.3.8). https://owasp.org/ASVS
"""

from dataclasses import dataclass

from flask import Response, abort, request, url_for

from authserver.events import emit
from authserver.http import limits
from authserver.http.address import limit_key
from authserver.pages.browser import browser_digest
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import WEAK_PASSWORD, Fault, no_address, show, too_many, too_many_mails
from authserver.pages.redirect import page_url, see_other
from authserver.people import send_proof
from authserver.protocol.person.email_address import email_fault, email_key, is_at
from authserver.protocol.person.login_name import as_typed
from authserver.protocol.person.profile import tidy
from authserver.signin import new_password
from authserver.signin import password as passwords
from authserver.signin.new_password import Rules
from authserver.signin.password import PasswordsBusyError
from authserver.signin.visit import Visit, load_visit

NAME_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into the form, so far as it is shown again."""

    email: str = ""
    name: str = ""


def sign_up() -> Response:
    """Ask for an address and a password, or take them: then on to the page for the code."""
    settings = current_server().settings
    if settings.signup == "off":
        abort(404)
    visit = load_visit(request.args.get("request"))
    if visit is None:
        return stale_page()
    if settings.signup == "invitation":
        return show("accounts/sign_up_closed.html", sign_in=_url("accounts.sign_in", visit))
    if request.method == "GET":
        return _page(visit, Typed(email=_hint(visit)))
    return _submit(visit)


def _submit(visit: Visit) -> Response:
    server, settings = current_server(), current_server().settings
    form = request.form
    typed = Typed(as_typed(form.get("email", "")), tidy(form.get("name"), NAME_LENGTH) or "")
    password = form.get("password", "")
    fault = _email_fault(typed.email)
    faults = new_password.check(settings, password, typed.email, typed.name)
    rules = new_password.page_rules(settings, faults, typed.email, typed.name)
    if fault or faults:
        return _page(visit, typed, fault or WEAK_PASSWORD, rules)
    address = request.environ["authserver.address"]
    wait = limits.hit(server.limiter, settings.signup_limit, "sign-up", limit_key(address))
    if wait:
        return _page(visit, typed, too_many(wait))
    wait = limits.hit_mail(server.limiter, settings, "sign_up", email_key(typed.email), address)
    if wait:
        return _page(visit, typed, too_many_mails(wait))
    try:
        password_hash = passwords.shared(settings).hash(password)
    except PasswordsBusyError as error:
        return _page(visit, typed, error.fault)
    page = request_verification(typed.email, {"name": typed.name or None, "password_hash": password_hash}, visit)
    return see_other(page)


def request_verification(email: str, detail: dict[str, object], visit: Visit) -> str:
    """Ask for the proof that whoever signs up has the address; returns the page for the code."""
    handle = visit.handle
    page = send_proof(current_server(), "sign_up", email, browser_digest(), detail=detail, request=handle)
    emit("user:sign_up:requested", client_id=visit.waiting.client.client_id if visit.waiting else None)
    return page_url("accounts.verify", page=page, request=handle)


def _email_fault(email: str) -> Fault | None:
    if not email:
        return Fault("Enter your email address.")
    fault = email_fault(email)
    if fault:
        return no_address(fault)
    settings = current_server().settings
    if settings.signup != "open" and not is_at(email, settings.signup_domain_keys):
        domains = ", ".join(settings.signup_domains)
        return Fault("Use an address at one of these domains: %(domains)s.", values={"domains": domains})
    return None


def _hint(visit: Visit) -> str:
    hint = as_typed(visit.waiting.request.login_hint or "") if visit.waiting else ""
    return hint if "@" in hint else ""


def _url(endpoint: str, visit: Visit) -> str:
    return url_for(endpoint, request=visit.handle)


def _page(visit: Visit, typed: Typed, fault: Fault | None = None, rules: Rules | None = None) -> Response:
    settings = current_server().settings
    return show(
        "accounts/sign_up.html",
        typed=typed,
        fault=fault,
        rules=rules or new_password.page_rules(settings, []),
        domains=settings.signup_domains if settings.signup == "domain" else (),
        client=visit.waiting.client if visit.waiting else None,
        action=_url("accounts.sign_up", visit),
        sign_in=_url("accounts.sign_in", visit),
    )
