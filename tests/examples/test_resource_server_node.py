"""The resource server in Node: it decides as the guard does, on `jose` and Express."""

import time
from collections.abc import Iterator

import pytest
import requests
from joserfc.jwk import RSAKey

from tests.examples.node import EXAMPLES, running
from tests.guard.issuer import AUDIENCE, Answer, Issuer
from tests.npm import installed
from tests.patience import PATIENCE
from tests.ports import free_ports

JWKS = "/jwks.json"


class Api:
    """The running resource server, and the issuer of its tokens."""

    def __init__(self, url: str, issuer: Issuer) -> None:
        self.url = url
        self.issuer = issuer

    def token(self, key: RSAKey | None = None, **changes: object) -> str:
        now = int(time.time())
        return self.issuer.token(key, **{"iat": now, "exp": now + 600} | changes)  # type: ignore[arg-type]

    def call(self, token: str | None = None, method: str = "GET", path: str = "/reports") -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return requests.request(method, self.url + path, headers=headers, json={"text": "x"}, timeout=PATIENCE)


@pytest.fixture
def api(request: pytest.FixtureRequest) -> Iterator[Api]:
    folder = installed(EXAMPLES / "resource_server_node", request.config)
    (port,) = free_ports(1)
    issuer = Issuer(RSAKey.generate_key(2048))
    try:
        with running(folder, "server.js", port, ISSUER=issuer.url, AUDIENCE=AUDIENCE) as url:
            yield Api(url, issuer)
    finally:
        issuer.close()


def test_a_token_that_may_is_let_through_and_one_that_may_not_is_told_what_it_lacks(api: Api) -> None:
    assert api.call(api.token()).json()["reports"]
    written = api.call(api.token(), "POST")
    assert (written.status_code, written.json()["written_by"]) == (201, "ada")
    refused = api.call(api.token(), "DELETE", "/reports/newest")
    assert refused.status_code == 403
    assert refused.headers["WWW-Authenticate"] == (
        f'Bearer realm="{AUDIENCE}", error="insufficient_scope", '
        'error_description="The token lacks the permission delete:reports.", scope="delete:reports"'
    )
    assert refused.json()["missing_permissions"] == ["delete:reports"]


def test_without_a_token_the_challenge_bears_no_error_code(api: Api) -> None:
    answer = api.call()
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == f'Bearer realm="{AUDIENCE}"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert api.call('"').status_code == 400


def test_every_token_that_is_not_good_here_is_refused(api: Api) -> None:
    other, now = RSAKey.generate_key(2048), int(time.time())
    kid = api.issuer.keys[0].thumbprint()
    bad = [
        api.token(exp=now - 60),
        api.token(iss="https://else.example.com"),
        api.token(aud="https://else.example.com"),
        api.token(client_id=None),
        api.token(nbf=now + 600),
        api.token(header={"typ": "JWT"}),
        api.token(header={"typ": None}),
        api.token(header={"alg": "none"}),
        api.token(header={"alg": "HS256"}),
        api.token(header={"kid": None}),
        api.token(header={"crit": ["exp"]}),
        api.token(other),
        api.token(other, header={"kid": kid}),
        api.token()[:-8] + "AAAAAAAA",
        "a.b.c",
    ]
    for number, token in enumerate(bad):
        answer = api.call(token)
        assert (number, answer.status_code) == (number, 401)
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_bad_tokens_by_the_hundred_cost_one_fetch(api: Api) -> None:
    assert api.call(api.token()).ok
    for number in range(200):
        assert api.call(api.token(header={"kid": f"unknown-{number}"})).status_code == 401
    assert api.issuer.requests.count(JWKS) == 2


def test_while_there_are_no_keys_the_answer_is_to_try_again(api: Api) -> None:
    api.issuer.answers[JWKS] = lambda: Answer(b"{}", 500)
    for _ in range(5):
        answer = api.call(api.token())
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert api.issuer.requests.count(JWKS) == 1


def test_an_issuer_that_is_gone_is_outlived_on_the_keys_at_hand(api: Api) -> None:
    assert api.call(api.token()).ok
    api.issuer.answers[JWKS] = lambda: Answer(b"{}", 500)
    # It makes the resource server ask, in vain.
    assert api.call(api.token(header={"kid": "unknown"})).status_code == 401
    assert api.issuer.requests.count(JWKS) == 2
    assert api.call(api.token()).ok
