"""`/admin/keys`: the signing keys, where each stands, who has fetched them, and a new one ahead of its time."""

from flask import Response, request

from authserver.admin.administrator import Administrator, administers, refused, shown
from authserver.keys import life, readers
from authserver.pages.current import current_server
from authserver.pages.redirect import see_page
from authserver.store import jwks_readers
from authserver.store import keys as stored

SHOWN = 200


@administers("read:keys", fresh="admin_keys")
def keys(administrator: Administrator) -> Response:
    """Show the keys, or publish one that replaces the active one once every resource server can have seen it."""
    server = current_server()
    now = server.now()
    if request.method == "POST":
        alg = request.form.get("alg", "")
        if not administrator.may("write:keys") or alg not in server.keys.algs:
            return refused()
        made = server.keys.rotate(now, alg)
        with server.database.write() as connection:
            administrator.change(connection).note("server:key:rotated", None, kid=made.kid, alg=alg, begins="ahead")
        return see_page("admin.keys", done="rotated")
    with server.database.read() as connection:
        rows = stored.load(connection)
        fetched = jwks_readers.of(connection)
    newest, schedule = readers.newest(rows), life.Schedule.of(server.settings)
    return shown(
        "keys",
        administrator,
        current="keys",
        stages=life.stages(rows, now, schedule),
        held={row.kid for row in rows if life.is_held_back(row, now, schedule)},
        readers=[
            (each, newest is None or readers.has(each, newest), newest is not None and readers.is_behind(each, newest))
            for each in fetched[:SHOWN]
        ],
        all_readers=len(fetched),
        algs=sorted(server.keys.algs, reverse=True),
        done=request.args.get("done", ""),
    )
