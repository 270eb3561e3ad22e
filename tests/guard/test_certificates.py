"""Tokens that are bound to a TLS certificate, at a guarded application, whatever framework it is in (RFC 8705 §3)."""

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver.guard import Guard, InvalidTokenError, SentRequest
from authserver.guard.checks.certificate import Certificates
from tests.flows.certificates import ISSUING, VAULT, Made, made
from tests.guard.conftest import Clock, build_guard
from tests.guard.frameworks import ASGI, WSGI, Header, Served, serving
from tests.guard.issuer import Issuer

OTHER = made("CN=other")
NAME = "X-Client-Cert"
# Where the test clients of WSGI and of ASGI say that they call from.
PEERS = ("127.0.0.1", "::1", "10.0.0.0/8")


@pytest.fixture(params=[*WSGI, *ASGI])
def served(request: pytest.FixtureRequest, issuer: Issuer, clock: Clock) -> Iterator[Served]:
    guard = build_guard(issuer, clock, certificate_header=NAME, trusted_proxies=PEERS)
    with serving(request.param, guard) as served:
        yield served


def bound(issuer: Issuer, certificate: Made = VAULT) -> str:
    return issuer.token(cnf={"x5t#S256": certificate.thumbprint})


def sent(token: str, certificate: Made | None) -> list[Header]:
    passed: list[Header] = [(NAME, quote(certificate.pem.decode(), safe=""))] if certificate else []
    return [("Authorization", f"Bearer {token}"), *passed]


def test_a_bound_token_reaches_the_route_with_its_certificate_alone(served: Served, issuer: Issuer) -> None:
    token = bound(issuer)
    assert served.get("/read", *sent(token, VAULT)).text == "ada"
    for certificate in (None, OTHER):
        answer = served.get("/read", *sent(token, certificate))
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    refused = served.get("/delete", *sent(token, VAULT))
    assert (refused.status_code, refused.headers["WWW-Authenticate"].partition(" ")[0]) == (403, "Bearer")
    # One that is not bound needs none, and is none the worse for it.
    assert served.get("/read", *sent(issuer.token(), None)).text == "ada"
    assert served.get("/read", *sent(issuer.token(), OTHER)).text == "ada"


def admitted(guard: Guard, token: str, origin: dict[str, Any]) -> bool:
    request = SentRequest([f"Bearer {token}"], [], "GET", "/read", origin)
    try:
        both = guard.admit(request), asyncio.run(guard.admit_async(request))
    except InvalidTokenError:
        return False
    return [each.sub for each in both] == ["ada", "ada"]


def wsgi(peer: str, **variables: str) -> dict[str, Any]:
    return {"REQUEST_METHOD": "GET", "REMOTE_ADDR": peer} | variables


def asgi(peer: str | None, *values: str, **scope: Any) -> dict[str, Any]:
    headers = [(NAME.lower().encode(), value.encode()) for value in values]
    return {"type": "http", "headers": headers, "client": peer and (peer, 1234)} | scope


def test_a_header_is_believed_from_a_trusted_proxy_alone(issuer: Issuer, clock: Clock) -> None:
    guard = build_guard(issuer, clock, certificate_header=NAME, trusted_proxies=["10.0.0.0/8"])
    token, value = bound(issuer), VAULT.base64
    for peer, is_admitted in (("10.1.2.3", True), ("::ffff:10.1.2.3", True), ("192.0.2.1", False), ("", False)):
        assert admitted(guard, token, wsgi(peer, HTTP_X_CLIENT_CERT=value)) is is_admitted
        assert admitted(guard, token, asgi(peer, value)) is is_admitted
    assert not admitted(guard, token, asgi(None, value))
    # Sent twice, one of them was not the proxy's.
    assert not admitted(guard, token, asgi("10.1.2.3", value, value))
    # With a header, nothing else counts.
    assert not admitted(guard, token, wsgi("10.1.2.3", SSL_CLIENT_CERT=VAULT.pem.decode()))
    assert not admitted(guard, token, {})


def test_without_a_header_the_certificate_is_that_of_the_server(issuer: Issuer, guard: Guard) -> None:
    token, pem = bound(issuer), VAULT.pem.decode()
    assert admitted(guard, token, wsgi("192.0.2.1", SSL_CLIENT_CERT=pem))
    assert admitted(guard, token, asgi("192.0.2.1", extensions={"tls": {"client_cert_chain": [pem]}}))
    for origin in (
        wsgi("127.0.0.1", HTTP_X_CLIENT_CERT=VAULT.base64, HTTP_SSL_CLIENT_CERT=pem),
        asgi("127.0.0.1", VAULT.base64, extensions={"tls": {"client_cert_chain": []}}),
        asgi("127.0.0.1", extensions={"tls": None}),
    ):
        assert not admitted(guard, token, origin)


def test_without_its_request_a_bound_token_is_refused(guard: Guard, issuer: Issuer) -> None:
    with pytest.raises(InvalidTokenError, match="bound to a TLS certificate"):
        guard.verify(bound(issuer))
    for cnf in ({"x5t#S256": VAULT.thumbprint, "jkt": "x"}, {"x5t#S256": 7}, {"x5t#S256": None}, {}, "x"):
        origin = wsgi("192.0.2.1", SSL_CLIENT_CERT=VAULT.pem.decode())
        assert not admitted(guard, issuer.token(cnf=cnf), origin)


def test_a_header_and_its_proxies_belong_together(issuer: Issuer) -> None:
    for options in ({"certificate_header": NAME}, {"trusted_proxies": ["10.0.0.0/8"]}):
        with pytest.raises(ValueError, match="belong together"):
            Guard(issuer.url, "reports", **options)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Client-Cert", f"{VAULT.base64},{ISSUING.base64}"),
        ("X-Client-Cert", VAULT.pem.decode().replace("\n", " ")),
        ("Client-Cert", f":{VAULT.base64}:"),
        (
            "X-Forwarded-Client-Cert",
            f'Hash=00;Cert="{quote(VAULT.pem.decode(), safe="")}";Subject="/O=A, B;\\"C\\"";URI=',
        ),
    ],
)
def test_each_proxy_is_understood(name: str, value: str) -> None:
    found = Certificates(name, ["10.0.0.1"])
    variable = "HTTP_" + name.upper().replace("-", "_")
    assert found.thumbprint(wsgi("10.0.0.1", **{variable: value})) == VAULT.thumbprint
    twice = f"{value},{value}"
    if name != "X-Client-Cert":
        assert found.thumbprint(wsgi("10.0.0.1", **{variable: twice})) is None


@given(
    name=st.sampled_from(["Client-Cert", "X-Forwarded-Client-Cert", "X-Client-Cert"]),
    value=st.one_of(st.text(max_size=60), st.text('ceCrtEBGIN-=":;,%0aA\\ /+', max_size=200)),
)
def test_whatever_stands_in_a_header_is_a_certificate_or_none(name: str, value: str) -> None:
    variable = "HTTP_" + name.upper().replace("-", "_")
    found = Certificates(name, ["10.0.0.1"]).thumbprint(wsgi("10.0.0.1", **{variable: value}))
    assert found is None or len(found) == 43
