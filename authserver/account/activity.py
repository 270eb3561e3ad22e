"""`/account/activity`: the audit events that concern a person, in words."""

from flask import Response

from authserver.pages.current import current_server
from authserver.pages.fault import show
from authserver.pages.language import gettext
from authserver.protocol.words import marked
from authserver.server import Server
from authserver.signin.signed_in import signed_in
from authserver.store import events
from authserver.store.events import EventFilter
from authserver.store.sessions import Session
from authserver.store.users import User

SHOWN = 100
# What is not named here happens behind the scenes, and would only hide the rest.
SENTENCES: dict[str, str] = {
    "user:login:succeeded": marked("Signed in"),
    "user:login:failed": marked("Wrong password entered"),
    "user:login:throttled": marked("Sign-in refused after too many attempts"),
    "user:login:unlocked": marked("Sign-in unlocked by an administrator"),
    "user:login:stepped_up": marked("Confirmed with a second factor"),
    "user:factor:added": marked("Second factor added"),
    "user:factor:renamed": marked("Second factor renamed"),
    "user:factor:removed": marked("Second factor removed"),
    "user:factor:failed": marked("Wrong code entered as second factor"),
    "user:factor:required": marked("Remembered devices forgotten"),
    "user:factors:reset": marked("All second factors removed with a link from an administrator"),
    "user:factors:reset_requested": marked("Removal of all second factors requested by an administrator"),
    "user:factors:reset_canceled": marked("Removal of all second factors canceled"),
    "user:passkey:failed": marked("Passkey not accepted"),
    "user:passkey:counter_went_back": marked("Passkey refused because it may have been copied"),
    "user:recovery_codes:made": marked("New recovery codes made"),
    "user:recovery_code:used": marked("Recovery code used"),
    "user:logout:done": marked("Signed out"),
    "authorization:request:granted": marked("Application opened"),
    "authorization:request:denied": marked("Application not allowed"),
    "authorization:request:refused": marked("Access to an application denied"),
    "user:consent:granted": marked("Application allowed"),
    "token:code:replayed": marked("An authorization code was used twice, so the access it had given was ended"),
    "token:refresh_token:replayed": marked("An application’s old token was used, so its access was ended"),
    "token:refresh_token:revoked": marked("Application gave up its access"),
    "user:account:created": marked("Account created"),
    "user:account:imported": marked("Account imported"),
    "user:account:disabled": marked("Account disabled"),
    "user:account:enabled": marked("Account enabled"),
    "user:account:handed_over": marked("Account handed over to the owner of its email address"),
    "user:roles:changed": marked("Roles changed"),
    "user:roles:mapped": marked("Roles updated by a sign-in provider"),
    "user:groups:changed": marked("Groups changed"),
    "user:identity:linked": marked("Sign-in linked"),
    "user:identity:unlinked": marked("Sign-in unlinked"),
    "user:password:set": marked("Password set by an administrator"),
    "user:password:changed": marked("Password changed"),
    "user:password:reset": marked("Password reset"),
    "user:reset:requested": marked("Password reset requested"),
    "user:sign_up:completed": marked("Account created"),
    "user:invitation:accepted": marked("Invitation accepted"),
    "user:code:failed": marked("Wrong code entered for an email address"),
    "user:email:requested": marked("Email change requested"),
    "user:email:changed": marked("Email address changed"),
    "user:email:verified": marked("Email address confirmed"),
    "user:profile:changed": marked("Profile changed"),
    "user:session:ended": marked("Session ended from another browser"),
    "user:sessions:ended": marked("Sessions ended"),
    "user:access:withdrawn": marked("Application access withdrawn"),
    "user:data:disclosed": marked("Account data downloaded by an administrator"),
    "user:data:exported": marked("Account data downloaded"),
}


@signed_in("activity")
def activity(person: User, _session: Session) -> Response:
    """Show the last events, newest first."""
    server = current_server()
    with server.database.read() as connection:
        found = events.newest(connection, EventFilter(sub=person.sub), SHOWN * 4)
    rows = [
        (gettext(SENTENCES[event.name]), event, _client_name(server, event.client_id))
        for event in reversed(found)
        if event.name in SENTENCES
    ]
    return show("account/activity.html", person=person, rows=rows[:SHOWN])


def _client_name(server: Server, client_id: str | None) -> str | None:
    client = server.registered.shown(server.registry, client_id)
    return client.name if client else client_id
