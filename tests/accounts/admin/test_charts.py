"""What is counted by day: on the overview, and on the pages of a client and of an API."""

from html import unescape

import pytest

from authserver.store import events as store
from authserver.store import users
from tests.accounts.admin.conftest import signed_in
from tests.accounts.admin.steps import find
from tests.accounts.site import NOW, Browser, Site

DAY = 86400
# RFC 7636, Appendix B.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # pragma: allowlist secret


def issued(site: Site, *details: str, back: int = 0) -> None:
    said = {"name": "token:access_token:issued", "client_id": "portal", "at": int(site.clock.now) - back * DAY}
    with site.app.server.database.write() as connection:
        store.append(connection, [said | {"detail": each} for each in details])


def test_tokens_of_an_api_are_counted_by_day_and_no_others(site: Site, root: Browser) -> None:
    issued(site, '{"api": "reports"}', '{"api": "reports"}', '{"api": "other"}', '{"api": null}', "{}")
    issued(site, '{"api": "reports"}', back=3)
    issued(site, '{"api": "reports"}', back=30)
    page = root.get("/admin/apis/reports").text
    assert "Access tokens: <strong>3</strong>" in page
    assert page.count("<rect") == 14
    assert "None in this period." not in page


def test_a_real_token_counts_for_its_api(site: Site, root: Browser) -> None:
    issued(site)
    own = signed_in(site, "ada")
    location = own.authorize(scope="openid").headers["Location"]
    assert "code=" in location
    code = location.partition("code=")[2].partition("&")[0]
    form = {"grant_type": "authorization_code", "client_id": "portal", "code": code}
    form |= {"redirect_uri": "https://portal.example.com/callback", "code_verifier": VERIFIER}
    assert own.post("/token", data=form).status_code == 200
    site.app.server.recorder.flush()
    assert "Access tokens: <strong>1</strong>" in root.get("/admin/apis/reports").text
    assert "Access tokens: <strong>0</strong>" in root.get("/admin/apis/authserver").text


def test_an_api_shows_its_permissions_clients_and_roles(site: Site, root: Browser) -> None:
    page = root.get("/admin/apis/reports").text
    for words in ("https://reports.example.com", "Read reports", "/admin/clients/portal", "/admin/roles/user"):
        assert words in page
    assert 'href="/admin/apis/reports"' in root.get("/admin/clients").text
    assert root.get("/admin/apis/nothing").status_code == 404
    assert signed_in(site, "mod").get("/admin/apis/reports").status_code == 403


@pytest.mark.parametrize("place", ["/admin/apis/reports", "/admin/clients/portal", "/admin"])
def test_where_there_is_nothing_to_draw_that_is_said(site: Site, root: Browser, place: str) -> None:
    page = unescape(root.get(place).text)
    assert "Access tokens: <strong>0</strong>" in page
    assert "None in this period." in page


def test_new_people_are_counted_by_day(site: Site, root: Browser) -> None:
    # Those of these tests were added at `NOW`.
    page = root.get("/admin").text
    assert "New people: <strong>4</strong>" in page
    with site.app.server.database.write() as connection:
        for number, back in enumerate((2, 2, 13, 15)):
            users.add(connection, username=f"p{number}", now=NOW - back * DAY)
    assert "New people: <strong>7</strong>" in root.get("/admin").text
    site.clock.now += 40 * DAY
    assert "New people: <strong>0</strong>" in signed_in(site, "root").get("/admin").text


def test_each_sees_the_days_of_what_they_may_see(site: Site, mod: Browser) -> None:
    moderator, auditor = mod.get("/admin").text, signed_in(site, "aud").get("/admin").text
    assert ("New people" in moderator, "Sign-ins" in moderator) == (True, False)
    assert ("New people" in auditor, "Sign-ins" in auditor) == (False, True)
    assert find(site, "aud").roles == ("auditor",)
