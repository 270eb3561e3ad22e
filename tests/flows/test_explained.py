"""What an explanation says of tokens and userinfo is what a client really gets."""

import pytest

from authserver.explain.explanation import explain
from authserver.explain.question import Question
from authserver.store import users
from tests.flows.browser import Browser
from tests.flows.provider import Provider
from tests.flows.relying_party import EVERYTHING, RelyingParty

OF_THE_MOMENT = {"iat", "exp", "jti", "auth_time", "sid", "at_hash", "nonce", "amr", "acr", "iss"}


@pytest.mark.parametrize("username", ["gus", "root"])
@pytest.mark.parametrize(
    "scope", [EVERYTHING, "openid", "openid read:reports", "openid email write:reports read:users", "openid nonsense"]
)
def test_an_explanation_is_what_the_client_gets(
    provider: Provider, browser: Browser, portal: RelyingParty, username: str, scope: str
) -> None:
    tokens = portal.sign_in(browser, username, scope=scope)
    headers = {"Authorization": f"Bearer {tokens.access_token}"}
    userinfo = provider.machine.get("/userinfo", headers=headers).json
    server = provider.app.server
    with server.database.read() as connection:
        user = users.by_login(connection, username)
        client = server.client("portal")
        assert user is not None
        assert client is not None
        question = Question(server.registry, server.settings.issuer, user, client, scope, (), None, server.now())
        found = explain(connection, question, server.settings.access_token_lifetime)
    assert found.refusals == ()

    def said(claims: tuple[object, ...]) -> dict[str, object]:
        given = {each.name: each.value for each in claims if each.value is not None}  # type: ignore[attr-defined]
        return {name: value for name, value in given.items() if name not in OF_THE_MOMENT}

    def real(claims: dict[str, object]) -> dict[str, object]:
        return {name: value for name, value in claims.items() if name not in OF_THE_MOMENT}

    assert said(found.access_token) == real(tokens.access_claims)
    assert said(found.id_token) == real(tokens.id_claims)
    assert said(found.userinfo) == userinfo
