"""Who is signed in: the session behind this browser's cookie.

OWASP ASVS 5 §7.2. https://github.com/OWASP/ASVS
"""

from flask import Response, g

from authserver.pages import cookie as cookies
from authserver.pages.current import current_server
from authserver.pages.language import speak_to
from authserver.server import Server
from authserver.settings import Settings
from authserver.signin.factors.begun import clear_begun_cookie, presented_begun
from authserver.store import begun_sessions, session_use, sessions, users
from authserver.store.begun_sessions import BegunSession
from authserver.store.sessions import Session
from authserver.store.users import User

# The session of a browser, complete or not.
BrowserSession = Session | BegunSession
NAME = "authserver_session"


def cookie_name(settings: Settings) -> str:
    """What the session's cookie is called here."""
    return cookies.cookie_name(settings, NAME)


def presented_cookie(settings: Settings) -> str:
    """What this browser's cookie says, "" without one; only the store knows whether it is a session."""
    return cookies.presented(settings, NAME)


def current_session() -> Session | None:
    """The live session of this browser, or None; looked up once a request, and its use noted."""
    if "session" not in g:
        server = current_server()
        g.session = find_session(server, presented_cookie(server.settings))
    found: Session | None = g.session
    return found


def session_or_begun() -> BrowserSession | None:
    """The live session of this browser, or one that is not complete: for where a person goes next, and nothing else."""
    session, server = current_session(), current_server()
    cookie = presented_begun(server.settings)
    if session is not None or not cookie:
        return session
    with server.database.read() as connection:
        return begun_sessions.find(connection, cookie, server.now())


def current_person() -> User | None:
    """The person who is signed in, or None."""
    session = current_session()
    if session is None:
        return None
    with current_server().database.read() as connection:
        person = users.get(connection, session.sub)
    speak_to(person)
    return person


def find_session(server: Server, cookie: str) -> Session | None:
    """The live session of a cookie's value; its use is noted."""
    if not cookie:
        return None
    now = server.now()
    with server.database.read() as connection:
        session = sessions.find(connection, cookie, now)
    if session is not None:
        note_use(server, session, now)
    return session


def note_use(server: Server, session: Session, now: int) -> None:
    """Keep a session from falling idle; written once a minute, or oftener where it falls idle soon."""
    if session_use.is_due(session.last_seen_at, session.idle, now):
        with server.database.write() as connection:
            session_use.touch(connection, session.sid, session.idle, now)


def set_cookie(response: Response, settings: Settings, cookie: str, max_age: int | None) -> None:
    """Hand the browser its session; without `max_age` (seconds) until the browser is closed."""
    cookies.set_cookie(response, settings, NAME, cookie, max_age)


def clear_cookie(response: Response, settings: Settings) -> None:
    """Take the session's cookie away from the browser, and that of one which is begun."""
    if presented_begun(settings):
        clear_begun_cookie(response, settings)
    cookies.clear_cookie(response, settings, NAME)
