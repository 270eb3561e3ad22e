"""`/account/sessions`: the browsers that are signed in, and the way to end them (OWASP ASVS 5 §7.5.2)."""

from flask import Response, request

from authserver import people
from authserver.pages.current import current_server
from authserver.pages.fault import show
from authserver.pages.redirect import see_page
from authserver.signin.signed_in import signed_in
from authserver.signin.user_agent import described
from authserver.store import sessions as store
from authserver.store.sessions import Session
from authserver.store.users import User


@signed_in("sessions")
def sessions(person: User, session: Session) -> Response:
    """List the sessions, or end one or all others. This browser's own is ended by signing out."""
    server = current_server()
    now = server.now()
    if request.method == "POST":
        _end(person, session, request.form.get("end", ""))
        return see_page("account.sessions")
    with server.database.read() as connection:
        listed = store.of_person(connection, person.sub, now)
    others = [(each, described(each.user_agent)) for each in listed if each.sid != session.sid]
    return show(
        "account/sessions.html", person=person, session=session, browser=described(session.user_agent), others=others
    )


def _end(person: User, session: Session, wanted: str) -> None:
    server = current_server()
    with server.database.write() as connection:
        change = people.change_of(server, connection)
        if wanted == "others":
            people.end_sessions(change, person, but=session.sid)
        elif any(wanted == each.sid != session.sid for each in store.of_person(connection, person.sub, server.now())):
            people.end_session(change, person, wanted)
