"""The consent page: who asks, for what, and where the browser goes then.

OpenID Connect Core §3.1.2.4; OAuth 2.0 Threat Model, RFC 6819 §5.2.3. https://www.rfc-editor.org/rfc/rfc6819
"""

from urllib.parse import urlsplit

from flask import Response, make_response, render_template, request

from authserver import people
from authserver.access.effective import effective_roles
from authserver.authorize.answer import decide
from authserver.authorize.asked import Asked, find_asked
from authserver.events import emit
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.headers import allow_form_to
from authserver.pages.language import gettext, speak_to
from authserver.pages.redirect import see_other
from authserver.protocol.errors import RedirectedError
from authserver.protocol.interaction import Step
from authserver.protocol.permissions import sentences
from authserver.protocol.scope import SENTENCES
from authserver.server import Server
from authserver.signin.session import current_session
from authserver.store import requests, users
from authserver.store.allowed import consents
from authserver.store.sessions import Session


def consent() -> Response:
    """Ask, or take the answer. What is allowed is the stored request, never a field of the form."""
    server, session = current_server(), current_session()
    handle = request.args.get("request", "")
    asked = find_asked(server, handle)
    if asked is None:
        return stale_page()
    if session is None:
        return _back(server, handle)
    # Where somebody else signed in since the page was shown, they have not seen it.
    is_answer = request.method == "POST" and request.args.get("session") == session.sid
    decision = request.form.get("decision") if is_answer else None
    if decision == "deny":
        # Also where nothing has to be asked any more, as after Allow in another tab: a code is no answer to Deny.
        _deny(server, asked, session)
        return _back(server, handle)
    if not _is_due(server, asked, session):
        return _back(server, handle)
    if decision != "allow":
        return _ask(server, asked, session)
    _allow(server, asked, session)
    return _back(server, handle)


def _is_due(server: Server, asked: Asked, session: Session) -> bool:
    try:
        return decide(server, asked, session) is Step.CONSENT
    except RedirectedError:
        return False


def _deny(server: Server, asked: Asked, session: Session) -> None:
    with server.database.write() as connection:
        answered = requests.deny(connection, str(asked.handle), server.now())
        person = users.get(connection, session.sub) if answered is not None else None
        if answered is not None and person and people.revoke(people.change_of(server, connection), person, answered):
            # Allow came first, and Deny by the back button: what the code bought has ended, and is not given unasked.
            consents.forget(connection, session.sub, asked.client.client_id)


def _allow(server: Server, asked: Asked, session: Session) -> None:
    asking = asked.request
    with server.database.write() as connection:
        requests.mark_consented(connection, str(asked.handle), session.sid)
        if asked.client.consent == "once":
            now = server.now()
            consents.remember(connection, session.sub, asking.client_id, asking.asked_scope, asking.audiences, now)
    emit("user:consent:granted", sub=session.sub, client_id=asking.client_id, scope=" ".join(asking.asked_scope))


def _ask(server: Server, asked: Asked, session: Session) -> Response:
    asking, settings = asked.request, server.settings
    with server.database.read() as connection:
        person = users.get(connection, session.sub)
    speak_to(person, asking.ui_locales)
    given = person.roles_in(session.provider, server.now()) if person else ()
    roles = effective_roles(server.registry, given, person.groups) if person else ()
    allow_form_to(asking.redirect_uri)
    page = render_template(
        "authorize/consent.html",
        client=asked.client,
        person=person,
        scopes=[(scope, gettext(SENTENCES[scope])) for scope in asking.asked_scope],
        permissions=sentences(server.registry, asking.audiences, roles),
        destination=_destination(asking.redirect_uri),
        action=f"{settings.issuer}/consent?request={asked.handle}&session={session.sid}",
        other_account=f"{settings.issuer}/sign-in?request={asked.handle}&another=1",
    )
    return make_response(page)


def _destination(redirect_uri: str) -> str:
    parts = urlsplit(redirect_uri)
    if parts.scheme in {"http", "https"}:
        return parts.netloc
    return gettext("the application on this device (%(scheme)s)", scheme=parts.scheme)


def _back(server: Server, handle: str) -> Response:
    return see_other(f"{server.settings.issuer}/authorize/{handle}")
