"""A person halfway in: the password was right, and the code of their authenticator app is missing."""

from pyotp import TOTP
from sqlalchemy import update

from authserver.pages.cookie import cookie_name
from authserver.signin.factors.begun import NAME
from authserver.store import begun_sessions, users
from authserver.store.factors import totp as store
from authserver.store.factors.tables import totp
from authserver.store.sessions import SignIn
from tests.flows.provider import Provider

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def begun_cookie(provider: Provider) -> str:
    """The cookie of a session that lacks the second factor, of a person who has one."""
    server, now = provider.app.server, provider.clock.now
    with provider.database.write() as connection:
        mia = users.by_login(connection, "mia")
        assert mia is not None
        store.add(connection, mia.sub, "Phone", SECRET, server.master.seal(SECRET.encode()), 0, now)
        cookie, _ = begun_sessions.begin(connection, SignIn(mia.sub, ("pwd",), 10**6, 10**6), now)
    return f"{cookie_name(server.settings, NAME)}={cookie}"


def code(provider: Provider) -> str:
    """The code of now, as if none had been taken yet."""
    with provider.database.write() as connection:
        connection.execute(update(totp).values(last_step=0))
    return TOTP(SECRET).generate_otp(provider.clock.now // 30)
