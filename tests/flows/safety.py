"""What every answer must hold, whichever test asked for it: pages for people, JSON for machines."""

import re
from http.cookies import SimpleCookie

from werkzeug.test import TestResponse

from tests.flows.page import Page

# RFC 6749 §5.2: what an error code and a description may hold.
DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]*\Z")
TOKEN_ERRORS = frozenset(
    {
        "invalid_client_metadata",
        "invalid_redirect_uri",
        "unapproved_software_statement",
        "invalid_request",
        "invalid_client",
        "access_denied",
        "authorization_pending",
        "expired_token",
        "slow_down",
        "invalid_grant",
        "unauthorized_client",
        "unsupported_grant_type",
        "invalid_scope",
        "invalid_target",
        "invalid_token",
        "insufficient_scope",
        "insufficient_user_authentication",
        "invalid_dpop_proof",
        "use_dpop_nonce",
        "temporarily_unavailable",
        # RFC 9126 §2.3: what the authorization endpoint would answer.
        "unsupported_response_type",
        "request_not_supported",
        "invalid_request_object",
        "registration_not_supported",
    }
)
SCRIPT_SCHEMES = ("javascript:", "data:", "vbscript:", "file:", "blob:")


def check_page_answer(response: TestResponse, issuer: str) -> None:
    """Headers, cookies and status of anything that a browser is shown or sent on with."""
    headers, secure = response.headers, issuer.startswith("https://")
    assert response.status_code < 500 or "Retry-After" in headers, response.text
    # RFC 9700 §4.12: never 307 or 308, which would repeat a password to the client.
    assert response.status_code not in {301, 307, 308}
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] in {"no-referrer", "same-origin"}
    assert headers["X-Request-Id"]
    policy = headers["Content-Security-Policy"]
    for directive in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action "):
        assert directive in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "Access-Control-Allow-Origin" not in headers
    assert ("Strict-Transport-Security" in headers) is secure
    _check_cookies(headers.getlist("Set-Cookie"), secure)


def check_markup(page: Page) -> None:
    """No script, style or handler in the page itself, nothing from elsewhere, no link that runs."""
    assert page.headings.get("title")
    assert page.heading
    assert not any(page.inline)
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on") or name == "style"], (tag, attributes)
        for name in ("src", "href", "action", "formaction"):
            value = (attributes.get(name) or "").lower().strip()
            assert not value.startswith(SCRIPT_SCHEMES), (tag, value)
            if tag in {"script", "link", "img"} and name in {"src", "href"} and value:
                assert value.startswith("/"), (tag, value)
                assert not value.startswith("//"), (tag, value)
        assert tag not in {"iframe", "object", "embed", "base"}
        assert not (tag == "meta" and (attributes.get("http-equiv") or "").lower() == "refresh")


def check_json_answer(response: TestResponse) -> None:
    """Headers and error format of anything that a machine is answered (RFC 6749 §5.1, §5.2)."""
    headers = response.headers
    assert response.status_code < 500 or "Retry-After" in headers, response.text
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers
    assert "Access-Control-Allow-Credentials" not in headers
    if response.data:
        assert headers["Content-Type"] == "application/json"
    if response.status_code >= 400:
        body = response.get_json()
        assert body["error"] in TOKEN_ERRORS
        assert DESCRIPTION.match(body["error_description"]), body


def _check_cookies(cookies: list[str], secure: bool) -> None:
    for text in cookies:
        for name, cookie in SimpleCookie(text).items():
            assert cookie["httponly"], text
            assert cookie["samesite"] == "Lax", text
            assert cookie["path"] == "/", text
            assert not cookie["domain"], text
            assert bool(cookie["secure"]) is secure, text
            assert name.startswith("__Host-") is secure, text
