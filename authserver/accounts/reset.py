"""A new password in place of a forgotten one, by a link out of a mail.

Opening the link spends nothing, sending the form spends it, once; every session and authorization ends then (OWASP
ASVS 5 §6.4, §7.4.3). https://owasp.org/ASVS
"""

from flask import Response, request, url_for

from authserver import people
from authserver.pages.current import current_server
from authserver.pages.errors import error_page
from authserver.pages.fault import WEAK_PASSWORD, Fault, show
from authserver.pages.language import gettext, speak_to
from authserver.pages.redirect import see_page
from authserver.server import Server
from authserver.signin import new_password
from authserver.signin import password as passwords
from authserver.signin.new_password import Rules
from authserver.signin.password import PasswordsBusyError
from authserver.signin.visit import resume_visit
from authserver.store import links, users
from authserver.store.users import User


def reset() -> Response:
    """Ask for the new password, or set it."""
    server, token = current_server(), request.args.get("token", "")
    if "done" in request.args:
        return _done(server)
    with server.database.read() as connection:
        link = links.find(connection, "reset", token, server.now())
        user = users.get(connection, link.sub) if link and link.sub else None
    speak_to(user)
    if user is None or user.disabled_at is not None:
        return _gone()
    if request.method == "GET":
        return _page(user, token)
    return _submit(user, token)


def _submit(user: User, token: str) -> Response:
    server, settings = current_server(), current_server().settings
    password, words = request.form.get("password", ""), new_password.words_of(user)
    faults = new_password.check(settings, password, *words)
    if faults:
        rules = new_password.page_rules(settings, faults, *words)
        return _page(user, token, WEAK_PASSWORD, rules)
    try:
        password_hash = passwords.shared(settings).hash(password)
    except PasswordsBusyError as error:
        return _page(user, token, error.fault)
    with server.database.write() as connection:
        link = links.spend(connection, "reset", token, server.now())
        person = users.get(connection, user.sub)
        if link is not None and person is not None and (link.sub, link.email) == (person.sub, person.email):
            people.reset_password(people.change_of(server, connection), person, password_hash)
            return see_page("accounts.reset", done=1, client=link.detail.get("client_id"))
    # Past the transaction: this page looks into the database, and must not want a second connection meanwhile.
    return _gone()


def _done(server: Server) -> Response:
    # The browser that opened the link need not be the one that asked for it, so the link knows the client.
    client = server.client(request.args.get("client"))
    return show(
        "accounts/reset_done.html",
        waiting=resume_visit().waiting,
        client=client,
        begins_at=client.begins_at(server.settings.issuer) if client else None,
    )


def _page(user: User, token: str, fault: Fault | None = None, rules: Rules | None = None) -> Response:
    settings = current_server().settings
    return show(
        "accounts/reset.html",
        person=user,
        fault=fault,
        rules=rules or new_password.page_rules(settings, [], *new_password.words_of(user)),
        action=url_for("accounts.reset", token=token),
    )


def _handle() -> str | None:
    waiting = resume_visit().waiting
    return waiting.handle if waiting else None


def _gone() -> Response:
    return error_page(
        400,
        gettext("This link no longer works"),
        gettext("It was used already, has expired, or was replaced by a newer one."),
        gettext("Have a new one sent."),
        button=(url_for("accounts.forgot", request=_handle()), gettext("Send a new link")),
    )
