"""`/account/activity`: the audit events that concern a person, in words."""

from flask import Response, render_template

from authserver.accounts.area.signed_in import signed_in
from authserver.accounts.fault import answered
from authserver.protocol.words import marked
from authserver.server import Server
from authserver.store import events
from authserver.store.events import Wanted
from authserver.store.sessions import Session
from authserver.store.users import User
from authserver.web.current import current_server
from authserver.web.language import gettext

SHOWN = 100
# What is not named here happens behind the scenes, and would only hide the rest.
SENTENCES: dict[str, str] = {
    "user:login:succeeded": marked("Signed in"),
    "user:login:failed": marked("A wrong password was tried"),
    "user:login:throttled": marked("Signing in was refused after too many attempts"),
    "user:login:unlocked": marked("An administrator let sign-ins through again"),
    "user:logout:done": marked("Signed out"),
    "authorization:request:granted": marked("Opened an application"),
    "authorization:request:denied": marked("Did not allow an application"),
    "authorization:request:refused": marked("An application was closed to this account"),
    "user:consent:granted": marked("Allowed an application"),
    "token:code:replayed": marked("A sign-in code was used twice; what it had opened was closed"),
    "token:refresh_token:replayed": marked("An old token of an application was used; its access was ended"),
    "token:refresh_token:revoked": marked("An application gave its access back"),
    "user:account:created": marked("The account was made"),
    "user:account:imported": marked("The account was taken over from elsewhere"),
    "user:account:disabled": marked("The account was disabled"),
    "user:account:enabled": marked("The account was enabled"),
    "user:account:handed_over": marked("The account went to the owner of its address"),
    "user:roles:changed": marked("The roles were changed"),
    "user:roles:mapped": marked("Roles were taken over from a provider"),
    "user:groups:changed": marked("The groups were changed"),
    "user:identity:linked": marked("A way to sign in was added"),
    "user:identity:unlinked": marked("A way to sign in was removed"),
    "user:password:set": marked("An administrator set a new password"),
    "user:password:changed": marked("The password was changed"),
    "user:password:reset": marked("A forgotten password was replaced"),
    "user:reset:requested": marked("A link for a forgotten password was asked for"),
    "user:sign_up:completed": marked("The account was made"),
    "user:invitation:accepted": marked("The invitation was accepted"),
    "user:code:failed": marked("A wrong code for an e-mail address was typed"),
    "user:email:requested": marked("Another e-mail address was asked for"),
    "user:email:changed": marked("The e-mail address was changed"),
    "user:email:verified": marked("The e-mail address was confirmed"),
    "user:profile:changed": marked("The profile was changed"),
    "user:session:ended": marked("A session was ended from another browser"),
    "user:sessions:ended": marked("Sessions were ended"),
    "user:access:withdrawn": marked("Access of an application was withdrawn"),
    "user:data:exported": marked("The data of the account was downloaded"),
}


@signed_in("activity")
def activity(person: User, _session: Session) -> Response:
    """Show the last events, newest first."""
    server = current_server()
    with server.database.read() as connection:
        found = events.newest(connection, Wanted(sub=person.sub), SHOWN * 4)
    rows = [
        (gettext(SENTENCES[event.name]), event, _client_name(server, event.client_id))
        for event in reversed(found)
        if event.name in SENTENCES
    ]
    return answered(render_template("account/activity.html", person=person, rows=rows[:SHOWN]))


def _client_name(server: Server, client_id: str | None) -> str | None:
    client = server.registry.clients.get(client_id) if client_id else None
    return client.name if client else client_id
