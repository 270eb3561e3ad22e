"""`/account/applications`: which clients have access, to what, and the way to take it back."""

from dataclasses import dataclass

from flask import Response, request

from authserver import people
from authserver.access.effective import effective_roles
from authserver.pages.current import current_server
from authserver.pages.fault import show
from authserver.pages.language import gettext
from authserver.pages.redirect import see_page
from authserver.protocol.client.logo import Logo
from authserver.protocol.request.scope import in_order
from authserver.protocol.request.scope import sentences as told
from authserver.protocol.token.api_scopes import open_permissions
from authserver.protocol.token.granted_claims import granted_permissions
from authserver.protocol.token.withdrawn import whole_apis
from authserver.server import Server
from authserver.signin.signed_in import signed_in
from authserver.store.allowed import applications as store
from authserver.store.allowed.applications import Application
from authserver.store.sessions import Session
from authserver.store.users import User

SHOWN = 50


@dataclass(frozen=True, slots=True)
class AllowedScope:
    """One scope in words, of which API if of any, and by which word it is withdrawn; None for the sign-in itself."""

    sentence: str
    api: str | None
    word: str | None


@dataclass(frozen=True, slots=True)
class AppEntry:
    """An application in words."""

    client_id: str
    name: str
    scopes: list[AllowedScope]
    since: int
    last_used: int | None
    begins_at: str | None
    logo: Logo | None


@signed_in("applications")
def applications(person: User, _session: Session) -> Response:
    """List the applications with access, or take the access of one back."""
    server = current_server()
    if request.method == "POST":
        _withdraw(server, person, request.form.get("client_id", ""), request.form.get("scope"))
        return see_page("account.applications")
    after = request.args.get("after", "")
    with server.database.read() as connection:
        # PostgreSQL refuses a text with NUL.
        place = after if after.isprintable() else ""
        listed = store.page(connection, person.sub, server.now(), after=place, most=SHOWN + 1)
    return show(
        "account/applications.html",
        person=person,
        applications=[_shown(server, person, each) for each in listed[:SHOWN]],
        following=listed[SHOWN - 1].client_id if len(listed) > SHOWN else None,
    )


def _withdraw(server: Server, person: User, client_id: str, scope: str | None) -> None:
    with server.database.read() as connection:
        found = store.of_client(connection, person.sub, client_id, server.now()) if client_id.isprintable() else None
    if found is None or (scope is not None and scope not in {each.word for each in _scopes(server, person, found)}):
        return
    registry = server.registry
    whole = whole_apis(registry, registry.client(client_id))
    with server.database.write() as connection:
        change = people.change_of(server, connection)
        if scope is None:
            people.withdraw(change, person, client_id)
        else:
            people.withdraw_scope(change, person, client_id, scope, whole=whole, known=registry.known)


def _shown(server: Server, person: User, application: Application) -> AppEntry:
    client = server.registered.shown(server.registry, application.client_id)
    return AppEntry(
        client_id=application.client_id,
        name=client.name if client else application.client_id,
        scopes=_scopes(server, person, application),
        since=application.since,
        last_used=application.last_used,
        begins_at=client.begins_at(server.settings.issuer) if client and not client.is_disabled else None,
        logo=client.logo if client else None,
    )


def _scopes(server: Server, person: User, application: Application) -> list[AllowedScope]:
    """What a client may do, a scope at a time: of an API that it may call as a whole, what the roles give."""
    registry = server.registry
    client = server.registered.shown(server.registry, application.client_id)
    scopes = [
        AllowedScope(gettext(sentence), None, scope if scope != "openid" else None)
        for scope in in_order(application.scope)
        for sentence in told(scope, registry.known)
    ]
    roles = effective_roles(registry, person.roles_anywhere(server.now()), person.groups)
    for api in [registry.apis[name] for name in client.apis] if client else []:
        allowed = api.permissions_among(application.api_scopes)
        if client and api.audience in application.audiences:
            given = granted_permissions(registry, api, roles)
            allowed = allowed.union(each for each in given if each in open_permissions(client, api))
        scopes += [
            AllowedScope(sentence, api.name, api.scope(name))
            for name, sentence in api.permissions.items()
            if name in allowed
        ]
    return scopes
