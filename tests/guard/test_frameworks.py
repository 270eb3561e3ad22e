"""What a caller of a guarded application is answered, whatever framework it is written in: RFC 6750 §3."""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI

from authserver.guard import Guard, asgi, django, fastapi, flask, starlette, wsgi
from authserver.guard.protection import Protection
from tests.guard.conftest import Clock
from tests.guard.frameworks import ASGI, WSGI, Header, Served, get, serving
from tests.guard.issuer import AUDIENCE, NOW, Answer, Issuer
from tests.patience import PATIENCE

JWKS = "/jwks.json"
BODIES = {
    "missing_token": b'{"error": "missing_token", "error_description": '
    b'"Send an access token in the header: Authorization: Bearer <token>."}',
    "expired": b'{"error": "invalid_token", "error_description": "The token has expired."}',
}


@pytest.fixture(params=[*WSGI, *ASGI])
def served(request: pytest.FixtureRequest, guard: Guard) -> Iterator[Served]:
    with serving(request.param, guard) as served:
        yield served


def bearer(token: str) -> Header:
    return "Authorization", f"Bearer {token}"


def test_a_token_that_may_reaches_the_route(served: Served, issuer: Issuer) -> None:
    answer = served.get("/read", bearer(issuer.token()))
    assert (answer.status_code, answer.text) == (200, "ada")
    assert served.get("/me", bearer(issuer.token(permissions=None))).text == "ada"
    assert served.get("/any", ("authorization", f"bEARER  {issuer.token()}")).text == "ada"


def test_what_changes_something_needs_the_token_and_nothing_else(served: Served, issuer: Issuer) -> None:
    assert served.get("/read", bearer(issuer.token()), method="POST").text == "ada"
    assert served.get("/read", method="POST").status_code == 401


@pytest.mark.parametrize("headers", [[], [("Authorization", "Basic YTpi")], [("Authorization", "")]])
def test_a_request_without_a_token_is_challenged_without_an_error_code(served: Served, headers: list[Header]) -> None:
    answer = served.get("/read", *headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith(f'Bearer realm="{AUDIENCE}", DPoP algs="')
    assert "error" not in answer.headers["WWW-Authenticate"]
    assert answer.content == BODIES["missing_token"]


def test_a_bad_token_is_invalid_token_and_says_why(served: Served, issuer: Issuer) -> None:
    answer = served.get("/read", bearer(issuer.token(exp=1)))
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer realm="{AUDIENCE}", error="invalid_token", error_description="The token has expired."'
    )
    assert answer.content == BODIES["expired"]
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Content-Length"] == str(len(answer.content))
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "missing", "needed"),
    [
        ("/delete", ["delete:reports"], "delete:reports"),
        ("/all", ["delete:reports", "audit:reports"], "read:reports delete:reports audit:reports"),
        ("/none-of-any", ["delete:reports", "audit:reports"], "delete:reports audit:reports"),
        ("/scopes", ["delete:reports"], "openid delete:reports"),
    ],
)
def test_a_token_that_may_not_is_told_what_it_lacks_and_all_that_is_needed(
    served: Served, issuer: Issuer, path: str, missing: list[str], needed: str
) -> None:
    answer = served.get(path, bearer(issuer.token()))
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert f'scope="{needed}"' in answer.headers["WWW-Authenticate"]
    assert answer.json()["error"] == "insufficient_scope"
    assert answer.json()["missing_permissions"] == missing


def test_each_permission_is_a_scope_also_where_the_client_asked_for_none(served: Served, issuer: Issuer) -> None:
    assert served.get("/scope", bearer(issuer.token())).status_code == 200
    assert served.get("/scope", bearer(issuer.token(scope="profile read:reports", permissions=None))).text == "ada"
    assert served.get("/scope", bearer(issuer.token(scope="openid"))).status_code == 403


@pytest.mark.parametrize(
    ("path", "claims", "demanded"),
    [
        ("/level", {"acr": "1", "auth_time": NOW}, {"acr_values": ["2", "3"]}),
        ("/level", {}, {"acr_values": ["2", "3"]}),
        ("/level", {"acr": ["2"]}, {"acr_values": ["2", "3"]}),
        ("/recent", {"acr": "2", "auth_time": NOW - 331}, {"max_age": 300}),
        ("/recent", {"acr": "2"}, {"max_age": 300}),
        ("/recent", {"auth_time": str(NOW)}, {"max_age": 300}),
        ("/both", {"acr": "1", "auth_time": NOW - 331}, {"acr_values": ["1"], "max_age": 300}),
        ("/both", {"acr": "0", "auth_time": NOW}, {"acr_values": ["1"], "max_age": 300}),
    ],
)
def test_who_must_sign_in_again_is_told_how_and_how_recently(
    served: Served, issuer: Issuer, path: str, claims: dict[str, Any], demanded: dict[str, Any]
) -> None:
    answer = served.get(path, bearer(issuer.token(**claims)))
    challenge = answer.headers["WWW-Authenticate"]
    assert (answer.status_code, 'error="insufficient_user_authentication"' in challenge) == (401, True)
    for name in ("acr_values", "max_age"):
        assert (f'{name}="' in challenge) is (name in demanded)
    told = {name: value for name, value in answer.json().items() if name in {"acr_values", "max_age"}}
    assert told == demanded


def test_who_signed_in_as_is_demanded_is_let_through(served: Served, issuer: Issuer) -> None:
    assert served.get("/level", bearer(issuer.token(acr="3"))).text == "ada"
    # Thirty seconds more, as the clocks of two machines may differ.
    assert served.get("/recent", bearer(issuer.token(auth_time=NOW - 330))).text == "ada"
    assert served.get("/both", bearer(issuer.token(acr="1", auth_time=NOW - 1))).text == "ada"


def test_each_challenge_says_where_the_metadata_are(issuer: Issuer, served: Served, guard: Guard) -> None:
    guard.resource_metadata = "https://login.example.com/.well-known/oauth-protected-resource/reports"
    for path, headers in (
        ("/read", []),
        ("/read", [bearer(issuer.token(exp=1))]),
        ("/delete", [bearer(issuer.token())]),
        ("/level", [bearer(issuer.token())]),
    ):
        challenge = served.get(path, *headers).headers["WWW-Authenticate"]
        assert f', resource_metadata="{guard.resource_metadata}"' in challenge


def test_a_role_or_a_scope_of_the_same_name_is_no_permission(served: Served, issuer: Issuer) -> None:
    token = issuer.token(roles=["delete:reports"], scope="delete:reports", permissions=["delete:reports2"])
    assert served.get("/delete", bearer(token)).status_code == 403


@pytest.mark.parametrize(
    "header", [b"Bearer", b"Bearer ", b"Bearer a b", b"Bearer a,Bearer b", b'Bearer "', b"Bearer =a"]
)
def test_a_malformed_header_is_invalid_request(served: Served, header: bytes) -> None:
    answer = served.get("/read", ("Authorization", header))
    assert answer.status_code == 400
    assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]


def test_a_token_in_the_query_the_body_or_a_cookie_is_not_looked_at(served: Served, issuer: Issuer) -> None:
    token = issuer.token()
    assert served.get("/read", params={"access_token": token}).status_code == 401
    assert served.get("/read", method="POST", data={"access_token": token}).status_code == 401
    assert served.get("/read", ("Cookie", f"access_token={token}")).status_code == 401


def test_while_the_keys_cannot_be_had_the_answer_is_to_try_again(served: Served, issuer: Issuer) -> None:
    issuer.answers[JWKS] = lambda: Answer(b"{}", 500)
    answer = served.get("/read", bearer(issuer.token()))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "WWW-Authenticate" not in answer.headers


def test_a_route_that_nothing_guards_has_no_current_token(served: Served, issuer: Issuer) -> None:
    assert served.get("/open", bearer(issuer.token())).text == "RuntimeError"


def test_bad_tokens_by_the_hundred_cost_one_fetch(served: Served, issuer: Issuer) -> None:
    assert served.get("/read", bearer(issuer.token())).status_code == 200
    before = issuer.requests.count(JWKS)
    for number in range(200):
        assert served.get("/read", bearer(issuer.token(header={"kid": f"unknown-{number}"}))).status_code == 401
    assert issuer.requests.count(JWKS) == before + 1


def test_an_issuer_that_is_down_is_outlived_on_the_keys_at_hand(served: Served, issuer: Issuer, clock: Clock) -> None:
    token = issuer.token(exp=clock.now + 10**6)
    assert served.get("/read", bearer(token)).status_code == 200
    issuer.answers[JWKS] = lambda: Answer(b"{}", 500)
    clock.now += 80_000
    for _ in range(20):
        assert served.get("/read", bearer(token)).text == "ada"


@pytest.mark.parametrize("framework", ASGI)
def test_an_event_loop_goes_on_while_the_keys_are_fetched(framework: str, guard: Guard, issuer: Issuer) -> None:
    go = threading.Event()
    jwks = issuer._answer(JWKS)

    def slow() -> Answer:
        assert go.wait(PATIENCE)
        return jwks

    async def talk(served: Served) -> tuple[httpx.Response, httpx.Response]:
        waiting = asyncio.create_task(get(served.app, bearer(issuer.token()), path="/read"))
        while JWKS not in issuer.requests:
            await asyncio.sleep(0.005)
        meanwhile = await get(served.app, path="/open")
        assert not waiting.done()
        go.set()
        return meanwhile, await waiting

    issuer.answers[JWKS] = slow
    with serving(framework, guard) as served:
        meanwhile, waited = asyncio.run(talk(served))
    assert (meanwhile.status_code, waited.status_code) == (200, 200)


def test_headers_that_only_some_servers_let_through_are_refused_where_they_arrive(guard: Guard, issuer: Issuer) -> None:
    header = bearer(issuer.token())
    for framework in sorted(ASGI.keys() - {"django async"}):
        with serving(framework, guard) as served:
            assert served.get("/read", header, header).status_code == 400
            assert served.get("/read", ("Authorization", b"Bearer \xe9")).status_code == 400


@pytest.mark.parametrize("permissions", [(), ("",), ("read reports",), ('a"b',), ("é",)])
@pytest.mark.parametrize(
    "kind",
    [flask.FlaskGuard, wsgi.WsgiGuard, asgi.AsgiGuard, starlette.StarletteGuard, django.DjangoGuard],
)
def test_a_requirement_without_a_proper_permission_fails_when_the_application_starts(
    guard: Guard, kind: type[Protection[object]], permissions: tuple[str, ...]
) -> None:
    for require in (kind(guard).require_any_permission, kind(guard).require_all_permissions):
        with pytest.raises(ValueError, match="permission"):
            require(*permissions)


def test_a_token_says_itself_what_it_may(issuer: Issuer, guard: Guard) -> None:
    token = guard.verify(issuer.token())
    assert token.has_permission("read:reports")
    assert not token.has_permission("delete:reports")
    assert token.has_all_permissions("read:reports", "write:reports")
    assert not token.has_all_permissions("read:reports", "delete:reports")
    assert token.has_any_permission("delete:reports", "write:reports")
    assert not token.has_any_permission("delete:reports")


def test_fastapi_describes_the_token_in_its_openapi_document(guard: Guard) -> None:
    with serving("fastapi", guard) as served:
        described = served.get("/openapi.json").json()
    assert described["components"]["securitySchemes"] == {
        "AccessToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    assert described["paths"]["/read"]["get"]["security"] == [{"AccessToken": []}]
    assert "security" not in described["paths"]["/open"]["get"]


def test_a_refusal_of_fastapi_is_right_in_an_application_that_was_not_told(guard: Guard, issuer: Issuer) -> None:
    told, untold = FastAPI(), FastAPI()
    required = fastapi.FastAPIGuard(guard, told).require_permission("delete:reports")
    untold.add_api_route("/", lambda: "never", dependencies=[Depends(required)])
    answer = asyncio.run(get(untold, bearer(issuer.token())))
    assert answer.status_code == 403
    assert 'scope="delete:reports"' in answer.headers["WWW-Authenticate"]
