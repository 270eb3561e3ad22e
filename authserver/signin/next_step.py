"""Where a person goes next: decided here alone, on the way to a client and to a page of their own.

OpenID Connect Core §3.1.2.3. https://openid.net/specs/openid-connect-core-1_0.html#Authenticates
The rules for a client's request are pure, in `protocol/interaction.py`; what they need is looked up here.
"""

from flask import Response

from authserver.access.effective import effective_roles, roles_at
from authserver.pages.current import current_server
from authserver.pages.redirect import see_other, see_page
from authserver.protocol import interaction, management
from authserver.protocol.acr import Demand, said_acr
from authserver.protocol.interaction import Lack, Remembered, SignedIn, Step
from authserver.protocol.request.demand import demand_of
from authserver.server import Server
from authserver.signin.client_request import ClientRequest
from authserver.signin.factors import required
from authserver.signin.factors.lacking import LackingLevel, done_in, lacking
from authserver.signin.own_pages import OwnPage
from authserver.signin.session import BrowserSession
from authserver.store import users
from authserver.store.allowed import consents
from authserver.store.begun_sessions import BegunSession
from authserver.store.factors import held
from authserver.store.sessions import Session
from authserver.store.users import User

# Where what a request lacks is asked for.
ASKED_AT = {
    Step.SIGN_IN: "/sign-in",
    Step.COMPLETE_SIGN_IN: "/sign-in/factor",
    Step.SET_UP_FACTOR: "/sign-in/set-up",
    Step.STEP_UP: "/sign-in/factor",
    Step.ADD_FACTOR: "/sign-in/add-factor",
    Step.SIGN_UP: "/sign-up",
    Step.SELECT_ACCOUNT: "/sign-in",
    Step.CONSENT: "/consent",
    Step.REFUSE: "/refused",
}
_TOWARDS = {Lack.FACTOR: Step.STEP_UP, Lack.SIGN_IN: Step.SIGN_IN, Lack.SET_UP: Step.ADD_FACTOR}


def next_step(
    server: Server,
    session: BrowserSession | None,
    goal: ClientRequest | OwnPage | None,
    *,
    person: User | None = None,
    consent: Remembered | None = None,
    roles: tuple[str, ...] | None = None,
) -> Step:
    """What is missing on the way there, from home on; ISSUE where nothing is.

    `person`, `consent`, and all `roles` of the person, where they are known already. Raises RedirectedError where the
    client must hear of an error.
    """
    if isinstance(goal, ClientRequest):
        signed_in = _signed_in(server, session, goal, person, roles)
        remembered = consent_of(server, session, goal, consent)
        step = interaction.next_step(goal.request, goal.client, signed_in, remembered, server.now(), goal.progress)
        return _before_set_up(server, session, goal) if step is Step.ADD_FACTOR else step
    if session is None:
        return Step.SIGN_IN
    if isinstance(session, BegunSession):
        return Step.SET_UP_FACTOR if must_set_up(server, session, person) else Step.COMPLETE_SIGN_IN
    if must_set_up(server, session, person):
        return Step.SIGN_IN
    step = _freshness(server, session) if goal is not None and goal.fresh else Step.ISSUE
    return _by_role(server, session, goal, person) if step is Step.ISSUE and goal is not None else step


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
    """The roles that count in this session, which may have reached less than some require."""
    if person is None:
        return ()
    registry = server.registry
    reached = registry.levels.reached(done_in(server, session))
    return roles_at(registry, person.roles_in(session.provider, server.now()), person.groups, reached)


def all_roles_of(server: Server, session: Session, asked: ClientRequest, person: User | None) -> tuple[str, ...]:
    """The roles that this person would have at the highest level; looked up only where roles decide anything."""
    if asked.client.allowed_roles is None and not server.registry.role_acr:
        return ()
    person = person or _person(server, session)
    return () if person is None else _at_best(server, session, person)


def acr_of(server: Server, session: Session, asked: ClientRequest, roles: tuple[str, ...] | None = None) -> str | None:
    """What the tokens of this request say of the session, of a person with all these roles."""
    registry = server.registry
    found = all_roles_of(server, session, asked, None) if roles is None else roles
    demand = demand_of(registry, asked.client, asked.request, found)
    return said_acr(registry.levels, demand, done_in(server, session), session.acr)


def lacking_of(
    server: Server, session: Session, goal: ClientRequest | OwnPage | None, person: User
) -> LackingLevel | None:
    """What the session of this person lacks of the level that is demanded on the way there."""
    if isinstance(goal, ClientRequest):
        return _lacking(server, session, goal, all_roles_of(server, session, goal, person))
    if goal is None or not goal.by_role:
        return None
    registry = server.registry
    giving = registry.permissions[management.NAME]
    roles = [role for role in _at_best(server, session, person) if giving.get(role)]
    required = frozenset[str]().union(*(registry.role_acr.get(role, ()) for role in roles))
    return lacking(server, session, Demand(required))


def _lacking(server: Server, session: Session, asked: ClientRequest, roles: tuple[str, ...]) -> LackingLevel | None:
    demand = demand_of(server.registry, asked.client, asked.request, roles)
    return lacking(server, session, demand, by_provider=asked.client.provider is not None)


def _person(server: Server, session: Session) -> User | None:
    with server.database.read() as connection:
        return users.get(connection, session.sub)


def _at_best(server: Server, session: Session, person: User) -> tuple[str, ...]:
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


def _by_role(server: Server, session: Session, page: OwnPage, person: User | None) -> Step:
    """What somebody must do whose roles give something there that does not count yet."""
    if not page.by_role or not server.registry.role_acr:
        return Step.ISSUE
    person = person or _person(server, session)
    found = lacking_of(server, session, page, person) if person is not None else None
    # Without any means the page itself refuses.
    return _TOWARDS.get(found.what, Step.ISSUE) if found else Step.ISSUE


def _before_set_up(server: Server, session: BrowserSession | None, asked: ClientRequest) -> Step:
    """What the account area asks before a factor is set up there."""
    step = _freshness(server, session) if isinstance(session, Session) else Step.SIGN_IN
    if session is not None and session.auth_time is None and asked.progress.authenticated_sid == session.sid:
        # Signed in under this very handle, and still nobody knows when: no page there will open.
        raise interaction.unmet()
    return Step.ADD_FACTOR if step is Step.ISSUE else step


def _signed_in(
    server: Server,
    session: BrowserSession | None,
    asked: ClientRequest,
    person: User | None,
    roles: tuple[str, ...] | None,
) -> SignedIn | None:
    if session is None:
        return None
    if isinstance(session, BegunSession):
        must = must_set_up(server, session, person)
        return SignedIn(session.sid, session.sub, None, (), is_complete=False, must_set_up=must)
    roles = all_roles_of(server, session, asked, person) if roles is None else roles
    found = _lacking(server, session, asked, roles)
    what, is_wish = (found.what, found.is_wish) if found else (None, False)
    return SignedIn(
        session.sid,
        session.sub,
        session.auth_time,
        roles,
        session.provider,
        must_set_up=must_set_up(server, session, person),
        lack=what,
        is_wish=is_wish,
    )


def consent_of(
    server: Server, session: BrowserSession | None, asked: ClientRequest, known: Remembered | None = None
) -> Remembered:
    """What the person has allowed this client before, `known` if that was looked up already."""
    if not isinstance(session, Session):
        return Remembered()
    upstream = server.providers.get(session.provider) if session.provider else None
    # Who registered itself is no client that an administrator chose to spare anybody the question.
    if upstream is not None and upstream.skip_consent and not asked.client.self_registered:
        return Remembered(frozenset(asked.request.asked_scope), frozenset(asked.request.audiences))
    if known is not None:
        return known
    if asked.client.consent != "once":
        return Remembered()
    with server.database.read() as connection:
        return consents.find(connection, session.sub, asked.client.client_id)
