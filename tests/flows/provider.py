"""The server under test: the whole application on a real database, with a clock that tests set."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from authserver.clients.live import LiveRegistry
from authserver.pages.app import App
from authserver.store import users
from authserver.store.database import Database
from authserver.store.tables import events
from tests.flows import safety
from tests.flows.browser import Browser
from tests.flows.registry import SECRETS
from tests.flows.relying_party import RelyingParty, basic

START = 1_800_000_000


@dataclass
class Clock:
    """Seconds since the epoch, moved by hand."""

    now: int = START

    def __call__(self) -> float:
        return float(self.now)

    def pass_(self, seconds: int) -> None:
        self.now += seconds


@dataclass
class Provider:
    """One running server, and what stands around it. `people` are subs by username."""

    app: App
    clock: Clock
    people: Mapping[str, str]
    clients_file: Path
    machine: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.machine = self.app.test_client(use_cookies=False)

    @property
    def issuer(self) -> str:
        return self.app.server.settings.issuer

    @property
    def database(self) -> Database:
        return self.app.server.database

    def browser(self, address: str = "198.51.100.7") -> Browser:
        """A new browser, with no cookies."""
        return Browser(self.app, self.issuer, address)

    def client(self, client_id: str, redirect_uri: str | None = None) -> RelyingParty:
        """A client of the registry, as itself."""
        registered = self.app.server.registry.clients[client_id]
        uri = redirect_uri or (registered.redirect_uris[0] if registered.redirect_uris else "")
        method = registered.token_endpoint_auth_method or "client_secret_basic"
        return RelyingParty(self, client_id, uri, method, SECRETS.get(client_id, ""))

    def call(self, method: str, path: str, *, address: str = "198.51.100.8", **request: Any) -> TestResponse:
        """One request of a machine, unchecked."""
        url = path if path.startswith("http") else f"{self.issuer}{path}"
        return self.machine.open(url, method=method, environ_base={"REMOTE_ADDR": address}, **request)

    def post(self, path: str, data: Any, **headers: str) -> TestResponse:
        """A form posted by a machine; its answer holds to the rules for JSON answers."""
        address = headers.pop("address", "198.51.100.8")
        response = self.call("POST", path, data=data, headers=headers, address=address)
        safety.check_json_answer(response)
        return response

    def userinfo(self, access_token: str, method: str = "GET") -> TestResponse:
        response = self.call(method, "/userinfo", headers={"Authorization": f"Bearer {access_token}"})
        safety.check_json_answer(response)
        return response

    def introspect(self, token: str, api: str = "reports") -> dict[str, Any]:
        """What the introspection endpoint tells an API."""
        response = self.post("/introspect", {"token": token}, Authorization=basic(api, SECRETS[api]))
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.get_json()
        return answer

    def is_alive(self, access_token: str) -> bool:
        return bool(self.introspect(access_token)["active"])

    def verify(self, token: str, typ: str, audience: str | None = None, now: int | None = None) -> dict[str, Any]:
        """The claims of a token, checked by a foreign library with nothing but the published keys."""
        header = jwt.get_unverified_header(token)
        assert header["typ"] == typ
        keys = jwt.PyJWKSet.from_dict(self.call("GET", "/jwks.json").get_json())
        claims: dict[str, Any] = jwt.decode(
            token,
            keys[header["kid"]],
            algorithms=["RS256", "PS256", "ES256", "EdDSA"],
            issuer=self.issuer,
            audience=audience,
            # The clock of the tests is not that of the library.
            options={"verify_exp": False, "verify_iat": False, "verify_aud": audience is not None},
        )
        assert claims["iat"] <= (self.clock.now if now is None else now) < claims["exp"]
        return claims

    def give_roles(self, username: str, *roles: str) -> None:
        with self.database.write() as connection:
            users.set_roles(connection, self.people[username], roles, self.clock.now)

    def disable(self, username: str) -> None:
        with self.database.write() as connection:
            users.disable(connection, self.people[username], self.clock.now)

    def enable(self, username: str) -> None:
        with self.database.write() as connection:
            users.enable(connection, self.people[username], self.clock.now)

    def declare(self, text: str) -> bool:
        """Write another clients.yaml and have it read; says whether it was taken."""
        self.clients_file.write_text(text)
        registry = self.app.server._registry
        assert isinstance(registry, LiveRegistry)
        return registry.reload()

    def amend(self, old: str, new: str) -> None:
        """Change one text in clients.yaml and have it read."""
        text = self.clients_file.read_text()
        assert old in text
        assert self.declare(text.replace(old, new))

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """The audit events so far, with their detail; of one name, or all."""
        self.app.server.recorder.flush()
        with self.database.read() as connection:
            rows = connection.execute(select(events).order_by(events.c.id)).mappings().all()
        found = [dict(row) | json.loads(row["detail"]) for row in rows]
        return [event for event in found if name in (None, event["name"])]

    def dump(self) -> str:
        """Everything that the database holds, as text."""
        self.app.server.recorder.flush()
        with self.database.read() as connection:
            return "\n".join(repr(connection.execute(select(table)).all()) for table in events.metadata.sorted_tables)

    @property
    def host(self) -> str:
        return urlsplit(self.issuer).netloc

    def close(self) -> None:
        self.app.server.recorder.close()
        self.database.engine.dispose()
