"""From what somebody has proven to a session, complete or lacking a second factor.

OWASP ASVS 5 §7.2.4 (a new session identifier at each sign-in). https://owasp.org/ASVS
"""

from dataclasses import dataclass, field, replace

from flask import Response, request

from authserver import mail, people
from authserver.events import emit
from authserver.pages.current import current_server
from authserver.pages.redirect import see_page
from authserver.protocol.acr import methods_of
from authserver.settings import Settings
from authserver.signin import session
from authserver.signin.credentials import Checked, WrongCredentialsError
from authserver.signin.device import presented_device, set_device_cookie
from authserver.signin.factors import required
from authserver.signin.factors.begun import (
    TIME_TO_COMPLETE,
    clear_begun_cookie,
    presented_begun,
    set_begun_cookie,
)
from authserver.signin.factors.passkey import rp_id
from authserver.signin.next_step import to_second_factor, to_set_up_factor
from authserver.signin.user_agent import described
from authserver.signin.visit import Visit
from authserver.store import Connection, begun_sessions, devices, requests, sessions, signin_failures, users
from authserver.store.factors import factor_notices, held, passkeys, stepped_up
from authserver.store.sessions import SignIn, UpstreamSession
from authserver.store.users import User


@dataclass(frozen=True, slots=True)
class Authentication:
    """How somebody signed in: `amr` as in RFC 8176 §2.

    Where a provider vouched, when (seconds since the epoch), or None where it does not say. `remember`: for longer than
    until the browser is closed; `is_expected`: no mail tells them of a browser that was not known. `lacks_nothing`: no
    second factor is asked; `factor_at` is when one was proven, and `trust` asks for none here for some time. `methods`
    are what counts for levels of authentication, None where `amr` says it all.
    """

    amr: tuple[str, ...] = ("pwd",)
    auth_time: int | None = None
    upstream: UpstreamSession | None = None
    remember: bool = False
    is_expected: bool = False
    lacks_nothing: bool = False
    factor_at: int | None = None
    trust: bool = False
    methods: tuple[str, ...] | None = None


EXPECTED = Authentication(is_expected=True)


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that was begun, to be told to the browser once the transaction is kept.

    `first_to` is a page that says or offers something before the person goes on, by its endpoint.
    """

    user: User
    cookie: str = field(repr=False)
    device: str | None = field(repr=False)
    max_age: int | None
    first_to: str | None = None

    def put_into(self, response: Response) -> Response:
        """Hand the browser its cookies."""
        settings = current_server().settings
        session.set_cookie(response, settings, self.cookie, max_age=self.max_age)
        if self.device is not None:
            set_device_cookie(response, settings, self.device)
        if presented_begun(settings):
            clear_begun_cookie(response, settings)
        return response


@dataclass(frozen=True, slots=True)
class Halfway:
    """A session that lacks a second factor, likewise. `has_factor`: one that its person has, or has yet to set up."""

    cookie: str = field(repr=False)
    has_factor: bool = True

    def put_into(self, response: Response) -> Response:
        """Hand the browser its cookie."""
        set_begun_cookie(response, current_server().settings, self.cookie)
        return response


def begin(visit: Visit, checked: Checked, *, remember: bool) -> Response:
    """Begin or renew the session of this browser, and go on; all of it is kept, or nothing.

    Raises `WrongCredentialsError` where the password was changed, or the person disabled, meanwhile.
    """
    user = checked.user
    with current_server().database.write() as connection:
        if not users.confirm(connection, user.sub, checked.password_hash):
            raise WrongCredentialsError
        signin_failures.forget(connection, checked.account)
        if checked.new_hash is not None:
            users.rehash_password(connection, user.sub, checked.password_hash, checked.new_hash)
        begun = start(connection, visit, user, Authentication(remember=remember))
    return finish(visit, begun)


def start(connection: Connection, visit: Visit, user: User, authentication: Authentication) -> Begun | Halfway:
    """Sign in, in the caller's transaction, or halfway where a second factor is due.

    A browser that was not known is told by mail, unless expected.
    """
    if not authentication.lacks_nothing:
        if _is_factor_due(connection, visit, user):
            return _halfway(connection, user, authentication)
        if required.is_lacking(connection, current_server(), user):
            return replace(_halfway(connection, user, authentication), has_factor=False)
    begun = new_session(connection, visit, user, authentication)
    client_id = visit.waiting.client.client_id if visit.waiting else None
    emit("user:login:succeeded", sub=user.sub, client_id=client_id, within=connection)
    return replace(begun, first_to=_first_to(connection, user, authentication))


def complete(connection: Connection, visit: Visit, user: User, amr: tuple[str, ...], *, trust: bool) -> Begun | None:
    """Make a session of the one that this browser has begun, once, with the factor proven by `amr`; None if over."""
    server = current_server()
    taken = begun_sessions.take(connection, presented_begun(server.settings), server.now())
    if taken is None or taken.sub != user.sub:
        return None
    authentication = Authentication(
        amr=tuple(dict.fromkeys((*taken.amr, *amr))),
        auth_time=taken.auth_time,
        upstream=taken.upstream,
        remember=taken.idle == server.settings.remember_idle,
        lacks_nothing=True,
        factor_at=server.now(),
        trust=trust,
        methods=tuple(dict.fromkeys((*taken.methods, *methods_of(amr)))),
    )
    begun = start(connection, visit, user, authentication)
    return begun if isinstance(begun, Begun) else None


def step_up(connection: Connection, visit: Visit, user: User, amr: tuple[str, ...]) -> Begun | None:
    """Add a factor to the session that lives, which gets another cookie; None where it has ended."""
    server, old = current_server(), visit.session
    if old is None or old.sub != user.sub:
        return None
    now, proven = server.now(), tuple(dict.fromkeys((*old.amr, *amr)))
    done = tuple(dict.fromkeys((*old.methods, *methods_of(amr))))
    stepped = stepped_up.step_up(connection, old, proven, done, now)
    if stepped is None:
        return None
    max_age = old.expires_at - now if old.idle == server.settings.remember_idle else None
    return Begun(user, stepped[0], None, max_age)


def new_session(connection: Connection, visit: Visit, user: User, authentication: Authentication) -> Begun:
    """A session in place of this browser's, which auditors hear of as another event than a sign-in."""
    server = current_server()
    signing_in, now = _sign_in(server.settings, user, authentication), server.now()
    # Whoever proves anew who they are does not go on with what this browser left halfway.
    begun_sessions.end(connection, presented_begun(server.settings), now)
    if visit.session is not None:
        if visit.session.sub != user.sub or sessions.get(connection, visit.session.sid, now) is None:
            people.give_way(people.change_of(server, connection), visit.session)
        cookie, begun = sessions.renew(connection, visit.session, signing_in, now)
    else:
        cookie, begun = sessions.start(connection, signing_in, now)
    if visit.waiting is not None:
        requests.mark_authenticated(connection, visit.waiting.handle, begun.sid)
    presented = presented_device()
    if user.email and not authentication.is_expected and not devices.is_known(connection, presented, user.sub, now):
        browser = described(signing_in.user_agent)
        mail.queue(
            connection, server, "new_device", user.email, user=user, browser=browser, address=signing_in.address, at=now
        )
    device = devices.remember(connection, presented, user.sub, now, server.settings.device_lifetime)
    if authentication.trust and server.settings.factor_device_lifetime:
        devices.trust(connection, device, user.sub, now + server.settings.factor_device_lifetime)
    return Begun(user, cookie, device, signing_in.lifetime if authentication.remember else None)


def finish(visit: Visit, begun: Begun | Halfway) -> Response:
    """Go on with the session; to be called when the transaction is kept."""
    if isinstance(begun, Halfway):
        lead = to_second_factor if begun.has_factor else to_set_up_factor
        return begun.put_into(lead(visit.handle, visit.to))
    if begun.first_to is not None:
        return begun.put_into(see_page(begun.first_to, request=visit.handle, to=visit.to))
    return begun.put_into(visit.onward())


def _first_to(connection: Connection, user: User, authentication: Authentication) -> str | None:
    server = current_server()
    if authentication.factor_at is None and not authentication.lacks_nothing:
        is_due = required.lacking_from(connection, server, user) is not None
        if is_due and factor_notices.is_due(connection, user.sub, server.now()):
            return "account.announced"
    return "account.offer" if _may_offer_passkey(connection, user, authentication) else None


def _may_offer_passkey(connection: Connection, user: User, authentication: Authentication) -> bool:
    server = current_server()
    if not server.settings.passkey_offer or "pwd" not in authentication.amr or rp_id(server.settings) is None:
        return False
    # The page is a part of the account area, which asks for all factors, and for an address that is proven.
    is_open = authentication.factor_at is not None or not held.has_second(connection, user.sub)
    return is_open and user.email_verified and passkeys.may_offer(connection, user.sub, server.now())


def _is_factor_due(connection: Connection, visit: Visit, user: User) -> bool:
    if not held.has_second(connection, user.sub):
        return False
    server = current_server()
    if visit.needs_factor or not server.settings.factor_device_lifetime:
        return True
    return not devices.is_trusted(connection, presented_device(), user.sub, server.now())


def _halfway(connection: Connection, user: User, authentication: Authentication) -> Halfway:
    server = current_server()
    now, signing_in = server.now(), _sign_in(server.settings, user, authentication)
    begun_sessions.end(connection, presented_begun(server.settings), now)
    cookie, _ = begun_sessions.begin(connection, replace(signing_in, lifetime=TIME_TO_COMPLETE), now)
    return Halfway(cookie)


def _sign_in(settings: Settings, user: User, authentication: Authentication) -> SignIn:
    return SignIn(
        sub=user.sub,
        amr=authentication.amr,
        auth_time=authentication.auth_time,
        upstream=authentication.upstream,
        idle=settings.remember_idle if authentication.remember else settings.session_idle,
        lifetime=settings.remember_lifetime if authentication.remember else settings.session_lifetime,
        user_agent=request.headers.get("User-Agent", ""),
        address=request.environ["authserver.address"],
        factor_at=authentication.factor_at,
        methods=authentication.methods,
    )
