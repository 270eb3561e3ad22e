"""`/admin/people/import`: many people from a table, shown before anything is done, and done exactly as it was shown.

Nothing waits on the server in between: the table comes along in the form, and a digest of all that was shown. If it
would be done otherwise by now, nothing is done, and it is shown anew.
"""

import hashlib
import hmac
import json
from dataclasses import astuple

from flask import Response, request

from authserver.admin.administrator import Administrator, administers, shown
from authserver.pages.current import current_server
from authserver.pages.fault import Fault
from authserver.people.lines.person import LineRules, PersonLine
from authserver.people.lines.table import COLUMNS, MOST_ROWS, Table, TableError, read_table
from authserver.people.lines.taken import TakenRow, Taking, take_in_rows
from authserver.protocol.words import marked
from authserver.store import Connection

CHANGED = Fault(
    marked("Something has changed since this was shown, so nothing was done. This is how it would be now."), 409
)
VOUCH = "only who may give every role and group can vouch for an address or a phone number"


class _Rehearsed(Exception):  # noqa: N818 - no error: it takes back what was only tried
    """Nothing is to be kept."""


@administers("write:users", fresh="admin_import")
def bulk(administrator: Administrator) -> Response:
    """Ask for a table, show what it would do, or do it."""
    if request.method == "GET":
        return _page(administrator)
    text = request.form.get("people", "").replace("\r\n", "\n")
    invites = request.form.get("invite") == "y"
    try:
        table = read_table(text, current_server().registry)
    except TableError as error:
        # In the words of whoever reads tables, which are the same on the command line.
        return _page(administrator, text=text, invites=invites, why=str(error))
    rows = _rehearsed(administrator, table, invites)
    digest = _digest(text, invites, rows)
    if "shown" not in request.form:
        return _page(administrator, text=text, invites=invites, table=table, rows=rows, digest=digest)
    if not hmac.compare_digest(request.form["shown"].encode(), digest.encode()):
        return _page(administrator, CHANGED, text=text, invites=invites, table=table, rows=rows, digest=digest)
    done = _done(administrator, table, invites, rows)
    if done is None:
        rows = _rehearsed(administrator, table, invites)
        digest = _digest(text, invites, rows)
        return _page(administrator, CHANGED, text=text, invites=invites, table=table, rows=rows, digest=digest)
    return _page(administrator, table=table, rows=done, is_done=True)


def _rehearsed(administrator: Administrator, table: Table, invites: bool) -> list[TakenRow]:
    rows: list[TakenRow] = []
    try:
        with current_server().database.write() as connection:
            rows = _take_in(administrator, connection, table, invites, is_rehearsal=True)
            raise _Rehearsed
    except _Rehearsed:
        return rows


def _done(administrator: Administrator, table: Table, invites: bool, seen: list[TakenRow]) -> list[TakenRow] | None:
    """What was done; None, and nothing done, where it was not what had been seen a moment ago."""
    try:
        with current_server().database.write() as connection:
            rows = _take_in(administrator, connection, table, invites, is_rehearsal=False)
            if rows != seen:
                raise _Rehearsed
    except _Rehearsed:
        return None
    return rows


def _take_in(
    administrator: Administrator, connection: Connection, table: Table, invites: bool, *, is_rehearsal: bool
) -> list[TakenRow]:
    registry = current_server().registry
    everything = not administrator.beyond(registry.roles, registry.groups)

    def refusal(person: PersonLine, roles: tuple[str, ...], groups: tuple[str, ...]) -> str | None:
        if administrator.beyond(roles, groups):
            return "you may not give one of these roles or groups"
        vouches = person.email_verified or person.phone_number_verified
        return VOUCH if vouches and not everything else None

    taking = Taking(LineRules(registry, registry.default_roles), refusal, invites, is_rehearsal)
    return take_in_rows(administrator.change(connection), table.rows, taking)


def _digest(text: str, invites: bool, rows: list[TakenRow]) -> str:
    said = json.dumps([text, invites, [astuple(each) for each in rows]])
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


def _page(
    administrator: Administrator,
    fault: Fault | None = None,
    *,
    text: str = "",
    invites: bool = False,
    why: str = "",
    table: Table | None = None,
    rows: list[TakenRow] | None = None,
    digest: str = "",
    is_done: bool = False,
) -> Response:
    rows = rows or []
    return shown(
        "people_import",
        administrator,
        status=400 if why else 200,
        current="people",
        fault=fault,
        text=text,
        invites=invites,
        why=why,
        columns=COLUMNS,
        most=MOST_ROWS,
        rows=rows,
        left_out=table.left_out if table else (),
        counts={name: sum(row.becomes == name for row in rows) for name in ("new", "there", "bad")},
        digest=digest,
        is_done=is_done,
    )
