"""The clients.yaml of the flow tests: every kind of client, two APIs, four roles."""

import json
from hashlib import sha256

from tests.flows.assertions import key, public

REPORTS = "https://reports.example.com"
USERS = "https://users.example.com"
# 43 characters, as generated secrets have; one for each caller, in a form that only Basic's own encoding keeps.
SECRETS = {
    name: f"{name}+secret %".ljust(43, "x")
    for name in ("portal", "intranet", "backoffice", "bank", "legacy", "kiosk", "notes", "nightly", "importer")
} | {name: f"{name}-api".ljust(43, "x") for name in ("reports", "users")}
EXPIRED_SECRET = "portal-of-last-year".ljust(43, "x")


def digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


CLIENTS_YAML = """
apis:
  reports:
    audience: https://reports.example.com
    permissions: {read:reports: Read reports, write:reports: Write reports, delete:reports: Delete reports}
    secrets: [{sha256: "@reports"}]
  users:
    audience: https://users.example.com
    permissions: {read:users: See people, write:users: Change people}
    access_token_lifetime: 300
    secrets: [{sha256: "@users"}]
roles:
  guest: [read:reports]
  user: [read:users, read:reports, write:reports]
  moderator: [read:users, write:users, read:reports, write:reports]
  admin: ["admin:all"]
default_role: user
clients:
  - client_id: portal
    name: Team portal
    type: web
    secrets: [{sha256: "@portal"}, {sha256: "@expired", expires: 2027-01-01}]
    redirect_uris: [https://portal.example.com/callback, "https://portal.example.com/tenant?of=a%20b&x"]
    post_logout_redirect_uris: [https://portal.example.com/, "https://portal.example.com/bye?from=a%20b"]
    apis: [reports, users]
    consent: once
  - client_id: intranet
    name: Intranet
    type: web
    token_endpoint_auth_method: client_secret_post
    secrets: [{sha256: "@intranet"}]
    redirect_uris: [https://intranet.example.com/callback]
    post_logout_redirect_uris: [https://intranet.example.com/]
    apis: [users, reports]
    consent: never
    scopes: [openid, profile, email, address, phone, offline_access]
  - client_id: backoffice
    name: Back office
    type: web
    secrets: [{sha256: "@backoffice"}]
    redirect_uris: [https://backoffice.example.com/callback]
    apis: [reports]
    consent: never
    allow: {roles: [moderator, admin]}
  - client_id: bank
    name: Bank
    type: web
    secrets: [{sha256: "@bank"}]
    redirect_uris: [https://bank.example.com/callback]
    apis: [reports]
    consent: always
  - client_id: legacy
    name: Legacy
    type: web
    secrets: [{sha256: "@legacy"}]
    redirect_uris: [https://legacy.example.com/callback]
    apis: [reports]
    consent: never
    pkce: optional
  - client_id: kiosk
    name: Kiosk
    type: web
    secrets: [{sha256: "@kiosk"}]
    redirect_uris: [https://kiosk.example.com/callback]
    apis: [reports]
    consent: never
    signing_alg: ES256
    roles_claim: https://kiosk.example.com/roles
    permissions_claim: perms
    access_token_lifetime: 600
  - client_id: notes
    name: Notes
    type: web
    secrets: [{sha256: "@notes"}]
    grant_types: [authorization_code]
    redirect_uris: [https://notes.example.com/callback]
    scopes: [openid, email]
    consent: never
  - client_id: dashboard
    name: Dashboard
    type: spa
    redirect_uris: [https://dashboard.example.com/callback]
    post_logout_redirect_uris: [https://dashboard.example.com/]
    apis: [reports]
  - client_id: terminal
    name: Terminal
    type: native
    redirect_uris: ["http://127.0.0.1/callback", "http://[::1]/callback", "com.example.terminal:/callback"]
    apis: [reports]
  - client_id: tv
    name: Living room
    type: native
    grant_types: ["urn:ietf:params:oauth:grant-type:device_code", refresh_token]
    apis: [reports]
    consent: never
  - client_id: nightly
    name: Nightly job
    type: service
    secrets: [{sha256: "@nightly"}]
    apis: [reports, users]
    roles: [moderator]
  - client_id: importer
    name: Importer
    type: service
    token_endpoint_auth_method: client_secret_post
    secrets: [{sha256: "@importer"}]
    apis: [reports]
    roles: [guest]
  - client_id: vault
    name: Vault
    type: web
    token_endpoint_auth_method: private_key_jwt
    jwks: @vault
    redirect_uris: [https://vault.example.com/callback]
    apis: [reports]
    roles: [guest]
    grant_types: [authorization_code, refresh_token, client_credentials]
    consent: never
""".replace("@vault", json.dumps(public(key()))).replace("@expired", digest(EXPIRED_SECRET))
for _name, _secret in SECRETS.items():
    CLIENTS_YAML = CLIENTS_YAML.replace(f'"@{_name}"', f'"{digest(_secret)}"')
