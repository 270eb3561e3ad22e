"""The signing keys: seen, and rotated."""

from authserver.keys import life
from authserver.management.call.inputs import NewKey
from authserver.management.call.operation import Call, Operation, given
from authserver.management.call.outputs import Key, KeyList
from authserver.management.call.problem import not_found
from authserver.management.call.repeated import first_time, settled
from authserver.server import Reply
from authserver.store import keys as store


def _described(call: Call) -> list[Key]:
    with call.server.database.read() as connection:
        rows = store.load(connection)
    stages = life.stages(rows, call.now, life.Schedule.of(call.server.settings))
    return [Key(kid=each.kid, alg=each.alg, state=each.state, since=each.since, until=each.until) for each in stages]


def _list(call: Call) -> Reply:
    return given(KeyList(items=_described(call)))


def _rotate(call: Call) -> Reply:
    rotation: NewKey = call.body
    # A key is made in transactions of its own: a second request meanwhile hears that the first is at work.
    with call.server.database.write() as connection:
        made = first_time(call, connection)
    if made is None:
        made = call.server.keys.rotate(call.now, rotation.alg, begins=rotation.begins).kid
        with call.server.database.write() as connection:
            settled(call, connection, made)
            call.change(connection).note("server:key:rotated", None, kid=made, alg=rotation.alg, begins=rotation.begins)
    key = next((each for each in _described(call) if each.kid == made), None)
    if key is None:
        raise not_found("key")
    return given(key, 201)


OPERATIONS = (
    Operation("GET", "/keys", "listKeys", "See the signing keys", "read:keys", _list, gives=KeyList),
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
