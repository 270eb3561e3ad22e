"""`/admin/people.csv`: everybody as a table that a spreadsheet opens, and that the page for many people takes."""

from collections.abc import Iterator
from typing import Any

from flask import Response

from authserver.admin.administrator import Administrator, administers
from authserver.pages.current import current_server
from authserver.people.lines.table import written_table
from authserver.server import Server
from authserver.store import imports

MOST = 100_000


@administers("export:users", fresh="admin_people", is_always_fresh=True)
def people_export(administrator: Administrator) -> Response:
    """Give the first 100,000 people by username, read while they are sent; the command line gives all."""
    server = current_server()
    # Kept before anything is read.
    with server.database.write() as connection:
        administrator.change(connection).note("user:directory:exported", None)
    headers = {"Content-Disposition": 'attachment; filename="people.csv"'}
    return Response(_rows(server), mimetype="text/csv", headers=headers)


def _rows(server: Server) -> Iterator[str]:
    return written_table(_people(server), server.registry.known.own)


def _people(server: Server) -> Iterator[dict[str, Any]]:
    # Whoever reads slowly holds no connection meanwhile.
    last = ""
    for _ in range(MOST // imports.AT_A_TIME):
        with server.database.read() as connection:
            found = imports.some(connection, last)
        yield from found
        if len(found) < imports.AT_A_TIME:
            return
        last = found[-1]["username"]
