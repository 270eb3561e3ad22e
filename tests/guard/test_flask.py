"""What a caller of a guarded Flask application is answered: RFC 6750 §3."""

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue

from authserver.guard import Guard
from authserver.guard.flask import FlaskGuard, current_token
from tests.guard.issuer import AUDIENCE, Answer, Issuer


@pytest.fixture
def client(guard: Guard) -> FlaskClient:
    app = Flask("reports")
    protect = FlaskGuard(guard)

    @app.get("/read")
    @protect.require_permission("read:reports")
    def read() -> ResponseReturnValue:
        return jsonify(sub=current_token().sub)

    @app.get("/delete")
    @protect.require_permission("delete:reports")
    def delete() -> ResponseReturnValue:
        return "deleted"

    @app.get("/all")
    @protect.require_all_permissions("read:reports", "delete:reports", "audit:reports")
    def all_of() -> ResponseReturnValue:
        return "all"

    @app.get("/any")
    @protect.require_any_permission("delete:reports", "write:reports")
    def any_of() -> ResponseReturnValue:
        return "any"

    @app.get("/none-of-any")
    @protect.require_any_permission("delete:reports", "audit:reports")
    def none_of_any() -> ResponseReturnValue:
        return "never"

    @app.get("/me")
    @protect.require_token
    def me() -> ResponseReturnValue:
        return current_token().client_id

    @app.get("/open")
    def unguarded() -> ResponseReturnValue:
        with pytest.raises(RuntimeError):
            current_token()
        return "open"

    return app.test_client()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_that_may_reaches_the_view(client: FlaskClient, issuer: Issuer) -> None:
    answer = client.get("/read", headers=bearer(issuer.token()))
    assert (answer.status_code, answer.json) == (200, {"sub": "ada"})
    assert client.get("/me", headers=bearer(issuer.token(permissions=None))).text == "portal"
    assert client.get("/any", headers={"Authorization": f"bEARER  {issuer.token()}"}).text == "any"


def test_a_request_without_a_token_is_challenged_without_an_error_code(client: FlaskClient) -> None:
    for headers in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": ""}):
        answer = client.get("/read", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == f'Bearer realm="{AUDIENCE}"'
        assert "Authorization: Bearer" in answer.get_json()["error_description"]


def test_a_bad_token_is_invalid_token_and_says_why(client: FlaskClient, issuer: Issuer) -> None:
    answer = client.get("/read", headers=bearer(issuer.token(exp=1)))
    assert answer.status_code == 401
    assert 'error="invalid_token", error_description="The token has expired."' in answer.headers["WWW-Authenticate"]
    assert answer.json == {"error": "invalid_token", "error_description": "The token has expired."}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "missing"),
    [
        ("/delete", ["delete:reports"]),
        ("/all", ["delete:reports", "audit:reports"]),
        ("/none-of-any", ["delete:reports", "audit:reports"]),
    ],
)
def test_a_token_that_may_not_is_told_what_it_lacks(
    client: FlaskClient, issuer: Issuer, path: str, missing: list[str]
) -> None:
    answer = client.get(path, headers=bearer(issuer.token()))
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert f'scope="{" ".join(missing)}"' in answer.headers["WWW-Authenticate"]
    assert answer.get_json()["error"] == "insufficient_scope"
    assert answer.get_json()["missing_permissions"] == missing


def test_a_role_or_a_scope_of_the_same_name_is_no_permission(client: FlaskClient, issuer: Issuer) -> None:
    token = issuer.token(roles=["delete:reports"], scope="delete:reports", permissions=["delete:reports2"])
    assert client.get("/delete", headers=bearer(token)).status_code == 403


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer a b", "Bearer a,Bearer b", "Bearer é", 'Bearer "', "Bearer =a"]
)
def test_a_malformed_header_is_invalid_request(client: FlaskClient, header: str) -> None:
    answer = client.get("/read", headers={"Authorization": header})
    assert answer.status_code == 400
    assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]


def test_two_authorization_headers_are_refused(client: FlaskClient, issuer: Issuer) -> None:
    twice = [("Authorization", f"Bearer {issuer.token()}"), ("Authorization", f"Bearer {issuer.token()}")]
    assert client.get("/read", headers=twice).status_code == 400


def test_a_token_in_the_query_the_body_or_a_cookie_is_not_looked_at(client: FlaskClient, issuer: Issuer) -> None:
    token = issuer.token()
    client.set_cookie("access_token", token)
    assert client.get("/read", query_string={"access_token": token}).status_code == 401
    assert client.get("/read", data={"access_token": token}).status_code == 401


def test_while_the_keys_cannot_be_had_the_answer_is_to_try_again(client: FlaskClient, issuer: Issuer) -> None:
    issuer.answers["/jwks.json"] = lambda: Answer(b"{}", 500)
    answer = client.get("/read", headers=bearer(issuer.token()))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "WWW-Authenticate" not in answer.headers


def test_a_view_that_nothing_guards_has_no_current_token(client: FlaskClient, issuer: Issuer) -> None:
    assert client.get("/open", headers=bearer(issuer.token())).text == "open"


@pytest.mark.parametrize("permissions", [(), ("",), ("read reports",), ('a"b',), ("é",)])
def test_a_decorator_without_a_proper_permission_fails_when_the_application_starts(
    guard: Guard, permissions: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match="permission"):
        FlaskGuard(guard).require_any_permission(*permissions)
    with pytest.raises(ValueError, match="permission"):
        FlaskGuard(guard).require_all_permissions(*permissions)
