"""Accepting an invitation: the link proves the address, the person chooses a name and a password.

`authserver users invite` makes the link. Its detail may hold a username, a name and roles; without roles the default
one is given. A link with a `sub` is for somebody who was added without a password.
"""

from flask import Response, request, url_for

from authserver import people
from authserver.accounts.sign_up import NAME_LENGTH
from authserver.pages.current import current_server
from authserver.pages.errors import error_page
from authserver.pages.fault import WEAK_PASSWORD, Fault, show
from authserver.pages.language import gettext
from authserver.protocol.person.profile import tidy
from authserver.signin import begin, new_password
from authserver.signin import password as passwords
from authserver.signin.new_password import Rules
from authserver.signin.password import PasswordsBusyError
from authserver.signin.visit import resume_visit
from authserver.store import links
from authserver.store.addresses import LoginError
from authserver.store.links import Link


def invite() -> Response:
    """Ask for a name and a password, or take them: the account begins, and a session with it."""
    server, token = current_server(), request.args.get("token", "")
    with server.database.read() as connection:
        link = links.find(connection, "invite", token, server.now())
    if link is None:
        return _gone()
    if request.method == "GET":
        return _page(link, token, link.detail.get("name") or "")
    return _submit(link, token)


def _submit(link: Link, token: str) -> Response:
    server, settings = current_server(), current_server().settings
    name = tidy(request.form.get("name"), NAME_LENGTH)
    password, words = request.form.get("password", ""), (link.email, name, link.detail.get("username"))
    faults = new_password.check(settings, password, *words)
    if faults:
        rules = new_password.page_rules(settings, faults, *words)
        return _page(link, token, name or "", WEAK_PASSWORD, rules)
    try:
        password_hash = passwords.shared(settings).hash(password)
    except PasswordsBusyError as error:
        return _page(link, token, name or "", error.fault)
    visit = resume_visit("account")
    try:
        with server.database.write() as connection:
            spent = links.spend(connection, "invite", token, server.now())
            if spent is None:
                return _gone()
            user = people.accept(
                people.change_of(server, connection),
                spent,
                name=name,
                password_hash=password_hash,
                default=server.registry.default_roles,
            )
            begun = begin.start(connection, visit, user, begin.EXPECTED)
    except LoginError:
        return _gone()
    return begin.finish(visit, begun)


def _page(link: Link, token: str, name: str, fault: Fault | None = None, rules: Rules | None = None) -> Response:
    return show(
        "accounts/invite.html",
        link=link,
        name=name,
        fault=fault,
        rules=rules or new_password.page_rules(current_server().settings, [], link.email),
        waiting=resume_visit().waiting,
        action=url_for("accounts.invite", token=token),
    )


def _gone() -> Response:
    return error_page(
        400,
        gettext("This invitation no longer works"),
        gettext("It was accepted already, has expired, or was replaced by a newer one."),
        gettext("If you have an account, sign in. Otherwise ask whoever invited you for a new invitation."),
        button=(url_for("accounts.sign_in"), gettext("Sign in")),
    )
