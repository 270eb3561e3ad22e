"""`/admin/registered`: clients that registered themselves, and the initial access tokens that let them (RFC 7591 §3).

What they say of themselves, their names among it, comes from people who are not known here.
https://www.rfc-editor.org/rfc/rfc7591#section-3
"""

import re
from collections.abc import Callable

from flask import Response, request

from authserver.admin.administrator import Administrator, administers, refused, shown
from authserver.admin.typed import typed
from authserver.events import EventName
from authserver.pages.current import current_server
from authserver.pages.fault import Fault
from authserver.pages.redirect import see_page
from authserver.protocol.client.registered import Fit
from authserver.protocol.words import marked
from authserver.store import Connection
from authserver.store.registration import clients, tokens
from authserver.store.registration.clients import Registered

SHOWN = 50
MOST_USES, MOST_DAYS, DAY = 100_000, 365, 86400
_SCOPE = re.compile(r"[!#-\[\]-~ ]{0,320}")
NO_NUMBERS = Fault(marked("Choose 1 to 100,000 clients and 1 to 365 days."))
NO_SCOPE = Fault(marked("Scopes are separated by spaces, in ASCII."))
UNSURE = Fault(marked("Check the box to confirm."))
GONE = Fault(marked("This no longer exists."), 404)


@administers("read:clients", fresh="admin_registered")
def registered(administrator: Administrator) -> Response:
    """Show them by page, or disable, enable, or remove one, or make or take back a token."""
    if request.method == "GET":
        return _page(administrator)
    act = _ACTS.get(request.form.get("act", ""))
    if act is None or not administrator.may("write:clients"):
        return refused()
    return act(administrator)


def _remove(administrator: Administrator) -> Response:
    server, client_id = current_server(), typed(request.form, "client_id")
    if request.form.get("sure") != "y":
        return _page(administrator, UNSURE)
    with server.database.write() as connection:
        is_removed = clients.remove(connection, client_id, server.now())
        if is_removed:
            administrator.change(connection).note("client:registration:deleted", None, client_id=client_id)
    if not is_removed:
        return _page(administrator, GONE)
    server.registered.changed(client_id)
    return see_page("admin.registered", done="removed")


def _disable(administrator: Administrator) -> Response:
    return _switched(administrator, clients.disable, "client:registration:disabled", "disabled")


def _enable(administrator: Administrator) -> Response:
    return _switched(administrator, clients.enable, "client:registration:enabled", "enabled")


def _switched(
    administrator: Administrator, switch: Callable[[Connection, str, int], bool], event: EventName, done: str
) -> Response:
    server, client_id = current_server(), typed(request.form, "client_id")
    with server.database.write() as connection:
        if switch(connection, client_id, server.now()):
            administrator.change(connection).note(event, None, client_id=client_id)
        # Else it is so already, as a second click finds it.
        is_there = clients.find(connection, client_id) is not None
    if not is_there:
        return _page(administrator, GONE)
    server.registered.changed(client_id)
    return see_page("admin.registered", done=done)


def _make(administrator: Administrator) -> Response:
    server, scope = current_server(), request.form.get("scope", "").strip()
    uses, days = _number("uses", MOST_USES), _number("days", MOST_DAYS)
    if not uses or not days:
        return _page(administrator, NO_NUMBERS)
    if not _SCOPE.fullmatch(scope):
        return _page(administrator, NO_SCOPE)
    with server.database.write() as connection:
        key, token = tokens.make(connection, tuple(scope.split()), uses, server.now(), days * DAY)
        administrator.change(connection).note(
            "client:registration:token_issued", None, id=key, uses=uses, scope=" ".join(scope.split())
        )
    return _page(administrator, token=token)


def _take_back(administrator: Administrator) -> Response:
    key = typed(request.form, "id")
    with current_server().database.write() as connection:
        is_removed = tokens.remove(connection, key)
        if is_removed:
            administrator.change(connection).note("client:registration:token_revoked", None, id=key)
    if not is_removed:
        return _page(administrator, GONE)
    return see_page("admin.registered", done="taken_back")


_ACTS = {"disable": _disable, "enable": _enable, "remove": _remove, "make": _make, "take_back": _take_back}


def _number(name: str, most: int) -> int:
    """A whole number from 1 to `most`; 0 for anything else."""
    text = request.form.get(name, "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return number if number <= most else 0


def _fit(row: Registered) -> Fit:
    server = current_server()
    return server.registered.fit(server.registry, row.client_id, row.metadata, row.secret_digest)


def _page(administrator: Administrator, fault: Fault | None = None, *, token: str | None = None) -> Response:
    server = current_server()
    after = typed(request.args, "after")
    with server.database.read() as connection:
        found = clients.page(connection, after, SHOWN + 1)
        left = tokens.everything(connection)
    can_change = administrator.may("write:clients")
    return shown(
        "registered",
        administrator,
        current="clients",
        fault=fault,
        clients=[(each, _fit(each)) for each in found[:SHOWN]],
        following=found[SHOWN - 1].client_id if len(found) > SHOWN else None,
        tokens=left,
        made=token,
        done=request.args.get("done", ""),
        can_change=can_change,
        is_open=can_change and administrator.is_fresh,
        rule=server.settings.registration,
        scopes=server.settings.registration_scopes,
        now=server.now(),
    )
