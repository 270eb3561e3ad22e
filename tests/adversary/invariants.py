"""What holds whatever was sent."""

import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlsplit

from werkzeug.test import TestResponse

from authserver.protocol.client.registry import Registry
from tests.adversary.sent import Sent
from tests.adversary.spoil import CANARIES, WORKED_OUT
from tests.flows import safety
from tests.flows.page import read
from tests.flows.provider import Provider

TRACES = ("Traceback (most recent call last)", "werkzeug", "sqlalchemy", "psycopg", "site-packages", "root:x:0")
ANSWER = frozenset({"code", "state", "iss", "error", "error_description"})
LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\])):[1-9][0-9]{0,4}(?=[/?])")


def check(provider: Provider, sent: Sent, response: TestResponse, *, machine: bool) -> None:
    """Assert every invariant on an answer."""
    text = response.get_data(as_text=True)
    assert response.status_code < 500, text
    for name, value in response.headers:
        assert not re.search(r"[\r\n\0]", name + value), (name, value)
        assert "<script>" not in value, (name, value)
        assert name.lower() != "x-injected"
    assert WORKED_OUT not in text
    for trace in TRACES:
        assert trace not in text
    _check_location(provider, response.headers.get("Location"))
    if machine:
        _check_machine(sent.method, response, text)
        _check_canaries(sent.path, response, text)
    elif not sent.path.startswith("/static/") or response.status_code != 200:
        _check_page(provider, response, text)


def _check_machine(method: str, response: TestResponse, text: str) -> None:
    # What was made is where it says; nobody is sent anywhere.
    assert "Location" not in response.headers or response.status_code == 201
    assert "Set-Cookie" not in response.headers
    if response.status_code >= 400 and method != "HEAD":
        if response.mimetype == "application/problem+json":
            assert response.get_json().keys() >= {"type", "title", "status", "error", "detail"}
        elif response.data:
            safety.check_json_answer(response)
            assert response.get_json().keys() == {"error", "error_description"}


def _check_canaries(path: str, response: TestResponse, text: str) -> None:
    # RFC 7591 §3.2.1: what a client registered is what it is answered, as JSON. So are administrators.
    if response.status_code < 400 and path.startswith(("/register", "/api/v1/")):
        return
    for canary in CANARIES:
        assert canary.decode() not in text


def _check_page(provider: Provider, response: TestResponse, text: str) -> None:
    safety.check_page_answer(response, provider.issuer)
    if response.headers.get("Content-Disposition", "").startswith("attachment"):
        # A file of data, which no browser takes for a page.
        assert response.mimetype != "text/html"
        return
    if not text:
        return
    for canary in CANARIES[:3]:
        assert canary.decode() not in text
    assert response.mimetype == "text/html"
    # Most pages are the same but for the id of their request.
    request_id = response.headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]+", request_id)
    _check_markup(text.replace(request_id, "0"), provider.issuer, _registered(provider.app.server.registry))


@lru_cache(maxsize=1024)
def _check_markup(text: str, issuer: str, registered: frozenset[str]) -> None:
    page = read(text)
    safety.check_markup(page)
    for tag, attributes in page.elements:
        for name in ("href", "action", "src", "formaction"):
            target = attributes.get(name)
            # What a phone hands to an authenticator app, and no browser opens.
            if tag == "a" and (target or "").startswith("otpauth://totp/"):
                continue
            is_within = re.match("#|/(?!/)", target or "#")
            assert is_within or _is_known(str(target), issuer, registered), (tag, target)


def _check_location(provider: Provider, location: str | None) -> None:
    if location is None:
        return
    assert location.isascii()
    assert "<" not in location
    assert _is_known(location, provider.issuer, _registered(provider.app.server.registry)), location
    if not location.startswith(f"{provider.issuer}/"):
        names = [name for name, _ in parse_qsl(urlsplit(location).query, keep_blank_values=True)]
        answer = [name for name in names if name in ANSWER]
        assert len(answer) == len(set(answer)), location
        assert not {"code", "error"} <= set(answer), location


def _is_known(uri: str, issuer: str, registered: frozenset[str]) -> bool:
    """Within the issuer, or a registered URI with nothing but a response appended."""
    if uri == issuer or uri.startswith(f"{issuer}/"):
        return urlsplit(uri).netloc == urlsplit(issuer).netloc
    return any(
        candidate == known or candidate.startswith(known + ("&" if "?" in known else "?"))
        for known in registered
        for candidate in {uri, LOOPBACK.sub(r"\1", uri)}
    )


def _registered(registry: Registry) -> frozenset[str]:
    return frozenset(
        uri
        for client in registry.clients.values()
        for uri in (*client.redirect_uris, *client.post_logout_redirect_uris)
    )
