"""`/admin/people/<sub>`: one person, with what they have and what is running; and every act on them."""

import json
from dataclasses import dataclass

from flask import Response, request

from authserver import people
from authserver.access.effective import effective_roles, undeclared
from authserver.admin.administrator import Administrator, administers, nobody, refused, shown
from authserver.admin.facts import Row, facts
from authserver.admin.people.acts import ACTS, DELETED, EXPORTED, Act, Done, NotDoneError
from authserver.admin.typed import typed
from authserver.pages.current import current_server
from authserver.pages.fault import Fault
from authserver.pages.redirect import see_page
from authserver.people.factors.reset import FactorReset
from authserver.protocol.words import marked
from authserver.signin.user_agent import described
from authserver.store import Connection, directory, events, sessions, users
from authserver.store.allowed import applications
from authserver.store.events import EventFilter
from authserver.store.factors import held, recovery_codes
from authserver.store.place import told
from authserver.store.upstream import identities
from authserver.store.upstream.identities import Identity
from authserver.store.users import User

EVENTS, SESSIONS, APPLICATIONS = 20, 50, 50
CHANGED = Fault(
    marked("Somebody else changed this person in the meantime, so nothing was done. This is how they are now."), 409
)
NOT_YOURS = Fault(marked("This person has a role or group that you may not give, so you can’t change them."), 403)


@administers("read:users", fresh="person:{sub}")
def person(administrator: Administrator, sub: str) -> Response:
    """Show a person, or do something to them."""
    if not sub.isprintable():
        return nobody()
    if request.method == "GET":
        return _page(administrator, sub)
    act = ACTS.get(request.form.get("act", ""))
    if act is None or not administrator.may(act.permission):
        return refused()
    try:
        done = _do(administrator, sub, act)
    except NotDoneError as error:
        return _page(administrator, sub, error.fault)
    return nobody() if done is None else _after(administrator, sub, done)


def _after(administrator: Administrator, sub: str, done: Done) -> Response:
    if done.made is not None:
        return _page(administrator, sub, made=done.made)
    if done.name == DELETED:
        return see_page("admin.people")
    if done.name == EXPORTED:
        return _file(sub)
    return see_page("admin.person", sub=sub, done=done.name)


def _file(sub: str) -> Response:
    server = current_server()
    with server.database.read() as connection:
        user = users.get(connection, sub)
        if user is None:
            return nobody()
        body = json.dumps(people.data_of(connection, user, server.now()), indent=2, ensure_ascii=False)
    headers = {"Content-Disposition": f'attachment; filename="{sub}.json"'}
    return Response(body, mimetype="application/json", headers=headers)


def _do(administrator: Administrator, sub: str, act: Act) -> Done | None:
    """Do it to the person as they were seen, or nothing of it; None where they are gone. Raises NotDoneError."""
    database = current_server().database
    if act.ahead is not None:
        with database.read() as connection:
            user = users.get(connection, sub)
        if user is None:
            return None
        if user.version != _version():
            raise NotDoneError(CHANGED)
        _refuse_to_touch(administrator, user)
        act.ahead(user)
    with database.write() as connection:
        held = not act.changes or directory.hold(connection, sub, _version())
        user = users.get(connection, sub)
        if user is None:
            return None
        if not held:
            raise NotDoneError(CHANGED)
        _refuse_to_touch(administrator, user)
        return act.do(administrator, administrator.change(connection), user)


def _refuse_to_touch(administrator: Administrator, user: User) -> None:
    if administrator.beyond(user.every_role, user.groups):
        raise NotDoneError(NOT_YOURS)


def _version() -> int:
    version = request.form.get("version", "")
    return int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0


@dataclass(frozen=True, slots=True)
class _Choice:
    name: str
    is_given: bool
    may_change: bool


def _page(
    administrator: Administrator, sub: str, fault: Fault | None = None, made: FactorReset | None = None
) -> Response:
    server = current_server()
    registry, now = server.registry, server.now()
    place = told(request.args.get("begun", ""), typed(request.args, "sid"))
    with server.database.read() as connection:
        user = users.get(connection, sub)
        if user is None:
            return nobody()
        running = sessions.page(connection, sub, now, after=place, most=SESSIONS + 1)
        after = typed(request.args, "client")
        allowed = applications.page(connection, sub, now, after=after, most=APPLICATIONS + 1)
        linked = identities.of_person(connection, sub)
        factors, codes_left = held.of_person(connection, sub), recovery_codes.left(connection, sub)
        recent = _recent(administrator, connection, sub)
    is_beyond = bool(administrator.beyond(user.every_role, user.groups))
    can_change = administrator.may("write:users") and not is_beyond
    unknown = undeclared(registry, user.every_role, user.groups)
    return shown(
        "person",
        administrator,
        current="people",
        user=user,
        fault=fault,
        done=request.args.get("done", ""),
        can_change=can_change,
        is_open=can_change and administrator.is_fresh,
        can_export=administrator.may("export:users") and not is_beyond,
        roles=_choices(administrator, user),
        groups=_groups(administrator, user),
        counting=effective_roles(registry, user.roles_anywhere(now), user.groups),
        unknown=(*unknown.roles, *unknown.groups),
        sessions=[(each, described(each.user_agent)) for each in running[:SESSIONS]],
        earlier=running[SESSIONS - 1] if len(running) > SESSIONS else None,
        applications=[
            (each, server.registered.shown(server.registry, each.client_id)) for each in allowed[:APPLICATIONS]
        ],
        following=allowed[APPLICATIONS - 1].client_id if len(allowed) > APPLICATIONS else None,
        linked=[(people.id_of(each), _label(each), each) for each in linked],
        factors=factors,
        codes_left=codes_left,
        made=made,
        recent=recent,
        is_self=user.sub == administrator.person.sub,
        invites=user.password_hash is None and user.email is not None,
    )


def _label(identity: Identity) -> str:
    """What people call its provider; a name alone is left of one that clients.yaml no longer has."""
    provider = current_server().providers.get(identity.provider)
    return provider.label if provider else identity.provider


def _recent(administrator: Administrator, connection: Connection, sub: str) -> list[Row]:
    if not administrator.may("read:events"):
        return []
    return [(each, facts(each)) for each in reversed(events.newest(connection, EventFilter(sub=sub), EVENTS))]


def _choices(administrator: Administrator, user: User) -> list[_Choice]:
    registry = current_server().registry
    given = set(user.roles)
    names = [*registry.roles, *sorted(given - registry.roles.keys())]
    return [_Choice(name, name in given, not administrator.beyond((name,))) for name in names]


def _groups(administrator: Administrator, user: User) -> list[_Choice]:
    registry = current_server().registry
    given = set(user.groups)
    names = [*registry.groups, *sorted(given - registry.groups.keys())]
    return [_Choice(name, name in given, not administrator.beyond((), (name,))) for name in names]
