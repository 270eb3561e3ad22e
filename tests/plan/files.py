"""A clients.yaml in force, changed in one place at a time."""

from collections.abc import Mapping
from pathlib import Path

from authserver.clients.load import LoadedFile, load

NOW = 1_800_000_000
SECRETS = {"PORTAL_SECRET": "s" * 40, "NEW_SECRET": "n" * 40, "GITHUB_SECRET": "g" * 40}
IN_FORCE = """\
apis:
  reports:
    audience: https://reports.example.com
    permissions: {read:reports: Read, write:reports: Write}
  users:
    audience: https://users.example.com
    permissions: {see:users: See}
roles:
  reader: [read:reports]
  editor: [read:reports, write:reports]
  boss: [see:users]
groups: {staff: [boss]}
default_role: reader
clients:
  - client_id: portal
    name: Portal
    type: web
    secrets: [{env: PORTAL_SECRET}]
    redirect_uris: [https://portal.example.com/old, https://portal.example.com/new]
    post_logout_redirect_uris: [https://portal.example.com/]
    apis: [reports, users]
  - client_id: desk
    name: Desk
    type: native
    redirect_uris: ["http://127.0.0.1/callback"]
    allow: {roles: [editor]}
providers:
  github: {preset: github, client_id: x, secret: {env: GITHUB_SECRET}}
"""


def loaded(folder: Path, text: str, environ: Mapping[str, str] = SECRETS) -> LoadedFile:
    """This text as a clients.yaml."""
    path = folder / "clients.yaml"
    path.write_text(text)
    return load(path, environ, NOW)


def changed(*pairs: tuple[str, str]) -> str:
    """The file in force, with each first text replaced by the second."""
    text = IN_FORCE
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text
