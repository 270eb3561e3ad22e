"""From a right password to a session.

OWASP ASVS 5 §7.2.4 (a new session identifier at each sign-in). https://owasp.org/ASVS
"""

from flask import Response, request

from authserver.accounts import session
from authserver.accounts.credentials import Checked, WrongCredentialsError
from authserver.accounts.visit import Visit
from authserver.events import emit
from authserver.settings import Settings
from authserver.store import requests, sessions, signin_failures, users
from authserver.store.sessions import SignIn
from authserver.store.users import User
from authserver.web.current import current_server


def begin(here: Visit, checked: Checked, *, remember: bool) -> Response:
    """Begin or renew the session of this browser, and go on; all of it is kept, or nothing.

    Raises `WrongCredentialsError` where the password was changed, or the person disabled, meanwhile.
    """
    server, user = current_server(), checked.user
    signing_in, now = _sign_in(server.settings, user, remember), server.now()
    with server.database.write() as connection:
        if not users.confirm(connection, user.sub, checked.password_hash):
            raise WrongCredentialsError
        signin_failures.forget(connection, checked.account)
        if checked.new_hash is not None:
            users.rehash_password(connection, user.sub, checked.password_hash, checked.new_hash)
        if here.session is not None:
            cookie, begun = sessions.renew(connection, here.session, signing_in, now)
        else:
            cookie, begun = sessions.start(connection, signing_in, now)
        if here.waiting is not None:
            requests.mark_authenticated(connection, here.waiting.handle, begun.sid)
    emit("login:succeeded", sub=user.sub, client_id=here.waiting.client.client_id if here.waiting else None)
    response = here.onward()
    session.set_cookie(response, server.settings, cookie, max_age=signing_in.lifetime if remember else None)
    return response


def _sign_in(settings: Settings, user: User, remember: bool) -> SignIn:
    return SignIn(
        sub=user.sub,
        amr=("pwd",),  # RFC 8176 §2
        idle=settings.remember_idle if remember else settings.session_idle,
        lifetime=settings.remember_lifetime if remember else settings.session_lifetime,
        user_agent=request.headers.get("User-Agent", ""),
        address=request.environ["authserver.address"],
    )
