"""`/account/export`: everything that is kept about a person, as a file (GDPR Article 20)."""

import json
from base64 import b64encode
from dataclasses import asdict
from typing import Any

from flask import Response, request

from authserver.events import emit
from authserver.pages.current import current_server
from authserver.pages.fault import show
from authserver.signin.signed_in import signed_in
from authserver.store import Connection, events, profiles, sessions
from authserver.store.allowed import applications
from authserver.store.events import EventFilter
from authserver.store.factors import held, recovery_codes
from authserver.store.sessions import Session
from authserver.store.upstream import identities
from authserver.store.users import User

MOST_EVENTS = 100_000
# A hash is no use to the person it belongs to, only to a thief of the file.
LEFT_OUT = {"password_hash"}


@signed_in("export")
def export(person: User, _session: Session) -> Response:
    """Say what the file holds, or hand it over. Times in it are seconds since the epoch."""
    if request.method == "GET":
        return show("account/export.html", person=person)
    body = json.dumps(_collected(person), indent=2, ensure_ascii=False, default=sorted)
    emit("user:data:exported", sub=person.sub)
    response = Response(body, mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="account.json"'
    return response


def _collected(person: User) -> dict[str, Any]:
    server = current_server()
    with server.database.read() as connection:
        now = server.now()
        return {
            "account": {name: value for name, value in asdict(person).items() if name not in LEFT_OUT},
            "picture": _picture(connection, person),
            "sessions": [asdict(each) for each in sessions.of_person(connection, person.sub, now)],
            "second_factors": [asdict(each) for each in held.of_person(connection, person.sub)],
            "recovery_codes_left": recovery_codes.left(connection, person.sub),
            "identities": [asdict(each) for each in identities.of_person(connection, person.sub)],
            "applications": [asdict(each) for each in applications.of_person(connection, person.sub, now)],
            "activity": [
                asdict(each) | {"detail": json.loads(each.detail)}
                for each in events.newest(connection, EventFilter(sub=person.sub), MOST_EVENTS)
            ],
        }


def _picture(connection: Connection, person: User) -> dict[str, Any] | None:
    kept = profiles.picture_of(connection, person.sub)
    if kept is None:
        return None
    return {"type": "image/jpeg", "base64": b64encode(kept.content).decode(), "changed_at": kept.changed_at}
