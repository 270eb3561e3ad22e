"""The signing keys: seen, and rotated."""

from dataclasses import asdict

from authserver.keys import life, readers
from authserver.keys.life import Begins
from authserver.keys.planned import Planned
from authserver.management.call.cursor import after, cursor_of
from authserver.management.call.inputs import NewKey, PageQuery
from authserver.management.call.key_outputs import JwksReaderRecord, JwksReadersPage, Key, KeyList
from authserver.management.call.operation import Call, Operation, given
from authserver.management.call.problem import not_found
from authserver.management.call.repeated import first_time, settled
from authserver.server import Reply
from authserver.store import Connection, jwks_readers
from authserver.store import keys as store
from authserver.store.jwks_readers import JwksReader


def _described(call: Call) -> list[Key]:
    with call.server.database.read() as connection:
        rows = store.load(connection)
    stages = life.stages(rows, call.now, life.Schedule.of(call.server.settings))
    return [Key(kid=each.kid, alg=each.alg, state=each.state, since=each.since, until=each.until) for each in stages]


def _list(call: Call) -> Reply:
    return given(KeyList(items=_described(call)))


def _readers(call: Call) -> Reply:
    query: PageQuery = call.query
    with call.server.database.read() as connection:
        newest = readers.newest(store.load(connection))
        found = jwks_readers.page(connection, query.limit + 1, *_place(after(query.cursor)))
    items = [
        JwksReaderRecord(
            **asdict(each),
            has_newest=newest is None or readers.has(each, newest),
            is_waited_for=newest is not None and readers.is_behind(each, newest),
        )
        for each in found[: query.limit]
    ]
    following = cursor_of(_named(found[query.limit - 1])) if len(found) > query.limit else None
    return given(JwksReadersPage(items=items, next=following))


def _named(reader: JwksReader) -> str:
    return f"{reader.last_at} {reader.digest.hex()}"


def _place(last: str) -> tuple[int, bytes] | tuple[()]:
    at, _, one = last.partition(" ")
    if not (at.isascii() and at.isdigit() and len(at) < 19):
        return ()
    try:
        return int(at), bytes.fromhex(one)
    except ValueError:
        return ()


def _made(call: Call, connection: Connection, planned: Planned, begins: Begins) -> str:
    if planned.make(connection):
        call.change(connection).note("server:key:rotated", None, kid=planned.kid, alg=planned.alg, begins=begins)
        return planned.kid
    # Somebody was quicker: theirs is the successor.
    return store.newest(connection, planned.alg).kid


def _rotate(call: Call) -> Reply:
    rotation: NewKey = call.body
    keys, rows = call.server.keys, call.server.keys.refresh(call.now)
    # Made before the transaction, in which others would wait for it.
    planned = keys.successor(rows, rotation.alg, call.now, rotation.begins)
    with keys.changing(call.now) as connection:
        made = first_time(call, connection)
        if made is None:
            made = _made(call, connection, planned, rotation.begins)
            settled(call, connection, made)
    key = next((each for each in _described(call) if each.kid == made), None)
    if key is None:
        raise not_found("key")
    return given(key, 201)


OPERATIONS = (
    Operation("GET", "/keys", "listKeys", "See the signing keys", "read:keys", _list, gives=KeyList),
    Operation(
        "GET",
        "/keys/readers",
        "listKeyReaders",
        "See which programs have fetched the newest key",
        "read:keys",
        _readers,
        PageQuery,
        gives=JwksReadersPage,
    ),
    Operation(
        "POST",
        "/keys",
        "rotateKeys",
        "Publish a signing key that replaces the active one",
        "write:keys",
        _rotate,
        body=NewKey,
        gives=Key,
        status=201,
        repeatable=True,
    ),
)
