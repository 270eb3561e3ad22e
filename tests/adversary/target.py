"""A server with things alive in it: a signed-in browser, handles, codes and tokens, made anew for each request."""

import secrets
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal
from urllib.parse import quote_plus

from itsdangerous import URLSafeTimedSerializer

from authserver.protocol.digest import digest
from authserver.protocol.request.authorization_request import BrowserRequest
from authserver.protocol.request.device_request import WaitingRequest, as_typed, user_code_digests
from authserver.signin.session import cookie_name
from authserver.store import Connection, requests, sessions, users
from authserver.store.allowed import authorizations, codes, device_codes
from authserver.store.allowed.codes import Redemption
from authserver.store.registration import clients
from authserver.store.sessions import Session, SignIn
from tests.adversary.factor import begun_cookie
from tests.adversary.spoil import Pairs
from tests.flows.browser import PASSWORD
from tests.flows.device import Device, waiting
from tests.flows.provider import Provider
from tests.flows.registering import registered
from tests.flows.registry import REPORTS, SECRETS
from tests.flows.relying_party import basic, challenge_of

Browser = Literal["none", "anonymous", "halfway", "signed in", "administrator", "forged", "garbage"]
CLIENT, URI = "portal", "https://portal.example.com/callback"
VERIFIER = "v" * 43
CSRF = "0123456789abcdef" * 2


@dataclass
class Target:
    """The server, one browser of it, and what that browser and its client could send.

    `shown` are the fields of forms by the rule of their page.
    """

    provider: Provider
    shown: dict[str, Pairs] = field(default_factory=dict)
    browser_id: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _begun: tuple[str, Session] | None = None
    _registered: dict[str, Any] = field(default_factory=dict)
    _person: str = ""

    @property
    def session(self) -> tuple[str, Session]:
        """The cookie and the session of the signed-in browser: another one where a request has ended the last."""
        now = self.provider.clock.now
        with self.provider.database.read() as connection:
            alive = self._begun is not None and sessions.find(connection, self._begun[0], now) is not None
        if not alive or self._begun is None:
            sign_in = SignIn(self.provider.people["ada"], ("pwd",), 10**6, 10**6)
            with self.provider.database.write() as connection:
                self._begun = sessions.start(connection, sign_in, now)
        return self._begun

    @cached_property
    def csrf_token(self) -> str:
        token = URLSafeTimedSerializer(self.provider.app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(CSRF)
        return str(token)

    @cached_property
    def _signed(self) -> str:
        app = self.provider.app
        serializer: Any = app.session_interface
        return str(serializer.get_signing_serializer(app).dumps({"browser": self.browser_id, "csrf_token": CSRF}))

    def cookie(self, browser: Browser) -> str:
        """The Cookie header of a kind of browser. Only that of a signed-in one has to look whether it still is."""
        app, signed = self.provider.app, self._signed
        own, session = app.config["SESSION_COOKIE_NAME"], cookie_name(app.server.settings)
        match browser:
            case "none":
                return ""
            case "anonymous":
                return f"{own}={signed}"
            case "halfway":
                return f"{own}={signed}; {begun_cookie(self.provider)}"
            case "signed in":
                return f"{own}={signed}; {session}={self.session[0]}"
            case "administrator":
                return f"{own}={signed}; {session}={self._administrators_cookie}"
            case "forged":
                return f"{own}={signed[:-4]}AAAA; {session}=AAAA"
            case "garbage":
                return f'{session}="\\777\xff%00;;=; {own}=.eJw"; ={"x" * 4000}'

    def request(self, **changes: Any) -> BrowserRequest:
        given: dict[str, Any] = {
            "client_id": CLIENT,
            "redirect_uri": URI,
            "redirect_uri_given": True,
            "response_mode": "query",
            "scope": ("openid", "profile"),
            "audiences": (REPORTS,),
            "state": "state",
            "code_challenge": challenge_of(VERIFIER),
        }
        return BrowserRequest(**given | changes)

    def handle(self) -> str:
        """A request of this browser that waits for consent."""
        with self.provider.database.write() as connection:
            return requests.save(connection, self.request(), digest(self.browser_id), self.provider.clock.now, 10**6)

    def pushed(self) -> str:
        """The handle of a request that its client pushed and no browser brought yet."""
        with self.provider.database.write() as connection:
            return requests.push(connection, self.request(), self.provider.clock.now, 10**6)

    def code(self) -> tuple[str, str]:
        """An authorization and its unredeemed code."""
        session = self.session[1]
        with self.provider.database.write() as connection:
            return self._allowed(connection, self.request(), session)

    def refresh_token(self) -> str:
        _key, code = self.code()
        redemption = Redemption(code, CLIENT, URI, challenge_of(VERIFIER))
        with self.provider.database.write() as connection:
            now = self.provider.clock.now
            return str(codes.redeem(connection, redemption, now, idle=10**6).refresh_token)

    def device(self, *, is_allowed: bool = False) -> Device:
        """A device that waits, or whose person has allowed it."""
        asked = {"scope": "openid", "code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}
        device, now = waiting(self.provider, **asked), self.provider.clock.now
        if is_allowed:
            session, keys = self.session[1], self.provider.app.server.master.derive("user code")
            with self.provider.database.write() as connection:
                code = as_typed(device.user_code) or ""
                request = device_codes.find(connection, user_code_digests(code, keys), now)
                assert request is not None
                key, _ = self._allowed(connection, request, session)
                assert device_codes.approve(connection, request, key, now)
        return device

    def _allowed(self, connection: Connection, request: WaitingRequest, session: Session) -> tuple[str, str]:
        now = self.provider.clock.now
        started = authorizations.start(
            connection,
            request,
            sub=session.sub,
            sid=session.sid,
            auth_time=now,
            amr=("pwd",),
            now=now,
            code_lifetime=600,
            expires_at=now + 10**6,
        )
        assert started is not None
        return started

    @cached_property
    def tokens(self) -> dict[str, Any]:
        """Living tokens of the person."""
        data = {
            "grant_type": "authorization_code",
            "code": self.code()[1],
            "redirect_uri": URI,
            "code_verifier": VERIFIER,
        }
        response = self.provider.post("/token", data, Authorization=self.credentials)
        assert response.status_code == 200, response.text
        body: dict[str, Any] = response.get_json()
        return body

    @property
    def registered(self) -> dict[str, Any]:
        """A client that registered itself: another one where a request has removed the last."""
        with self.provider.database.read() as connection:
            found = self._registered and clients.find(connection, self._registered["client_id"])
        if not found:
            self._registered = registered(self.provider)
        return self._registered

    @cached_property
    def administrators_token(self) -> str:
        """The access token of somebody who may do everything, for the management API."""
        return self.provider.client("console").sign_in(self.provider.browser(), "root").access_token

    @cached_property
    def _administrators_cookie(self) -> str:
        sign_in = SignIn(self.provider.people["root"], ("pwd",), 10**6, 10**6)
        with self.provider.database.write() as connection:
            return sessions.start(connection, sign_in, self.provider.clock.now)[0]

    @property
    def person(self) -> str:
        """The `sub` of somebody to look after: of another one where a request has deleted the last."""
        with self.provider.database.write() as connection:
            if not self._person or users.get(connection, self._person) is None:
                name, now = f"p-{secrets.token_hex(8)}", self.provider.clock.now
                self._person = users.add(connection, username=name, roles=["user"], now=now).sub
        return self._person

    @property
    def credentials(self) -> str:
        return basic(CLIENT, SECRETS[CLIENT])

    @property
    def password_form(self) -> dict[str, str]:
        return {"csrf_token": self.csrf_token, "username": "ada", "password": PASSWORD, "remember": "y"}


def pairs_of(parameters: dict[str, str]) -> Pairs:
    """Parameters as they are sent."""
    return [(quote_plus(name).encode(), quote_plus(value).encode()) for name, value in parameters.items()]
