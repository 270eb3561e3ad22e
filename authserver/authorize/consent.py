"""The consent page: who asks, for what, and where the browser goes then.

OpenID Connect Core §3.1.2.4; OAuth 2.0 Threat Model, RFC 6819 §5.2.3. https://www.rfc-editor.org/rfc/rfc6819
"""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Response, request

from authserver import people
from authserver.events import emit
from authserver.http.address import limit_key
from authserver.pages.current import current_server
from authserver.pages.errors import stale_page
from authserver.pages.fault import show
from authserver.pages.language import gettext
from authserver.protocol.interaction import Remembered, Step
from authserver.protocol.permissions import asked_sentences, sentences
from authserver.protocol.request import scope as scopes
from authserver.protocol.request.authorization_request import BrowserRequest
from authserver.protocol.request.device_request import DeviceRequest
from authserver.server import Server
from authserver.signin.client_request import ClientRequest
from authserver.signin.next_step import roles_of
from authserver.signin.visit import load_visit
from authserver.store import requests, users
from authserver.store.allowed import consents
from authserver.store.sessions import Session
from authserver.store.users import User


@dataclass(frozen=True, slots=True)
class AskedInWords:
    """Sentences about the person, and for each API its name and the sentences of its permissions."""

    about_person: list[str]
    of_apis: list[tuple[str, list[str]]]

    @property
    def is_empty(self) -> bool:
        return not self.about_person and not any(sentences for _, sentences in self.of_apis)


def consent() -> Response:
    """Ask, or take the answer. What is allowed is the stored request, never a field of the form."""
    visit = load_visit(request.args.get("request", ""))
    if visit is None or visit.waiting is None:
        return stale_page()
    asked, session = visit.waiting, visit.session
    if session is None:
        return visit.onward()
    # Where somebody else signed in since the page was shown, they have not seen it.
    is_answer = request.method == "POST" and request.args.get("session") == session.sid
    decision = request.form.get("decision") if is_answer else None
    if decision == "deny":
        # Also where nothing has to be asked any more, as after Allow in another tab: a code is no answer to Deny.
        _deny(asked, session)
        return visit.onward()
    if visit.step() is not Step.CONSENT:
        return visit.onward()
    if decision != "allow":
        return _ask(asked, session, visit.person)
    _allow(asked, session)
    return visit.onward()


def _deny(asked: ClientRequest, session: Session) -> None:
    server = current_server()
    with server.database.write() as connection:
        answered = requests.deny(connection, asked.handle, server.now())
        person = users.get(connection, session.sub) if answered is not None else None
        if answered is not None and person and people.revoke(people.change_of(server, connection), person, answered):
            # Allow came first, and Deny by the back button: what the code bought has ended, and is not given unasked.
            consents.forget(connection, session.sub, asked.client.client_id)


def _allow(asked: ClientRequest, session: Session) -> None:
    server, allowed = current_server(), asked.request
    with server.database.write() as connection:
        requests.mark_consented(connection, asked.handle, session.sid)
        if asked.client.consent == "once":
            now = server.now()
            consents.remember(
                connection,
                session.sub,
                allowed.client_id,
                allowed.asked_scope,
                allowed.whole_audiences,
                now,
                api_scopes=allowed.api_scopes or (),
            )
    scope = " ".join((*allowed.asked_scope, *(allowed.api_scopes or ())))
    emit("user:consent:granted", sub=session.sub, client_id=allowed.client_id, scope=scope)


def _ask(asked: ClientRequest, session: Session, person: User | None) -> Response:
    server, requested = current_server(), asked.request
    known, roles = Remembered(), roles_of(server, session, person)
    if asked.client.consent == "once" and "consent" not in requested.prompt and not requested.always_asks:
        with server.database.read() as connection:
            known = consents.find(connection, session.sub, asked.client.client_id)
    return show(
        "authorize/consent.html",
        client=asked.client,
        person=person,
        new=_in_words(server, asked, known, roles, is_new=True),
        known=_in_words(server, asked, known, roles, is_new=False),
        destination=_destination(requested.redirect_uri) if isinstance(requested, BrowserRequest) else None,
        device=requested if isinstance(requested, DeviceRequest) else None,
        is_elsewhere=isinstance(requested, DeviceRequest) and not _is_near(requested.address),
        action=f"{server.settings.issuer}/consent?request={asked.handle}&session={session.sid}",
        other_account=f"{server.settings.issuer}/sign-in?request={asked.handle}&another=1",
    )


def _in_words(
    server: Server, asked: ClientRequest, known: Remembered, roles: Collection[str], *, is_new: bool
) -> AskedInWords:
    """What is asked for and new, or what is asked for and was allowed before."""
    requested, registry = asked.request, server.registry
    new_of_apis = known.new_api_scopes(requested)
    words = [each for each in requested.asked_scope if (each not in known.scope) == is_new]
    singles = [each for each in requested.api_scopes or () if (each in new_of_apis) == is_new]
    whole = [each for each in requested.whole_audiences if (each not in known.audiences) == is_new]
    return AskedInWords(
        [gettext(sentence) for word in words for sentence in scopes.sentences(word, registry.known)],
        asked_sentences(registry, singles) + sentences(registry, asked.client, whole, roles),
    )


def _is_near(address: str) -> bool:
    return limit_key(address) == limit_key(request.environ["authserver.address"])


def _destination(redirect_uri: str) -> str:
    parts = urlsplit(redirect_uri)
    if parts.scheme in {"http", "https"}:
        return parts.netloc
    return gettext("the application on this device (%(scheme)s)", scheme=parts.scheme)
