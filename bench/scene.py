"""What stands before the clock starts: settings, clients, a person, and a signed-in browser for each connection."""

import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine

from authserver.protocol.request.pkce import s256
from authserver.settings import Settings
from authserver.store import sessions, users
from authserver.store.allowed import consents
from authserver.store.database import Database, engine_options, engine_url

CLIENTS = """
apis:
  reports:
    audience: https://reports.example.com
    permissions: {read:users: See people, read:reports: Read reports, write:reports: Write and publish reports}
    secrets: [{env: API_SECRET}]
roles:
  user: [read:users, read:reports, write:reports]
default_role: user
clients:
  - client_id: portal
    name: Team portal
    type: web
    secrets: [{env: PORTAL_SECRET}]
    redirect_uris: [https://portal.example.com/callback]
    apis: [reports]
    consent: once
  - client_id: nightly-job
    name: Nightly job
    type: service
    secrets: [{env: JOB_SECRET}]
    apis: [reports]
    roles: [user]
"""
REDIRECT_URI = "https://portal.example.com/callback"
SCOPE = ("openid", "profile", "email", "offline_access")
AUDIENCE = "https://reports.example.com"


@dataclass(frozen=True, slots=True)
class Scene:
    """The environment of the server, the secrets of its clients, and the cookies of its browsers."""

    environ: dict[str, str]
    secrets: dict[str, str]
    cookies: list[str]
    verifier: str
    challenge: str


def environment(folder: Path, database_url: str, port: int) -> tuple[dict[str, str], dict[str, str]]:
    """The settings of the server as environment variables, all else at its default; and the secrets among them."""
    (folder / "clients.yaml").write_text(CLIENTS)
    keys = {"portal": secrets.token_urlsafe(32), "reports": secrets.token_urlsafe(32)}
    keys["nightly-job"] = secrets.token_urlsafe(32)
    own = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
    return own | {
        # As the Host header of what is asked has it.
        "AUTHSERVER_ISSUER": "http://127.0.0.1",
        "AUTHSERVER_PORT": str(port),
        "AUTHSERVER_DRAIN": "0",
        "AUTHSERVER_DATABASE_URL": database_url,
        "AUTHSERVER_CLIENTS_FILE": str(folder / "clients.yaml"),
        "AUTHSERVER_KEYS_DIR": str(folder),
        "PORTAL_SECRET": keys["portal"],
        "API_SECRET": keys["reports"],
        "JOB_SECRET": keys["nightly-job"],
    }, keys


def people(environ: dict[str, str], keys: dict[str, str], browsers: int) -> Scene:
    """One person in so many browsers, who has consented. The database must be migrated."""
    url = environ["AUTHSERVER_DATABASE_URL"]
    engine = create_engine(engine_url(url), **engine_options(url, pool_size=1))
    now = int(time.time())
    settings = Settings(_env_file=None)  # type: ignore[call-arg]  # a keyword that pydantic-settings adds
    with Database(engine).write() as connection:
        person = users.add(
            connection, username="ada", email="ada@example.com", name="Ada Lovelace", roles=["user"], now=now
        )
        consents.remember(connection, person.sub, "portal", SCOPE, (AUDIENCE,), now)
        sign_in = sessions.SignIn(person.sub, ("pwd",), settings.session_idle, settings.session_lifetime)
        cookies = [sessions.start(connection, sign_in, now)[0] for _ in range(browsers)]
    engine.dispose()
    verifier = secrets.token_urlsafe(32)
    return Scene(environ, keys, cookies, verifier, s256(verifier) or "")
