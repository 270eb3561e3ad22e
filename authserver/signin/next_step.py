"""Where a person goes next: decided here alone, on the way to a client and to a page of their own.

OpenID Connect Core §3.1.2.3. https://openid.net/specs/openid-connect-core-1_0.html#Authenticates
The rules for a client's request are pure, in `protocol/interaction.py`; what they need is looked up here.
"""

import re
from dataclasses import dataclass

from flask import Response

from authserver.access.effective import effective_roles
from authserver.pages.current import current_server
from authserver.pages.redirect import see_other, see_page
from authserver.protocol import interaction
from authserver.protocol.interaction import Remembered, SignedIn, Step
from authserver.server import Server
from authserver.signin.client_request import ClientRequest
from authserver.signin.factors import required
from authserver.signin.session import BrowserSession
from authserver.store import users
from authserver.store.allowed import consents
from authserver.store.begun_sessions import BegunSession
from authserver.store.factors import held
from authserver.store.sessions import Session
from authserver.store.users import User


@dataclass(frozen=True, slots=True)
class OwnPage:
    """A page that the sign-in page leads to; a fresh one needs a sign-in of the last minutes (ASVS 7.5.1)."""

    path: str
    fresh: bool = False


# The only ones that a link to the sign-in page can name: none leads off this site.
OWN_PAGES = {
    "account": OwnPage("/account"),
    "profile": OwnPage("/account/profile"),
    "email": OwnPage("/account/email", fresh=True),
    "password": OwnPage("/account/password", fresh=True),
    "linked": OwnPage("/account/linked", fresh=True),
    "sessions": OwnPage("/account/sessions"),
    "applications": OwnPage("/account/applications"),
    "activity": OwnPage("/account/activity"),
    "export": OwnPage("/account/export", fresh=True),
    "factors": OwnPage("/account/factors", fresh=True),
    "delete": OwnPage("/account/delete", fresh=True),
    "verify": OwnPage("/verify"),
    "admin": OwnPage("/admin"),
    "admin_import": OwnPage("/admin/people/import", fresh=True),
    "admin_registered": OwnPage("/admin/registered", fresh=True),
    "admin_keys": OwnPage("/admin/keys", fresh=True),
    "device": OwnPage("/device"),
}
# The page of one person, for an administrator who wants to change something there.
_OF_A_PERSON = re.compile(r"person:([A-Za-z0-9_-]{1,32})")


def own_page(name: str | None) -> OwnPage | None:
    """The page that a name stands for, if any: whatever it is, it leads nowhere off this site."""
    if name is None or name in OWN_PAGES:
        return OWN_PAGES[name] if name else None
    found = _OF_A_PERSON.fullmatch(name)
    return OwnPage(f"/admin/people/{found[1]}", fresh=True) if found else None


# Where what a request lacks is asked for.
ASKED_AT = {
    Step.SIGN_IN: "/sign-in",
    Step.COMPLETE_SIGN_IN: "/sign-in/factor",
    Step.SET_UP_FACTOR: "/sign-in/set-up",
    Step.STEP_UP: "/sign-in/factor",
    Step.SIGN_UP: "/sign-up",
    Step.SELECT_ACCOUNT: "/sign-in",
    Step.CONSENT: "/consent",
    Step.REFUSE: "/refused",
}


def next_step(
    server: Server,
    session: BrowserSession | None,
    goal: ClientRequest | OwnPage | None,
    *,
    person: User | None = None,
    consent: Remembered | None = None,
) -> Step:
    """What is missing on the way there, from home on; ISSUE where nothing is.

    `person` and `consent` where they are known already. Raises RedirectedError where the client must hear of an error.
    """
    if isinstance(goal, ClientRequest):
        signed_in = _signed_in(server, session, goal, person)
        remembered = consent_of(server, session, goal, consent)
        return interaction.next_step(goal.request, goal.client, signed_in, remembered, server.now(), goal.progress)
    if session is None:
        return Step.SIGN_IN
    if isinstance(session, BegunSession):
        return Step.SET_UP_FACTOR if must_set_up(server, session, person) else Step.COMPLETE_SIGN_IN
    if must_set_up(server, session, person):
        return Step.SIGN_IN
    return _freshness(server, session) if goal is not None and goal.fresh else Step.ISSUE


def is_fresh(server: Server, session: Session) -> bool:
    """Whether the person has signed in within the last minutes, with a second factor if they have one (ASVS 7.5.1)."""
    return _freshness(server, session) is Step.ISSUE


def must_set_up(server: Server, session: BrowserSession, person: User | None = None) -> bool:
    """Whether a session goes no further, since a second factor is required of its person, who has none.

    Who came through a provider has one as far as the provider's entry says.
    """
    rule = server.registry.second_factor
    if rule is None or not rule.is_in_force(server.now()):
        return False
    if isinstance(session, Session) and (session.factor_at is not None or _is_vouched_for(server, session)):
        return False
    with server.database.read() as connection:
        person = person or users.get(connection, session.sub)
        return person is not None and required.is_lacking(connection, server, person)


def required_from(server: Server, session: Session, person: User) -> int | None:
    """From when on they must have a second factor, in seconds since the epoch; None if they need none, or have one."""
    if session.factor_at is not None or _is_vouched_for(server, session):
        return None
    with server.database.read() as connection:
        return required.lacking_from(connection, server, person)


def to_second_factor(handle: str | None = None, to: str | None = None) -> Response:
    """Send the browser to the page that asks for a second factor, and leads on as the sign-in page does."""
    return see_page("accounts.factor", request=handle, to=to)


def to_set_up_factor(handle: str | None = None, to: str | None = None) -> Response:
    """Send the browser to the page where a second factor that is required is set up, likewise."""
    return see_page("accounts.set_up", request=handle, to=to)


def to_sign_in(handle: str | None = None, to: str | None = None, **told: str | int | None) -> Response:
    """Send the browser to the sign-in page, which leads on to the request or to this one of `OWN_PAGES`."""
    return see_page("accounts.sign_in", request=handle, to=to, **told)


def page_of(step: Step, handle: str) -> Response:
    """Send the browser to the page that asks for what a request lacks."""
    return see_other(f"{current_server().settings.issuer}{ASKED_AT[step]}?request={handle}")


def back_to(handle: str) -> Response:
    """Send the browser back to its request, which every page returns to."""
    return see_other(f"{current_server().settings.issuer}/authorize/{handle}")


def roles_of(server: Server, session: Session, person: User | None) -> tuple[str, ...]:
    """The roles that count in this session."""
    if person is None:
        return ()
    return effective_roles(server.registry, person.roles_in(session.provider, server.now()), person.groups)


def _is_vouched_for(server: Server, session: Session) -> bool:
    provider = server.providers.get(session.provider) if session.provider else None
    return provider is not None and provider.proves_second_factor(session.amr)


def _freshness(server: Server, session: Session) -> Step:
    oldest = server.now() - server.settings.fresh_authentication
    if session.auth_time is None or session.auth_time <= oldest:
        return Step.SIGN_IN
    if session.factor_at is not None and session.factor_at > oldest:
        return Step.ISSUE
    with server.database.read() as connection:
        return Step.STEP_UP if held.has_second(connection, session.sub) else Step.ISSUE


def _signed_in(
    server: Server, session: BrowserSession | None, asked: ClientRequest, person: User | None
) -> SignedIn | None:
    if session is None:
        return None
    if isinstance(session, BegunSession):
        lacks = must_set_up(server, session, person)
        return SignedIn(session.sid, session.sub, None, (), is_complete=False, must_set_up=lacks)
    if person is None and asked.client.allowed_roles is not None:
        with server.database.read() as connection:
            person = users.get(connection, session.sub)
    roles = roles_of(server, session, person) if asked.client.allowed_roles is not None else ()
    lacks = must_set_up(server, session, person)
    return SignedIn(
        session.sid, session.sub, session.auth_time, roles, session.provider, session.acr, must_set_up=lacks
    )


def consent_of(
    server: Server, session: BrowserSession | None, asked: ClientRequest, known: Remembered | None = None
) -> Remembered:
    """What the person has allowed this client before, `known` if that was looked up already."""
    if not isinstance(session, Session):
        return Remembered()
    upstream = server.providers.get(session.provider) if session.provider else None
    if upstream is not None and upstream.skip_consent:
        return Remembered(frozenset(asked.request.asked_scope), frozenset(asked.request.audiences))
    if known is not None:
        return known
    if asked.client.consent != "once":
        return Remembered()
    with server.database.read() as connection:
        return consents.find(connection, session.sub, asked.client.client_id)
