"""Attacks on the pages for administrators by those who hold less than they want, and by what strangers registered."""

import re

import pytest

from authserver.admin import PAGES
from authserver.clients.registration.metadata import accepted
from authserver.signin.own_pages import own_page
from authserver.store.registration import clients
from tests.accounts.admin.conftest import signed_in
from tests.accounts.admin.steps import SAMPLES, at, token_on
from tests.accounts.site import Browser, Site


@pytest.mark.parametrize("rule", [rule for rule, _view, methods in PAGES if "POST" in methods])
def test_whoever_signed_in_long_ago_is_led_back_to_the_form_that_they_sent(
    site: Site, root: Browser, rule: str
) -> None:
    for name, value in SAMPLES.items():
        rule = rule.replace(name, value)
    path = at(site, rule)
    token = token_on(root.get("/account/profile").text)
    site.clock.now += site.app.server.settings.fresh_authentication + 1
    answer = root.post(path, data={"csrf_token": token, "email": "new@example.com", "act": "disable"})
    assert answer.status_code == 303
    assert "sign in again first" in root.get(path).text or path.startswith("/admin/try")
    root.visit(answer.headers["Location"].removeprefix(site.app.server.settings.issuer))
    assert root.sign_in("root").headers["Location"].endswith(path)


def test_what_a_stranger_registered_turns_no_text_round(site: Site) -> None:
    contacts = ["\u202egro.elpmaxe@nimda\u2066", "\x9b31m", "\U000e0041"]
    said = {"redirect_uris": ["https://a.example/cb"], "contacts": contacts, "token_endpoint_auth_method": "none"}
    metadata = accepted(said, (), site.app.server.registry)
    with site.app.server.database.write() as connection:
        now = site.app.server.now()
        clients.add(connection, "dcr.x", metadata, secret_digest=None, token="x", allowed=(), now=now)
    page = signed_in(site, "root").get("/admin/clients/dcr.x").text
    assert "\\u202egro.elpmaxe" in page
    assert all(each.isprintable() or each == "\n" for each in page)


@pytest.mark.parametrize("name", ["//evil.example", "../../logout", "a/b?x#y", "\\evil.example", "%2e%2e"])
def test_the_way_back_to_a_client_stays_below_its_page(name: str) -> None:
    page = own_page(f"try:{name}")
    assert page is not None
    assert re.fullmatch(r"/admin/try/[A-Za-z0-9_.~%-]+", page.path)


@pytest.mark.parametrize("name", ["", "a b", "a\n", "ä", "a" * 201])
def test_what_is_no_id_of_a_client_leads_nowhere(name: str) -> None:
    assert own_page(f"try:{name}") is None
