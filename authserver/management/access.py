"""What a person has running: sessions of browsers, and authorizations of clients. Seen, and ended."""

from dataclasses import asdict

from authserver import people
from authserver.management.call.beyond import refuse_to_touch
from authserver.management.call.cursor import after, cursor_of
from authserver.management.call.inputs import AuthorizationsQuery, PageQuery
from authserver.management.call.operation import Call, Operation, given, nothing
from authserver.management.call.outputs import AuthorizationRecord, AuthorizationsPage, SessionRecord, SessionsPage
from authserver.management.call.problem import not_found
from authserver.management.people import known
from authserver.server import Reply
from authserver.store import Connection, sessions
from authserver.store.allowed import granted
from authserver.store.place import Place, told
from authserver.store.users import User


def _touchable(call: Call, connection: Connection) -> User:
    user = known(call, connection)
    refuse_to_touch(call, user)
    return user


def _place(query: PageQuery) -> Place:
    at, _, key = after(query.cursor).partition(" ")
    return told(at, key)


def _cursor(created_at: int, key: str) -> str:
    return cursor_of(f"{created_at} {key}")


def _list_sessions(call: Call) -> Reply:
    query: PageQuery = call.query
    with call.server.database.read() as connection:
        sub = known(call, connection).sub
        found = sessions.page(connection, sub, call.now, after=_place(query), most=query.limit + 1)
    items = [SessionRecord.model_validate(asdict(each)) for each in found[: query.limit]]
    following = _cursor(items[-1].created_at, items[-1].sid) if len(found) > query.limit else None
    return given(SessionsPage(items=items, next=following))


def _end_session(call: Call) -> Reply:
    with call.server.database.write() as connection:
        user = _touchable(call, connection)
        if not people.end_session(call.change(connection), user, call.argument("sid")):
            raise not_found("session")
    return nothing()


def _end_sessions(call: Call) -> Reply:
    with call.server.database.write() as connection:
        people.end_sessions(call.change(connection), _touchable(call, connection))
    return nothing()


def _list_authorizations(call: Call) -> Reply:
    query: AuthorizationsQuery = call.query
    with call.server.database.read() as connection:
        found = granted.page(
            connection,
            known(call, connection).sub,
            call.now,
            client_id=query.client_id or "",
            after=_place(query),
            most=query.limit + 1,
        )
    items = [AuthorizationRecord.model_validate(asdict(each)) for each in found[: query.limit]]
    following = _cursor(items[-1].created_at, items[-1].id) if len(found) > query.limit else None
    return given(AuthorizationsPage(items=items, next=following))


def _revoke(call: Call) -> Reply:
    with call.server.database.write() as connection:
        user = _touchable(call, connection)
        if not people.revoke(call.change(connection), user, call.argument("id")):
            raise not_found("authorization")
    return nothing()


def _revoke_all(call: Call) -> Reply:
    with call.server.database.write() as connection:
        people.revoke_all(call.change(connection), _touchable(call, connection))
    return nothing()


_SESSIONS, _AUTHORIZATIONS = "/users/{sub}/sessions", "/users/{sub}/authorizations"
_WRITE = "write:users"
OPERATIONS = (
    Operation(
        "GET",
        _SESSIONS,
        "listSessions",
        "See all sessions",
        "read:users",
        _list_sessions,
        PageQuery,
        gives=SessionsPage,
    ),
    Operation("DELETE", _SESSIONS, "endSessions", "End all sessions", _WRITE, _end_sessions, status=204),
    Operation("DELETE", _SESSIONS + "/{sid}", "endSession", "End one session", _WRITE, _end_session, status=204),
    Operation(
        "GET",
        _AUTHORIZATIONS,
        "listAuthorizations",
        "See what clients may do for a person",
        "read:users",
        _list_authorizations,
        AuthorizationsQuery,
        gives=AuthorizationsPage,
    ),
    Operation(
        "DELETE", _AUTHORIZATIONS, "revokeAuthorizations", "End all authorizations", _WRITE, _revoke_all, status=204
    ),
    Operation(
        "DELETE", _AUTHORIZATIONS + "/{id}", "revokeAuthorization", "End one authorization", _WRITE, _revoke, status=204
    ),
)
