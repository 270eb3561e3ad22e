"""What a person has running: sessions of browsers, and authorizations of clients. Ended one by one, or all at once.

OWASP ASVS 5 §7.4, §7.5. https://owasp.org/ASVS
"""

from collections.abc import Iterable

from authserver.people.change import Change
from authserver.people.farewell import tell_clients
from authserver.protocol.person.known_claims import KnownClaims
from authserver.protocol.token.withdrawn import Whole
from authserver.store import sessions, users
from authserver.store.allowed import applications, granted, narrowing, participants
from authserver.store.sessions import Session
from authserver.store.users import Ended, User


def log_out(change: Change, session: Session, client_id: str | None = None) -> None:
    """End the session of whoever leaves, at a client's asking if it has a `client_id`, and what rests on it."""
    _end(change, session.sub, session.sid)
    change.note("user:logout:done", session.sub, client_id=client_id)


def give_way(change: Change, session: Session) -> None:
    """End the session that a browser had, where another begins in it: of another person, or since that is over."""
    _end(change, session.sub, session.sid)


def end_session(change: Change, user: User, sid: str) -> bool:
    """End one live session, and what clients hold because of it. False where the person has none such."""
    session = sessions.get(change.connection, sid, change.now)
    if session is None or session.sub != user.sub:
        return False
    _end(change, user.sub, sid)
    change.note("user:session:ended", user.sub, sid=sid)
    _tell(change, user, Ended(1, 0))
    return True


def end_sessions(change: Change, user: User, *, but: str | None = None) -> list[str]:
    """End every live session but one, if any, and what clients hold because of them; offline access stays.

    Returns their `sid`s. It is one event, with how many they were.
    """
    live = sessions.of_person(change.connection, user.sub, change.now)
    return end_these(change, user, (each.sid for each in live if each.sid != but))


def end_these(change: Change, user: User, sids: Iterable[str]) -> list[str]:
    """End these sessions of a person, as one act."""
    ending = sorted(sids)
    for each in ending:
        _end(change, user.sub, each)
    change.note("user:sessions:ended", user.sub, sessions=len(ending))
    _tell(change, user, Ended(len(ending), 0))
    return ending


def end_access(change: Change, user: User) -> Ended:
    """End every session and every authorization, offline ones too. Part of other acts, whose letter says so."""
    ended = users.end_access(change.connection, user.sub, change.now)
    note_ended(change, user, ended)
    return ended


def note_ended(change: Change, user: User, ended: Ended) -> None:
    """One event for all that ended with an act, none where nothing lived; and the word to the clients."""
    tell_clients(change, ended.participants)
    if ended.counts:
        change.note("user:sessions:ended", user.sub, **ended.counts)


def withdraw(change: Change, user: User, client_id: str) -> bool:
    """Take all access of one client back, the consent with it. False where it had none."""
    took_part = participants.of_open_sessions(change.connection, user.sub, client_id)
    if not applications.withdraw(change.connection, user.sub, client_id, change.now):
        return False
    tell_clients(change, took_part)
    change.note("user:access:withdrawn", user.sub, client_id=client_id)
    _tell(change, user, Ended(0, 1))
    return True


def withdraw_scope(change: Change, user: User, client_id: str, scope: str, *, whole: Whole, known: KnownClaims) -> bool:
    """Take one scope of a client back, everywhere it was allowed. False where it had none such."""
    withdrawn = narrowing.withdraw_scope(
        change.connection, user.sub, client_id, scope, change.now, whole=whole, known=known
    )
    if withdrawn:
        change.note("user:access:withdrawn", user.sub, client_id=client_id, scope=scope)
    return withdrawn


def revoke(change: Change, user: User, authorization_id: str) -> bool:
    """End one authorization with every token that it bought. False where there is none to end."""
    before = participants.of_open_sessions(change.connection, user.sub)
    client_id = granted.revoke(change.connection, user.sub, authorization_id, change.now)
    if client_id is None:
        return False
    # Where it has another authorization in the session it still takes part.
    still = participants.of_open_sessions(change.connection, user.sub)
    tell_clients(change, set(before).difference(still))
    change.note("user:access:withdrawn", user.sub, client_id=client_id, authorization=authorization_id)
    _tell(change, user, Ended(0, 1))
    return True


def revoke_all(change: Change, user: User) -> int:
    """End every authorization; returns how many."""
    took_part = participants.of_open_sessions(change.connection, user.sub)
    count = granted.revoke_all(change.connection, user.sub, change.now)
    tell_clients(change, took_part)
    change.note("user:access:withdrawn", user.sub, authorizations=count)
    _tell(change, user, Ended(0, count))
    return count


def _tell(change: Change, user: User, ended: Ended) -> None:
    # Who ends their own has the list before their eyes; what somebody else ended would only look broken.
    if change.by.is_administrator and ended.counts:
        change.tell(user, "access_ended", **ended.counts)


def _end(change: Change, sub: str, sid: str) -> None:
    # Of two that end it at once, one tells.
    if sessions.end(change.connection, sid, change.now):
        tell_clients(change, participants.of_sessions(change.connection, sub, (sid,)))
