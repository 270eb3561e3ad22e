"""`/account/sessions`: the browsers that are signed in, and the way to end them (OWASP ASVS 5 §7.5.2)."""

from flask import Response, request

from authserver import people
from authserver.pages.current import current_server
from authserver.pages.fault import show
from authserver.pages.redirect import see_page
from authserver.signin.signed_in import signed_in
from authserver.signin.user_agent import described
from authserver.store import sessions as store
from authserver.store.place import told
from authserver.store.sessions import Session
from authserver.store.users import User

# Past these there is another page: of those that began before.
SHOWN = 50


@signed_in("sessions")
def sessions(person: User, session: Session) -> Response:
    """List the sessions, or end one or all others. This browser's own is ended by signing out."""
    server = current_server()
    now = server.now()
    if request.method == "POST":
        _end(person, session, request.form.get("end", ""))
        return see_page("account.sessions")
    place = told(request.args.get("begun", ""), request.args.get("sid", ""))
    with server.database.read() as connection:
        # This one may be among them.
        listed = store.page(connection, person.sub, now, after=place, most=SHOWN + 2)
    others = [each for each in listed if each.sid != session.sid]
    shown, more = others[:SHOWN], len(others) > SHOWN
    return show(
        "account/sessions.html",
        person=person,
        session=session,
        browser=described(session.user_agent),
        others=[(each, described(each.user_agent)) for each in sorted(shown, key=_last_seen, reverse=True)],
        earlier=shown[-1] if more else None,
    )


def _last_seen(session: Session) -> int:
    return session.last_seen_at


def _end(person: User, session: Session, wanted: str) -> None:
    server = current_server()
    with server.database.write() as connection:
        change = people.change_of(server, connection)
        if wanted == "others":
            people.end_sessions(change, person, but=session.sid)
        elif wanted != session.sid:
            people.end_session(change, person, wanted)
