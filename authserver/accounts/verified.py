"""What happens once an address is proven: an account begins, or has a new address."""

from collections.abc import Callable

from flask import Response, url_for

from authserver import people
from authserver.pages.current import current_server
from authserver.pages.errors import error_page
from authserver.pages.language import gettext
from authserver.pages.redirect import see_page
from authserver.protocol.person.username import username_from_email
from authserver.signin import begin
from authserver.signin.visit import Visit
from authserver.store import Connection, users
from authserver.store.addresses import LoginError
from authserver.store.links import Link

Answer = Callable[[], Response]


def finish(connection: Connection, visit: Visit, link: Link | None) -> Answer | None:
    """Do what a link is for, in the transaction that spent it; returns the answer for when that is kept."""
    if link is None:
        return None
    try:
        return _add(connection, visit, link) if link.kind == "sign_up" else _change(connection, link)
    except LoginError:
        return _taken


def _add(connection: Connection, visit: Visit, link: Link) -> Answer:
    server = current_server()
    user = people.add(
        people.change_of(server, connection),
        username_from_email(link.email),
        or_alike=True,
        roles=server.registry.default_roles,
        event="user:sign_up:completed",
        email=link.email,
        email_verified=True,
        name=link.detail["name"],
        password_hash=link.detail["password_hash"],
    )
    begun = begin.start(connection, visit, user, begin.EXPECTED)
    return lambda: begin.finish(visit, begun)


def _change(connection: Connection, link: Link) -> Answer:
    server, sub = current_server(), str(link.sub)
    person = users.get(connection, sub)
    if person is not None:
        people.change_email(people.change_of(server, connection), person, link.email, verified=True)
    return lambda: see_page("account.email", done=1)


def _taken() -> Response:
    return error_page(
        400,
        gettext("This address already has an account"),
        gettext("The account was created after this link was sent."),
        gettext("Sign in with it. If you don’t know its password, choose “Forgot your password?” there."),
        button=(url_for("accounts.sign_in"), gettext("Sign in")),
    )
