"""From a right password to a session.

OWASP ASVS 5 §7.2.4 (a new session identifier at each sign-in). https://owasp.org/ASVS
"""

from dataclasses import dataclass, field

from flask import Response, request

from authserver import mail
from authserver.events import emit
from authserver.pages.current import current_server
from authserver.settings import Settings
from authserver.signin import session
from authserver.signin.credentials import Checked, WrongCredentialsError
from authserver.signin.device import presented_device, set_device_cookie
from authserver.signin.user_agent import described
from authserver.signin.visit import Visit
from authserver.store import Connection, begun_sessions, devices, requests, sessions, signin_failures, users
from authserver.store.sessions import SignIn, UpstreamSession
from authserver.store.users import User


@dataclass(frozen=True, slots=True)
class Authentication:
    """How somebody signed in: `amr` as in RFC 8176 §2.

    Where a provider vouched, when (seconds since the epoch), or None where it does not say. `remember`: for longer than
    until the browser is closed; `is_expected`: no mail tells them of a browser that was not known.
    """

    amr: tuple[str, ...] = ("pwd",)
    auth_time: int | None = None
    upstream: UpstreamSession | None = None
    remember: bool = False
    is_expected: bool = False


EXPECTED = Authentication(is_expected=True)


@dataclass(frozen=True, slots=True)
class Begun:
    """A session that was begun, to be told to the browser once the transaction is kept."""

    user: User
    cookie: str = field(repr=False)
    device: str = field(repr=False)
    max_age: int | None

    def put_into(self, response: Response) -> Response:
        """Hand the browser its cookies."""
        settings = current_server().settings
        session.set_cookie(response, settings, self.cookie, max_age=self.max_age)
        set_device_cookie(response, settings, self.device)
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


def start(connection: Connection, visit: Visit, user: User, authentication: Authentication) -> Begun:
    """Sign in, in the caller's transaction. A browser that was not known is told by mail, unless expected."""
    begun = new_session(connection, visit, user, authentication)
    client_id = visit.waiting.client.client_id if visit.waiting else None
    emit("user:login:succeeded", sub=user.sub, client_id=client_id, within=connection)
    return begun


def new_session(connection: Connection, visit: Visit, user: User, authentication: Authentication) -> Begun:
    """A session in place of this browser's, which auditors hear of as another event than a sign-in."""
    server = current_server()
    signing_in, now = _sign_in(server.settings, user, authentication), server.now()
    if visit.session is not None:
        cookie, begun = sessions.renew(connection, visit.session, signing_in, now)
    else:
        # Whoever proves anew who they are does not go on with what this browser left halfway.
        begun_sessions.end(connection, session.presented_cookie(server.settings), now)
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
    return Begun(user, cookie, device, signing_in.lifetime if authentication.remember else None)


def finish(visit: Visit, begun: Begun) -> Response:
    """Go on with the session; to be called when the transaction is kept."""
    return begun.put_into(visit.onward())


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
    )
