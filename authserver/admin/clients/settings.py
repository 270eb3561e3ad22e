"""The settings of a client's own side, as the libraries that read them want them."""

import json

from authserver.protocol.client.client import Client


def settings_of(issuer: str, client: Client) -> dict[str, str]:
    """What stands on the client's side, by the name of what reads it. A secret is never shown: nobody here knows it."""
    uri = next(iter(client.redirect_uris), "")
    scope = " ".join(sorted(client.scopes))
    texts = {"env": _env(issuer, client, uri, scope)}
    if not uri:
        return texts
    texts["Authlib"] = _authlib(issuer, client, scope)
    if client.type == "spa":
        manager = {"authority": issuer, "client_id": client.client_id, "redirect_uri": uri, "scope": scope}
        if client.post_logout_redirect_uris:
            manager["post_logout_redirect_uri"] = client.post_logout_redirect_uris[0]
        texts["oidc-client-ts"] = f"new UserManager({json.dumps(manager, indent=2)})"
    elif client.type == "web":
        texts["openid-client"] = _openid_client(issuer, client)
    return texts


def _env(issuer: str, client: Client, uri: str, scope: str) -> str:
    env = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": client.client_id}
    env |= {} if client.is_public else {"OIDC_CLIENT_SECRET": "…"}
    env |= {"OIDC_REDIRECT_URI": uri, "OIDC_SCOPE": scope} if uri else {}
    if client.post_logout_redirect_uris:
        env["OIDC_POST_LOGOUT_REDIRECT_URI"] = client.post_logout_redirect_uris[0]
    return "\n".join(f"{name}={value}" for name, value in env.items())


def _authlib(issuer: str, client: Client, scope: str) -> str:
    lines = [
        "oauth.register(",
        f"    {json.dumps(client.client_id)},",
        f"    client_id={json.dumps(client.client_id)},",
        *([] if client.is_public else ['    client_secret=os.environ["OIDC_CLIENT_SECRET"],']),
        f"    server_metadata_url={json.dumps(issuer + '/.well-known/openid-configuration')},",
        f'    client_kwargs={{"scope": {json.dumps(scope)}, "code_challenge_method": "S256"}},',
        ")",
    ]
    return "\n".join(lines)


def _openid_client(issuer: str, client: Client) -> str:
    secret = "" if client.is_public else ", process.env.OIDC_CLIENT_SECRET"
    return f"await client.discovery(new URL({json.dumps(issuer)}), {json.dumps(client.client_id)}{secret})"
