"""`/admin/clients/<client_id>`: what one client is, what it did, why it was refused, and the settings of its side."""

import json

from flask import Response

from authserver.admin.administrator import Administrator, administers, nobody, shown
from authserver.admin.facts import facts
from authserver.pages.current import current_server
from authserver.protocol.client.client import Client
from authserver.store import events
from authserver.store.events import EventFilter
from authserver.store.registration import clients

SHOWN = 50


@administers("read:clients")
def client(administrator: Administrator, client_id: str) -> Response:
    """Show one client."""
    server = current_server()
    found = server.client(client_id)
    if found is None:
        return nobody()
    recent: list[events.Event] = []
    if administrator.may("read:events"):
        with server.database.read() as connection:
            recent = events.newest(connection, EventFilter(client_id=client_id), SHOWN)[::-1]
    row = None
    if found.self_registered:
        with server.database.read() as connection:
            row = clients.find(connection, client_id)
    return shown(
        "client",
        administrator,
        current="clients",
        client=found,
        metadata=json.dumps(row.metadata, indent=2, ensure_ascii=False) if row else None,
        apis=[server.registry.apis[name] for name in found.apis],
        recent=[(each, facts(each)) for each in recent],
        settings=_settings(server.settings.issuer, found),
    )


def _settings(issuer: str, client: Client) -> dict[str, str]:
    """What stands on the client's side, by the library that reads it."""
    metadata = f"{issuer}/.well-known/openid-configuration"
    scope = " ".join(sorted(client.scopes))
    uri = client.redirect_uris[0] if client.redirect_uris else ""
    secret = {} if client.is_public else {"secret": "…"}
    env = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": client.client_id}
    env |= {"OIDC_CLIENT_SECRET": "…"} if secret else {}
    env |= {"OIDC_REDIRECT_URI": uri, "OIDC_SCOPE": scope} if uri else {}
    texts = {"env": "\n".join(f"{name}={value}" for name, value in env.items())}
    if not uri:
        return texts
    authlib = [
        "oauth.register(",
        f"    {json.dumps(client.client_id)},",
        f"    client_id={json.dumps(client.client_id)},",
        *(['    client_secret=os.environ["OIDC_CLIENT_SECRET"],'] if secret else []),
        f"    server_metadata_url={json.dumps(metadata)},",
        f'    client_kwargs={{"scope": {json.dumps(scope)}, "code_challenge_method": "S256"}},',
        ")",
    ]
    texts["Authlib"] = "\n".join(authlib)
    if client.type == "spa":
        manager = {"authority": issuer, "client_id": client.client_id, "redirect_uri": uri, "scope": scope}
        texts["oidc-client-ts"] = f"new UserManager({json.dumps(manager, indent=2)})"
    return texts
