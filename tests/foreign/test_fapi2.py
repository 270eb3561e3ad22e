"""The whole of FAPI 2.0 with a library that others wrote: private_key_jwt, PAR, and DPoP."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from requests_oauth2client import DPoPToken, OAuth2Client, PrivateKeyJwt, UnknownTokenEndpointError

from tests.flows.assertions import key
from tests.flows.registry import CLIENTS_YAML
from tests.flows.served import Served, serve
from tests.foreign.remote import remote_browser
from tests.foreign.test_authlib import walk_through
from tests.patience import PATIENCE

DECLARED = CLIENTS_YAML.replace("name: Vault\n", "name: Vault\n    profile: fapi2\n")


@pytest.fixture(scope="session")
def careful(seeded_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose client vault follows the profile."""
    folder = tmp_path_factory.mktemp("fapi2")
    shutil.copyfile(seeded_template, folder / "authserver.db")
    yield from serve(folder, f"sqlite:///{folder / 'authserver.db'}", workers=1, declared=DECLARED)


def test_a_whole_flow(careful: Served) -> None:
    client = OAuth2Client.from_discovery_endpoint(
        issuer=careful.issuer,
        auth=PrivateKeyJwt("vault", dict(key().as_dict(private=True)), alg="ES256", aud=careful.issuer),
        redirect_uri="https://vault.example.com/callback",
        dpop_bound_access_tokens=True,
        id_token_signed_response_alg="ES256",
        testing=True,
    )
    asked = client.authorization_request(scope="openid profile email offline_access")
    pushed = client.pushed_authorization_request(asked)
    with remote_browser(careful.issuer) as browser:
        landing = walk_through(browser.open(str(pushed.uri)), browser)
    code = asked.validate_callback(landing.url)
    # It forgets the key of a token whose ID token it validates.
    tokens = client.authorization_code(code, validate=False)
    assert isinstance(tokens, DPoPToken)
    assert tokens.id_token is not None
    assert tokens.id_token.alg == "ES256"

    userinfo = requests.get(f"{careful.issuer}/userinfo", auth=tokens, timeout=PATIENCE)
    assert userinfo.json()["sub"] == careful.sub
    as_bearer = {"Authorization": f"Bearer {tokens.access_token}"}
    assert requests.get(f"{careful.issuer}/userinfo", headers=as_bearer, timeout=PATIENCE).status_code == 401

    again = client.refresh_token(tokens)
    assert isinstance(again, DPoPToken)
    with pytest.raises(UnknownTokenEndpointError, match="bound to a key"):
        client.client_credentials(scope="read:reports", dpop=False)
    assert client.client_credentials(scope="read:reports").access_token
