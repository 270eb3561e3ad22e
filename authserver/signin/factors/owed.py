"""Who owes a second factor in this browser: whoever has begun a session, or has one that is to be stepped up."""

from dataclasses import dataclass

from authserver.pages.current import current_server
from authserver.protocol.interaction import Lack, Step
from authserver.signin.factors import required
from authserver.signin.factors.begun import presented_begun
from authserver.signin.factors.set_up import SettingUp
from authserver.signin.next_step import lacking_of
from authserver.signin.visit import Visit
from authserver.store import begun_sessions, users
from authserver.store.begun_sessions import BegunSession
from authserver.store.factors import held
from authserver.store.users import User

EVERY = frozenset({"otp", "passkey", "recovery_code"})


@dataclass(frozen=True, slots=True)
class Owed:
    """The person, and the session that they have begun; None where theirs is stepped up.

    `methods` are those that will do.
    """

    user: User
    begun: BegunSession | None
    methods: frozenset[str] = EVERY

    @property
    def is_step_up(self) -> bool:
        """Whether a session that lives gets the factor."""
        return self.begun is None


def setting_up(visit: Visit) -> SettingUp | None:
    """Who has begun a session that leads no further until they have set up a factor; None where nobody has."""
    server = current_server()
    cookie = presented_begun(server.settings)
    if not cookie:
        return None
    with server.database.read() as connection:
        begun = begun_sessions.find(connection, cookie, server.now())
        user = users.get(connection, begun.sub) if begun else None
        if begun is None or user is None or not required.is_lacking(connection, server, user):
            return None
    return SettingUp(visit, user, begun)


def owed(visit: Visit) -> Owed | None:
    """Who is to be asked; None where nobody is, or nobody could answer."""
    server = current_server()
    if visit.session is not None and visit.person is not None and visit.step() is Step.STEP_UP:
        found = lacking_of(server, visit.session, visit.goal, visit.person)
        # Any will do before something is changed, or set up.
        return Owed(visit.person, None, found.methods if found and found.what is Lack.FACTOR else EVERY)
    cookie = presented_begun(server.settings)
    if not cookie:
        return None
    with server.database.read() as connection:
        begun = begun_sessions.find(connection, cookie, server.now())
        user = users.get(connection, begun.sub) if begun else None
        if begun is None or user is None or not held.has_second(connection, user.sub):
            return None
    return Owed(user, begun)
