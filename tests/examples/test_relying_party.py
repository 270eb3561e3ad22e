"""The example relying party on its own: what it does when others fail, and what it refuses."""

import time
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from examples.relying_party.app import create_app
from examples.relying_party.sessions import Sessions, SignedIn
from examples.relying_party.settings import Settings
from tests.ports import free_ports


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    nobody = free_ports(1)[0]
    return Settings(
        issuer=f"http://127.0.0.1:{nobody}",
        base_url="http://localhost:8081",
        resource_url=f"http://127.0.0.1:{nobody}",
        database=str(tmp_path / "portal.db"),
        secret="s" * 43,
        cookie_key="k" * 43,
    )


@pytest.fixture
def client(settings: Settings) -> FlaskClient:
    return create_app(settings).test_client()


def signed_in() -> SignedIn:
    return SignedIn(person={"sub": "ada"}, id_token="i", refresh_token="r1", access_tokens={"a": "t"})


def test_an_authorization_server_that_is_away_gives_a_page_and_no_crash(client: FlaskClient) -> None:
    answer = client.get("/sign-in")
    assert answer.status_code == 502
    assert "cannot be reached" in answer.text


@pytest.mark.parametrize("path", ["/sign-out", "/refresh", "/call/read-reports"])
def test_a_button_pressed_from_elsewhere_does_nothing(client: FlaskClient, settings: Settings, path: str) -> None:
    sessions = Sessions(settings.database)
    session_id = sessions.start(signed_in())
    with client.session_transaction() as cookie:
        cookie["id"] = session_id
    assert client.post(path).status_code == 400
    assert sessions.find(session_id) == signed_in()


@pytest.mark.parametrize("path", ["/sign-out", "/refresh", "/call/read-reports"])
def test_no_link_and_no_image_presses_a_button(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 405


def test_a_replaced_refresh_token_survives_a_fault_after_it(settings: Settings) -> None:
    sessions = Sessions(settings.database)
    session_id = sessions.start(signed_in())

    def refresh_and_fail() -> None:
        with sessions.locked(session_id) as session:
            assert session is not None
            session.refresh_token = "r2"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        refresh_and_fail()
    found = sessions.find(session_id)
    assert found is not None
    assert found.refresh_token == "r2"


def test_the_file_of_sessions_holds_no_session_id(settings: Settings) -> None:
    session_id = Sessions(settings.database).start(signed_in())
    assert session_id.encode() not in Path(settings.database).read_bytes()


KEY = RSAKey.generate_key(2048, {"kid": "k1"})
OTHER = RSAKey.generate_key(2048, {"kid": "k1"})


def logout_token(settings: Settings, key: RSAKey = KEY, typ: str = "logout+jwt", **changes: object) -> str:
    claims = {
        "iss": settings.issuer,
        "aud": settings.client_id,
        "iat": int(time.time()),
        "exp": int(time.time()) + 120,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        "sid": "s1",
    }
    return jwt.encode({"alg": "RS256", "kid": "k1", "typ": typ}, claims | changes, key)


@pytest.fixture
def told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The client of an authorization server whose key is KEY."""
    keys = {"keys": [KEY.as_dict(private=False)]}
    monkeypatch.setattr("authlib.integrations.flask_client.FlaskOAuth2App.fetch_jwk_set", lambda *_, **__: keys)
    return create_app(settings).test_client()


def test_a_logout_token_ends_the_session_that_it_names_and_no_other(told: FlaskClient, settings: Settings) -> None:
    sessions = Sessions(settings.database)
    ids = [sessions.start(SignedIn({"sub": "ada", "sid": sid}, "i", "r", {})) for sid in ("s1", "s2")]
    assert told.post("/backchannel-logout", data={"logout_token": logout_token(settings)}).status_code == 200
    assert [sessions.find(each) is None for each in ids] == [True, False]
    # Told again, it says the same.
    assert told.post("/backchannel-logout", data={"logout_token": logout_token(settings)}).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"key": OTHER},
        {"typ": "JWT"},
        {"nonce": "n"},
        {"iss": "http://elsewhere.example"},
        {"aud": "another"},
        {"exp": 1},
        {"iat": "now"},
        {"events": {}},
        {"events": None},
        {"sid": None},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_what_is_no_logout_token_for_it_ends_nothing(
    told: FlaskClient, settings: Settings, changes: dict[str, Any]
) -> None:
    sessions = Sessions(settings.database)
    kept = sessions.start(SignedIn({"sub": "ada", "sid": "s1"}, "i", "r", {}))
    answer = told.post("/backchannel-logout", data={"logout_token": logout_token(settings, **changes)})
    assert (answer.status_code, answer.get_json()) == (400, {"error": "invalid_request"})
    assert told.post("/backchannel-logout", data={"logout_token": "x.y.z"}).status_code == 400
    assert told.post("/backchannel-logout").status_code == 400
    assert sessions.find(kept) is not None
