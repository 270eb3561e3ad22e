"""The door of the pages for administrators: who is here, what they may see and do, and whether they just signed in.

OWASP ASVS 5 §8.2.1 (each page and act by its permission), §7.5.1 (a fresh sign-in before what matters). https://owasp.org/ASVS
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, request

from authserver import people
from authserver.access.giving import Names, beyond
from authserver.pages.current import current_server
from authserver.pages.errors import error_page
from authserver.pages.fault import show
from authserver.pages.language import gettext
from authserver.pages.redirect import see_other
from authserver.people import Change
from authserver.protocol.interaction import Step
from authserver.signin.next_step import ASKED_AT, is_fresh, next_step, to_sign_in
from authserver.signin.own_pages import OWN_PAGES
from authserver.signin.powers import OwnPowers, powers_of
from authserver.signin.session import current_person, current_session
from authserver.store import Connection
from authserver.store.sessions import Session
from authserver.store.users import User

# What the pages are for, in the order of their navigation, and the permission that opens each.
PLACES = (
    ("people", "read:users"),
    ("clients", "read:clients"),
    ("roles", "read:users"),
    ("keys", "read:keys"),
    ("events", "read:events"),
    ("mail", "read:events"),
)


@dataclass(frozen=True, slots=True)
class Administrator:
    """Who looks after this server, in one session. `is_fresh`: signed in a few minutes ago at most."""

    person: User
    session: Session
    powers: OwnPowers
    is_fresh: bool

    def may(self, permission: str) -> bool:
        """Whether they have this permission."""
        return permission in self.powers.permissions

    @property
    def places(self) -> list[str]:
        """The pages that they may open."""
        return [name for name, permission in PLACES if self.may(permission)]

    def beyond(self, roles: Collection[str], groups: Collection[str] = ()) -> Names:
        """What of these they may not give, nor touch whoever has it."""
        return beyond(current_server().registry, self.powers.has, roles, groups)

    def change(self, connection: Connection) -> Change:
        """An act of theirs, in this transaction."""
        return people.change_of(current_server(), connection, people.administrator(self.person.sub, "pages"))


View = Callable[..., Response]


def administers(
    permission: str | None = None, *, fresh: str = "admin", is_always_fresh: bool = False
) -> Callable[[View], View]:
    """Call a view with the `Administrator` who is signed in and has a permission, or any at all.

    Others sign in, or get 403. What is posted takes a fresh sign-in, which leads to the page named `fresh`; with
    `is_always_fresh`, so does what is read.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**given: str) -> Response:
            session, person = current_session(), current_person()
            if session is None or person is None:
                return to_sign_in(to="admin")
            server = current_server()
            step = next_step(server, session, OWN_PAGES["admin"], person=person)
            if step is not Step.ISSUE:
                # A role of theirs counts from a level on that this session has not reached.
                return see_other(f"{server.settings.issuer}{ASKED_AT[step]}?to=admin")
            administrator = Administrator(
                person, session, powers_of(server, session, person), is_fresh(server, session)
            )
            if not (administrator.may(permission) if permission else administrator.places):
                return refused()
            if (is_always_fresh or request.method == "POST") and not administrator.is_fresh:
                return to_sign_in(to=fresh.format(**given))
            return view(administrator, **given)

        return guarded

    return decorate


def refused() -> Response:
    """403, without a hint at what is behind it."""
    title, text = gettext("You may not open this page"), gettext("Your account doesn’t have the rights for it.")
    return error_page(403, title, text, gettext("Ask an administrator if you need it."))


def nobody() -> Response:
    """404: there is no such person, client, or whatever the address names."""
    title, text = gettext("Page not found"), gettext("There is nothing at this address.")
    return error_page(404, title, text)


def shown(template: str, administrator: Administrator, *, current: str, **context: Any) -> Response:
    """A page of theirs."""
    return show(f"admin/{template}.html", administrator=administrator, current=current, **context)
