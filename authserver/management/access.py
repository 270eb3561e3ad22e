"""What a person has running: sessions of browsers, and authorizations of clients. Seen, and ended."""

from dataclasses import asdict

from sqlalchemy import Connection

from authserver.management.operation import Call, Operation, given, nothing
from authserver.management.people import known
from authserver.management.problem import not_found
from authserver.management.shown import Authorization, Authorizations, Session, Sessions
from authserver.management.versions import refuse_above
from authserver.server import Reply
from authserver.store import granted, sessions
from authserver.store.users import User


def _touchable(call: Call, connection: Connection) -> User:
    user = known(call, connection)
    refuse_above(call, user)
    return user


def _list_sessions(call: Call) -> Reply:
    with call.server.database.read() as connection:
        found = sessions.of_person(connection, known(call, connection).sub, call.now)
    return given(Sessions(items=[Session.model_validate(asdict(each)) for each in found]))


def _end_session(call: Call) -> Reply:
    sid = call.argument("sid")
    with call.server.database.write() as connection:
        user = _touchable(call, connection)
        session = sessions.get(connection, sid, call.now)
        if session is None or session.sub != user.sub:
            raise not_found("session")
        sessions.end(connection, sid, call.now)
    call.emit("user:session:ended", user.sub, sid=sid)
    return nothing()


def _end_sessions(call: Call) -> Reply:
    with call.server.database.write() as connection:
        user = _touchable(call, connection)
        found = sessions.of_person(connection, user.sub, call.now)
        for session in found:
            sessions.end(connection, session.sid, call.now)
    call.emit("user:sessions:ended", user.sub, sessions=len(found))
    return nothing()


def _list_authorizations(call: Call) -> Reply:
    with call.server.database.read() as connection:
        found = granted.of_person(connection, known(call, connection).sub, call.now)
    return given(Authorizations(items=[Authorization.model_validate(asdict(each)) for each in found]))


def _revoke(call: Call) -> Reply:
    key = call.argument("id")
    with call.server.database.write() as connection:
        user = _touchable(call, connection)
        if not granted.revoke(connection, user.sub, key, call.now):
            raise not_found("authorization")
    call.emit("user:access:withdrawn", user.sub, authorization=key)
    return nothing()


def _revoke_all(call: Call) -> Reply:
    with call.server.database.write() as connection:
        user = _touchable(call, connection)
        count = granted.revoke_all(connection, user.sub, call.now)
    call.emit("user:access:withdrawn", user.sub, authorizations=count)
    return nothing()


_SESSIONS, _AUTHORIZATIONS = "/users/{sub}/sessions", "/users/{sub}/authorizations"
_WRITE = "write:users"
OPERATIONS = (
    Operation("GET", _SESSIONS, "listSessions", "See all sessions", "read:users", _list_sessions, gives=Sessions),
    Operation("DELETE", _SESSIONS, "endSessions", "End all sessions", _WRITE, _end_sessions, status=204),
    Operation("DELETE", _SESSIONS + "/{sid}", "endSession", "End one session", _WRITE, _end_session, status=204),
    Operation(
        "GET",
        _AUTHORIZATIONS,
        "listAuthorizations",
        "See what clients may do for a person",
        "read:users",
        _list_authorizations,
        gives=Authorizations,
    ),
    Operation(
        "DELETE", _AUTHORIZATIONS, "revokeAuthorizations", "End all authorizations", _WRITE, _revoke_all, status=204
    ),
    Operation(
        "DELETE", _AUTHORIZATIONS + "/{id}", "revokeAuthorization", "End one authorization", _WRITE, _revoke, status=204
    ),
)
