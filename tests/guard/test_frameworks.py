"""What a caller of a guarded application is answered, whatever framework it is written in: RFC 6750 §3."""

import asyncio
import threading
from collections.abc import Iterator

import httpx
import pytest
from fastapi import Depends, FastAPI

from authserver.guard import Guard, asgi, django, fastapi, flask, starlette, wsgi
from authserver.guard.protection import Protection
from tests.guard.conftest import Clock
from tests.guard.frameworks import ASGI, WSGI, Header, Served, get, serving
from tests.guard.issuer import AUDIENCE, Answer, Issuer
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
    assert answer.headers["WWW-Authenticate"] == f'Bearer realm="{AUDIENCE}"'
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
    ("path", "missing"),
    [
        ("/delete", ["delete:reports"]),
        ("/all", ["delete:reports", "audit:reports"]),
        ("/none-of-any", ["delete:reports", "audit:reports"]),
    ],
)
def test_a_token_that_may_not_is_told_what_it_lacks(
    served: Served, issuer: Issuer, path: str, missing: list[str]
) -> None:
    answer = served.get(path, bearer(issuer.token()))
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    assert f'scope="{" ".join(missing)}"' in answer.headers["WWW-Authenticate"]
    assert answer.json()["error"] == "insufficient_scope"
    assert answer.json()["missing_permissions"] == missing


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
