"""`/account/export`: everything that is kept about a person, as a file (GDPR Article 20)."""

import json

from flask import Response, request

from authserver import people
from authserver.pages.current import current_server
from authserver.pages.fault import show
from authserver.signin.signed_in import signed_in
from authserver.store.sessions import Session
from authserver.store.users import User


@signed_in("export")
def export(person: User, _session: Session) -> Response:
    """Say what the file holds, or hand it over. Times in it are seconds since the epoch."""
    if request.method == "GET":
        return show("account/export.html", person=person)
    server = current_server()
    with server.database.write() as connection:
        people.export(people.change_of(server, connection), person)
    with server.database.read() as connection:
        body = json.dumps(people.data_of(connection, person, server.now()), indent=2, ensure_ascii=False)
    response = Response(body, mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="account.json"'
    return response
