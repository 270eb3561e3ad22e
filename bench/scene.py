"""What stands before the clock starts: settings, clients, a person, and a signed-in browser for each connection."""

import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from joserfc.jwk import ECKey
from sqlalchemy import create_engine

from authserver.protocol.request.pkce import s256
from authserver.settings import Settings
from authserver.store import sessions, users
from authserver.store.allowed import consents
from authserver.store.database import Database, engine_options, engine_url

ISSUER = "http://127.0.0.1"
# The key of a client that signs its assertions.
KEY = ECKey.generate_key("P-256", {"kid": "one"})
CLIENTS = """
workload_issuers:
  platform: {issuer: https://platform.example.com, signing_alg: ES256, jwks: @key}
apis:
  reports:
    audience: https://reports.example.com
    permissions: {read:users: See people, read:reports: Read reports, write:reports: Write and publish reports}
    secrets: [{env: API_SECRET}]
    exchanges: {people: {read:people: [read:users]}, people-es256: {read:people: [read:users]}}
  people:
    audience: https://people.example.com
    permissions: {read:people: Read about people}
  people-es256:
    audience: https://people-es256.example.com
    permissions: {read:people: Read about people}
    signing_alg: ES256
roles:
  user: [read:users, read:reports, write:reports, read:people]
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
  - client_id: living-room
    name: Living room
    type: native
    grant_types: [refresh_token, "urn:ietf:params:oauth:grant-type:device_code"]
    apis: [reports]
  - client_id: portal-es256
    name: Team portal with ES256
    type: web
    secrets: [{env: PORTAL_SECRET}]
    redirect_uris: [https://portal.example.com/callback]
    apis: [reports]
    consent: once
    signing_alg: ES256
  - client_id: nightly-job-es256
    name: Nightly job with ES256
    type: service
    secrets: [{env: JOB_SECRET}]
    apis: [reports]
    roles: [user]
    signing_alg: ES256
  - client_id: nightly-job-eddsa
    name: Nightly job with EdDSA
    type: service
    secrets: [{env: JOB_SECRET}]
    apis: [reports]
    roles: [user]
    signing_alg: EdDSA
  - client_id: job-with-key
    name: Job with a key
    type: service
    token_endpoint_auth_method: private_key_jwt
    jwks: @key
    apis: [reports]
    roles: [user]
  - client_id: deployments
    name: Deployments
    type: service
    workloads: [{issuer: platform, subject: "repo:acme/shop:ref:refs/tags/v*", claims: {repository_owner_id: 1234567}}]
    apis: [reports]
    roles: [user]
""".replace("@key", json.dumps({"keys": [KEY.as_dict(private=False)]}))
REDIRECT_URI = "https://portal.example.com/callback"
SCOPE = ("openid", "profile", "email", "offline_access")
AUDIENCE = "https://reports.example.com"
# The ends of the names of clients whose tokens are signed so.
ES256, EDDSA = "-es256", "-eddsa"


@dataclass(frozen=True, slots=True)
class Scene:
    """The secrets of the clients, and the Cookie header of each browser. `seen` is whose access token is looked up."""

    secrets: dict[str, str]
    cookies: list[str]
    verifier: str
    challenge: str
    seen: str = "portal"


def client_secrets() -> dict[str, str]:
    """A new secret for each client and API, by its name."""
    keys = {name: secrets.token_urlsafe(32) for name in ("portal", "reports", "nightly-job")}
    others = {f"{name}{ES256}": keys[name] for name in ("portal", "nightly-job")}
    return keys | others | {f"nightly-job{EDDSA}": keys["nightly-job"]}


def environment(folder: Path, database_url: str, port: int) -> tuple[dict[str, str], dict[str, str]]:
    """The settings of the server as environment variables, all else at its default; and the secrets among them."""
    (folder / "clients.yaml").write_text(CLIENTS)
    keys = client_secrets()
    own = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
    return own | {
        # As the Host header of what is asked has it.
        "AUTHSERVER_ISSUER": ISSUER,
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
        for client_id in ("portal", f"portal{ES256}"):
            consents.remember(connection, person.sub, client_id, SCOPE, (AUDIENCE,), now)
        sign_in = sessions.SignIn(person.sub, ("pwd",), settings.session_idle, settings.session_lifetime)
        cookies = [sessions.start(connection, sign_in, now)[0] for _ in range(browsers)]
    engine.dispose()
    return of_browsers(keys, [f"authserver_session={cookie}" for cookie in cookies])


def of_browsers(keys: dict[str, str], cookies: list[str], seen: str = "portal") -> Scene:
    """The scene of these clients and browsers."""
    verifier = secrets.token_urlsafe(32)
    return Scene(keys, cookies, verifier, s256(verifier) or "", seen)
