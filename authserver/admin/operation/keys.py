"""`/admin/keys`: the signing keys, where each stands, who has fetched them; a new one, or a revocation.

A key that signs is not revoked here: first another one signs, 20 seconds later, and every node publishes it by then.
"""

from collections.abc import Iterable

from flask import Response, request

from authserver.admin.administrator import Administrator, administers, refused, shown
from authserver.admin.typed import typed
from authserver.keys import life, readers
from authserver.keys.life import Begins, Stage
from authserver.pages.current import current_server
from authserver.pages.fault import Fault
from authserver.pages.redirect import see_page
from authserver.protocol.words import marked
from authserver.server import Server
from authserver.store import jwks_readers
from authserver.store import keys as stored
from authserver.store.keys import SigningKey

SHOWN = 200
UNSURE = Fault(marked("Check the box to confirm."))
CHANGED = Fault(marked("A key was published in the meantime, so nothing was done. These are the keys now."), 409)
SIGNS = Fault(marked("This key signs now. Have another one sign first."), 409)
_BEGINS: dict[str, Begins] = {"ahead": "ahead", "soon": "soon"}


@administers("read:keys", fresh="admin_keys")
def keys(administrator: Administrator) -> Response:
    """Show the keys, or publish one, or revoke one."""
    if request.method == "GET":
        return _page(administrator)
    if not administrator.may("write:keys"):
        return refused()
    return _revoke(administrator) if "kid" in request.form else _publish(administrator)


def _publish(administrator: Administrator) -> Response:
    server, alg = current_server(), request.form.get("alg", "")
    begins = _BEGINS.get(request.form.get("begins", "ahead"))
    if alg not in server.keys.algs or begins is None:
        return refused()
    # The page shows what the database has, and this node may not have heard of it yet: it would give a successor to a
    # key that has one.
    now = server.now()
    rows = server.keys.refresh(now)
    # Of two who replace the same key, one would think that the other's key is theirs, or make one too many.
    if request.form.get("newest") != _newest(rows).get(alg):
        return _page(administrator, CHANGED)
    planned = server.keys.successor(rows, alg, now, begins)
    with server.keys.changing(now) as connection:
        is_theirs = planned.make(connection)
        if is_theirs:
            administrator.change(connection).note("server:key:rotated", None, kid=planned.kid, alg=alg, begins=begins)
    if planned.new is not None and not is_theirs:
        return _page(administrator, CHANGED)
    return see_page("admin.keys", done="rotated" if begins == "ahead" else "soon")


def _revoke(administrator: Administrator) -> Response:
    server, kid = current_server(), typed(request.form, "kid")
    states = {each.kid: each.state for each in _stages(server)}
    if kid not in states or states[kid] == "revoked":
        return see_page("admin.keys")
    if states[kid] == "active":
        return _page(administrator, SIGNS)
    if request.form.get("sure") != "y":
        return _page(administrator, UNSURE)
    now = server.now()
    with server.keys.changing(now) as connection:
        if (done := server.keys.revoke(connection, kid, now)) is not None:
            administrator.change(connection).note("server:key:revoked", None, kid=kid, successor=done.successor)
    return see_page("admin.keys", done="revoked")


def _newest(rows: Iterable[SigningKey]) -> dict[str, str]:
    """The `kid` of the newest key of each algorithm that was not revoked; `rows` have the oldest first."""
    return {row.alg: row.kid for row in rows if row.revoked_at is None}


def _stages(server: Server) -> list[Stage]:
    with server.database.read() as connection:
        rows = stored.load(connection)
    return life.stages(rows, server.now(), life.Schedule.of(server.settings))


def _page(administrator: Administrator, fault: Fault | None = None) -> Response:
    server = current_server()
    now, schedule = server.now(), life.Schedule.of(server.settings)
    with server.database.read() as connection:
        rows = stored.load(connection)
        fetched = jwks_readers.of(connection)
    newest = readers.newest(rows)
    return shown(
        "keys",
        administrator,
        current="keys",
        fault=fault,
        stages=life.stages(rows, now, schedule),
        held={row.kid for row in rows if life.is_held_back(row, now, schedule)},
        readers=[
            (each, newest is None or readers.has(each, newest), newest is not None and readers.is_behind(each, newest))
            for each in fetched[:SHOWN]
        ],
        all_readers=len(fetched),
        algs=sorted(server.keys.algs, reverse=True),
        newest=_newest(rows),
        done=request.args.get("done", ""),
        is_open=administrator.may("write:keys") and administrator.is_fresh,
    )
