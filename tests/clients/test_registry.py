"""The registry that a sound clients.yaml becomes."""

import sys
from pathlib import Path
from typing import Any

import pytest

from authserver.clients.load import load
from tests.clients.files import ENVIRON, SECRET, SOUND, load_text, warnings_of, with_client

SPA = "type: spa, redirect_uris: ['https://a.example:443/cb', 'https://b.example:8443/cb']"


def test_a_web_client_gets_the_defaults_of_its_type(tmp_path: Path) -> None:
    client = load_text(tmp_path, SOUND).registry.clients["portal"]
    assert client.token_endpoint_auth_method is None
    assert not client.is_public
    assert client.grant_types == {"authorization_code", "refresh_token"}
    assert client.scopes == {"openid", "profile", "email", "offline_access"}
    assert client.redirect_uris == ("https://portal.example.com/callback",)
    assert (client.consent, client.pkce_required, client.signing_alg) == ("once", True, "RS256")
    assert client.allowed_roles is None
    assert client.access_token_lifetime is None


def test_a_public_client_gets_the_defaults_of_its_type(tmp_path: Path) -> None:
    for fields in (SPA, "type: native, redirect_uris: ['http://127.0.0.1/cb']"):
        client = load_text(tmp_path, with_client(fields)).registry.clients["other"]
        assert client.is_public
        assert client.grant_types == {"authorization_code", "refresh_token"}
        assert client.secrets == ()


def test_a_service_client_gets_the_defaults_of_its_type(tmp_path: Path) -> None:
    fields = "type: service, secrets: [{env: PORTAL_SECRET}], roles: [user], apis: [reports]"
    client = load_text(tmp_path, with_client(fields)).registry.clients["other"]
    assert client.grant_types == {"client_credentials"}
    assert client.scopes == frozenset()
    assert client.roles == ("user",)


def test_without_the_refresh_grant_there_is_no_offline_access(tmp_path: Path) -> None:
    client = load_text(tmp_path, with_client(f"{SPA}, grant_types: [authorization_code]")).registry.clients["other"]
    assert client.scopes == {"openid", "profile", "email"}


@pytest.mark.parametrize("word", ["token_endpoint_auth_method", "auth_method"])
def test_the_method_may_be_pinned_by_its_long_or_its_short_name(tmp_path: Path, word: str) -> None:
    fields = (
        "type: web, secrets: [{env: PORTAL_SECRET}], redirect_uris: ['https://a.example/cb'], "
        f"{word}: client_secret_post"
    )
    client = load_text(tmp_path, with_client(fields)).registry.clients["other"]
    assert client.token_endpoint_auth_method == "client_secret_post"


def test_what_is_written_goes_before_the_defaults(tmp_path: Path) -> None:
    fields = (
        "type: web, secrets: [{env: PORTAL_SECRET}], redirect_uris: ['https://a.example/cb'], "
        "token_endpoint_auth_method: client_secret_post, scopes: [openid], consent: never, pkce: optional, "
        "allow: {roles: [admin]}, access_token_lifetime: 60, signing_alg: ES256, "
        "roles_claim: 'https://a.example/roles', permissions_claim: perms, client_uri: 'https://a.example/', "
        "post_logout_redirect_uris: ['https://a.example/']"
    )
    client = load_text(tmp_path, with_client(fields)).registry.clients["other"]
    assert client.token_endpoint_auth_method == "client_secret_post"
    assert client.scopes == {"openid"}
    assert (client.consent, client.pkce_required, client.signing_alg) == ("never", False, "ES256")
    assert client.allowed_roles == frozenset({"admin"})
    assert client.access_token_lifetime == 60
    assert (client.roles_claim, client.permissions_claim) == ("https://a.example/roles", "perms")
    assert (client.client_uri, client.post_logout_redirect_uris) == ("https://a.example/", ("https://a.example/",))


def test_an_api_keeps_its_secrets_lifetime_and_claims(tmp_path: Path) -> None:
    extra = "\n    ".join(
        ("secrets: [{env: PORTAL_SECRET}]", "access_token_lifetime: 120", "roles_claim: r", "permissions_claim: p")
    )
    api = load_text(tmp_path, SOUND.replace("    audience", f"    {extra}\n    audience")).registry.apis["reports"]
    assert (api.access_token_lifetime, api.roles_claim, api.permissions_claim) == (120, "r", "p")
    assert len(api.secrets) == 1
    assert api.permissions == {"read:reports": "Read reports", "write:reports": "Write reports"}


def test_roles_give_permissions_of_each_api(tmp_path: Path) -> None:
    registry = load_text(tmp_path, SOUND).registry
    assert registry.permissions["reports"] == {
        "user": {"read:reports"},
        "admin": {"read:reports", "write:reports"},
    }
    assert registry.default_role == "user"
    assert registry.audiences["https://reports.example.com"].name == "reports"


def test_browsers_of_a_spa_may_call_from_its_origins_only(tmp_path: Path) -> None:
    assert load_text(tmp_path, SOUND).registry.origins == frozenset()
    assert load_text(tmp_path, with_client(SPA)).registry.origins == {"https://a.example", "https://b.example:8443"}
    assert load_text(tmp_path, with_client(f"{SPA}, origins: ['https://c.example']")).registry.origins == {
        "https://c.example"
    }
    assert load_text(tmp_path, with_client(f"{SPA}, origins: []")).registry.origins == frozenset()


def test_the_version_follows_the_file_and_its_secrets(tmp_path: Path) -> None:
    first = load_text(tmp_path, SOUND).registry.version
    assert load_text(tmp_path, SOUND).registry.version == first
    assert load_text(tmp_path, f"{SOUND}# more\n").registry.version != first
    assert load_text(tmp_path, SOUND, {"PORTAL_SECRET": SECRET + "x"}).registry.version != first
    assert len(first) == 12


def test_what_deserves_a_second_look_is_a_warning(tmp_path: Path) -> None:
    text = (
        with_client(f"{SPA}, consent: never").replace("default_role: user", "default_role: admin")
        + "  - {client_id: old, name: Old, type: web, secrets: [{env: PORTAL_SECRET}], pkce: optional,\n"
        + "     redirect_uris: ['http://localhost:1/'], post_logout_redirect_uris: ['http://[::1]:1/']}\n"
    )
    assert [warning.split(":", 1)[1] for warning in warnings_of(tmp_path, text)] == [
        "10:15: default_role: every new person gets admin:all",
        "18:127: clients[1].consent: any program can pass itself off as this client without people noticing",
        "19:83: clients[2].pkce: codes of this client can be injected; prefer pkce: required (RFC 9700 §2.1.1)",
        "20:22: clients[2].redirect_uris[0]: http on this machine is for development only, like 1 more in this file",
    ]


def test_a_native_client_by_the_name_of_localhost_is_warned_of_it(tmp_path: Path) -> None:
    uris = "['http://127.0.0.1/', 'http://localhost:1/', 'http://[::1]/', 'com.example.localhost:/cb']"
    (warning,) = warnings_of(tmp_path, with_client(f"type: native, redirect_uris: {uris}"))
    assert warning.startswith("clients.yaml:18:84: clients[1].redirect_uris[1]: prefer http://127.0.0.1: ")
    assert "RFC 8252 §8.3" in warning


def test_http_on_a_private_network_is_warned_of_at_each_address(tmp_path: Path) -> None:
    fields = "type: web, secrets: [{env: PORTAL_SECRET}], http_on_private_network: true, "
    uris = "redirect_uris: [https://a.example/cb, 'http://wiki/cb'], post_logout_redirect_uris: ['http://10.1.2.3:80/']"
    text = with_client(f"{fields}{uris}, client_uri: 'http://wiki'")
    found = [warning.split(": ")[1:] for warning in warnings_of(tmp_path, text)]
    assert [place for place, _ in found] == ["clients[1].redirect_uris[1]", "clients[1].post_logout_redirect_uris[0]"]
    assert all("anyone who can listen on this network" in what for _, what in found)


def calls_to_load(path: Path, clients: int) -> int:
    """How many functions are called to load a file of that many clients."""
    client = SOUND[SOUND.index("  - client_id") :]
    many = SOUND + "".join(client.replace("portal", f"portal-{number}") for number in range(1, clients))
    path.write_text(many.replace("PORTAL-", "").replace("{env: PORTAL_SECRET}", f"{{sha256: {'ab' * 32}}}"))
    calls = 0

    def count(_frame: Any, what: str, _function: Any) -> None:
        nonlocal calls
        calls += what in ("call", "c_call")

    sys.setprofile(count)
    try:
        registry = load(path, ENVIRON).registry
    finally:
        sys.setprofile(None)
    assert registry.clients[f"portal-{clients - 1}"].name == f"Team portal-{clients - 1}"
    return calls


def test_ten_times_as_many_clients_are_ten_times_the_work(tmp_path: Path) -> None:
    calls_to_load(tmp_path / "clients.yaml", 2)
    few, many = (calls_to_load(tmp_path / "clients.yaml", clients) for clients in (50, 500))
    assert many / 500 < 1.1 * few / 50
