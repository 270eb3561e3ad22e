"""`/account/applications`: which clients have access, to what, and the way to take it back."""

from dataclasses import dataclass

from flask import Response, request

from authserver import people
from authserver.access.effective import effective_roles
from authserver.pages.current import current_server
from authserver.pages.fault import show
from authserver.pages.language import gettext
from authserver.pages.redirect import see_page
from authserver.protocol.permissions import sentences
from authserver.protocol.request.scope import in_order
from authserver.protocol.request.scope import sentences as told
from authserver.server import Server
from authserver.signin.signed_in import signed_in
from authserver.store.allowed import applications as store
from authserver.store.allowed.applications import Application
from authserver.store.sessions import Session
from authserver.store.users import User


@dataclass(frozen=True, slots=True)
class AppEntry:
    """An application in words."""

    client_id: str
    name: str
    scopes: list[str]
    permissions: list[tuple[str, list[str]]]
    since: int
    last_used: int | None


@signed_in("applications")
def applications(person: User, _session: Session) -> Response:
    """List the applications with access, or take the access of one back."""
    server = current_server()
    if request.method == "POST":
        _withdraw(server, person, request.form.get("client_id", ""))
        return see_page("account.applications")
    with server.database.read() as connection:
        listed = store.of_person(connection, person.sub, server.now())
    shown = [_shown(server, person, each) for each in listed]
    return show("account/applications.html", person=person, applications=shown)


def _withdraw(server: Server, person: User, client_id: str) -> None:
    with server.database.read() as connection:
        known = {each.client_id for each in store.of_person(connection, person.sub, server.now())}
    if client_id not in known:
        return
    with server.database.write() as connection:
        people.withdraw(people.change_of(server, connection), person, client_id)


def _shown(server: Server, person: User, application: Application) -> AppEntry:
    registry = server.registry
    client = registry.client(application.client_id)
    roles = effective_roles(registry, person.roles_anywhere(server.now()), person.groups)
    return AppEntry(
        client_id=application.client_id,
        name=client.name if client else application.client_id,
        scopes=[gettext(sentence) for scope in in_order(application.scope) for sentence in told(scope, registry.known)],
        permissions=sentences(registry, client, sorted(application.audiences), roles) if client else [],
        since=application.since,
        last_used=application.last_used,
    )
