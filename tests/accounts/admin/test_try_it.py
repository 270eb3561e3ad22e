"""A sign-in that is only rehearsed: each step is shown, and nothing comes of it."""

from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select

from authserver.store import users
from authserver.store.allowed.tables import authorizations, refresh_tokens
from authserver.store.tables import authorization_requests
from tests.accounts.admin.conftest import CLIENTS, signed_in
from tests.accounts.admin.steps import token_on
from tests.accounts.conftest import MakeSite
from tests.accounts.site import Browser, Site

PATH = "/admin/try/portal"
CALLBACK = "https://portal.example.com/callback"


def run(browser: Browser, path: str = PATH, **fields: str) -> str:
    page = browser.get(path).text
    answer = browser.post(path, data={"csrf_token": token_on(page)} | fields)
    assert answer.status_code == 200
    return unescape(answer.text)


def rows(site: Site) -> list[Any]:
    with site.app.server.database.read() as connection:
        tables = (authorizations, refresh_tokens, authorization_requests)
        return [connection.scalar(select(func.count()).select_from(table)) for table in tables]


def test_each_step_is_shown_with_what_a_library_checks_and_nothing_is_issued(site: Site, root: Browser) -> None:
    before = rows(site)
    page = run(root)
    assert "/authorize?response_type=code&client_id=portal&redirect_uri=https%3A%2F%2Fportal" in page
    assert f"{CALLBACK}?code=…&state=" in page
    assert "client_id=portal" in page.partition("POST http://localhost:8080/token")[2]
    assert '"aud": "portal"' in page
    assert '"typ": "at+jwt"' in page
    assert '"https://reports.example.com"' in page
    assert "nonce is the one that it sent" in page
    assert rows(site) == before
    site.app.server.recorder.flush()
    assert "client:sign_in:rehearsed" in root.get("/admin/events").text
    # Nothing on the page is a token or opens anything.
    assert "eyJhbGci" not in page


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"redirect_uri": CALLBACK + "/"}, "redirect_uri is not one that is registered for this client."),
        ({"redirect_uri": "javascript:alert(1)"}, "redirect_uri is not one that is registered for this client."),
        ({"resource": "https://nobody.example.com"}, "invalid_target"),
    ],
)
def test_where_it_would_end_is_said(site: Site, root: Browser, fields: dict[str, str], why: str) -> None:
    before = rows(site)
    page = run(root, **fields)
    assert "Here it would end:" in page
    assert why in page
    assert "2. The browser brings the answer" not in page
    assert 'href="javascript' not in page
    assert rows(site) == before


def test_what_is_typed_is_text(root: Browser) -> None:
    answer = root.post(
        PATH, data={"csrf_token": token_on(root.get(PATH).text), "scope": '"><script>x', "resource": "<b>"}
    )
    assert "<script>x" not in answer.text
    assert "<b>" not in answer.text


def test_there_is_nothing_to_try_of_nobody(root: Browser) -> None:
    assert root.get("/admin/try/nobody").status_code == 404


MORE = """
  - {client_id: desk, name: Desk, type: spa, redirect_uris: ["https://desk.example.com/"],
     require_pushed_authorization_requests: true}
  - {client_id: bank, name: Bank, type: web, redirect_uris: ["https://bank.example.com/"], auth_method: tls_client_auth,
     tls_client_auth_san_dns: bank.example.com}
"""


def test_what_a_client_must_do_besides_is_shown_as_it_does_it(make_site: MakeSite) -> None:
    by_proxy = {"mtls_header": "X-Client-Cert", "mtls_url": "https://mtls.example.com", "trusted_proxies": "192.0.2.1"}
    site = make_site(CLIENTS + MORE, **by_proxy)
    person = site.add("root", "root@example.com", "Root")
    with site.app.server.database.write() as connection:
        users.set_roles(connection, person.sub, ["admin"], 1)
    root = signed_in(site, "root")
    page = run(root, "/admin/try/desk")
    pushed = page.partition("POST http://localhost:8080/par")[2].partition("</pre>")[0]
    assert "redirect_uri=https%3A%2F%2Fdesk.example.com%2F" in pushed
    assert "/authorize?client_id=desk&request_uri=urn:ietf:params:oauth:request_uri:…" in page
    page = run(root, "/admin/try/bank")
    called = page.partition("POST https://mtls.example.com/token")[2].partition("</pre>")[0]
    assert "Basic" not in called
    assert "TLS client certificate" in called
    assert "client_id=bank" in called
