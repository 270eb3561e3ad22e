"""Who may open the pages for administrators: each page by its permission, and nothing is said to anybody else."""

import pytest

from authserver.store import users
from tests.accounts.admin.conftest import signed_in
from tests.accounts.admin.steps import PLACES, act, at, find, token_on
from tests.accounts.site import Browser, Site


@pytest.mark.parametrize("place", PLACES)
def test_who_is_not_signed_in_is_asked_to(site: Site, place: str) -> None:
    response = site.browser().get(at(site, place))
    assert response.status_code == 303
    assert response.headers["Location"].endswith("/sign-in?to=admin")


@pytest.mark.parametrize("place", PLACES)
def test_a_guest_gets_403_and_no_hint(site: Site, place: str) -> None:
    guest = signed_in(site, "ada")
    response = guest.get(at(site, place))
    assert response.status_code == 403
    assert "Your account doesn’t have the rights for it." in response.text
    assert not {"portal", "root@", "kid", "token:", "clients.yaml"} & set(response.text.split())
    assert "/admin" not in guest.get("/account").text


@pytest.mark.parametrize("place", PLACES)
def test_an_administrator_may_open_each(site: Site, root: Browser, place: str) -> None:
    assert root.get(at(site, place)).status_code == 200


def test_the_account_leads_to_the_pages(root: Browser) -> None:
    assert 'href="/admin"' in root.get("/account").text


def test_who_may_read_events_alone_sees_events_mail_and_the_overview(site: Site) -> None:
    auditor = signed_in(site, "aud")
    opened = {place for place in PLACES if auditor.get(at(site, place)).status_code == 200}
    letters = {"/admin/mail/letters/invite", "/admin/mail/letters/invite/html"}
    assert opened == {"/admin", "/admin/events", "/admin/mail", *letters}
    home = auditor.get("/admin").text
    assert "/admin/people" not in home
    assert "/admin/keys" not in home
    assert auditor.get(f"/admin/people/{find(site, 'ada').sub}").status_code == 403


def test_who_may_only_look_gets_no_buttons_and_no_act(site: Site) -> None:
    looker = site.add("eve", "eve@example.com")
    with site.app.server.database.write() as connection:
        users.set_roles(connection, looker.sub, ["looker"], 1)
    eve, ada = signed_in(site, "eve"), find(site, "ada")
    page = eve.get(f"/admin/people/{ada.sub}").text
    assert 'name="act"' in page
    assert "Disable the account" not in page
    assert "<fieldset disabled" in page
    for name in ("roles", "disable", "unlock", "end_sessions", "delete", "no-such-act"):
        assert act(eve, ada, name).status_code == 403
    assert eve.get("/admin/people/new").status_code == 403


def test_a_role_that_is_taken_away_closes_the_pages_at_once(site: Site, mod: Browser) -> None:
    assert mod.get("/admin/people").status_code == 200
    with site.app.server.database.write() as connection:
        users.set_roles(connection, find(site, "mod").sub, ["user"], 2)
    assert mod.get("/admin/people").status_code == 403


def test_a_sign_in_of_long_ago_changes_nothing_and_leads_back_to_the_person(site: Site, root: Browser) -> None:
    ada = find(site, "ada")
    site.clock.now += site.app.server.settings.fresh_authentication + 1
    page = root.get(f"/admin/people/{ada.sub}").text
    assert "sign in again first" in page
    assert "Disable the account" not in page
    response = act(root, ada, "disable")
    assert response.status_code == 303
    assert response.headers["Location"].endswith(f"/sign-in?to=person:{ada.sub}")
    assert find(site, "ada").disabled_at is None
    root.visit(f"/sign-in?to=person:{ada.sub}")
    onward = root.sign_in("root").headers["Location"]
    assert onward.endswith(f"/admin/people/{ada.sub}")
    assert act(root, ada, "disable").status_code == 303
    assert find(site, "ada").disabled_at is not None


@pytest.mark.parametrize("name", ["", "../x", "//evil.example", "a/b", "a" * 33])
def test_the_way_back_leads_nowhere_else(root: Browser, name: str) -> None:
    root.visit(f"/sign-in?another=1&to=person:{name}")
    assert root.sign_in("root").headers["Location"] == "http://localhost:8080/"


def test_a_form_of_another_site_does_nothing(site: Site, root: Browser) -> None:
    ada = find(site, "ada")
    for data in ({"act": "disable", "version": "1"}, {"act": "disable", "version": "1", "csrf_token": "x"}):
        assert root.post(f"/admin/people/{ada.sub}", data=data).status_code in {400, 403}
    assert find(site, "ada").disabled_at is None


@pytest.mark.parametrize("place", ["/people/nobody", "/clients/nobody", "/people/" + "x" * 400, "/nothing"])
def test_what_is_not_there_is_404(root: Browser, place: str) -> None:
    assert root.get(f"/admin{place}").status_code == 404


def test_nothing_is_framed_or_kept(root: Browser) -> None:
    headers = root.get("/admin/people").headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "no-store" in headers["Cache-Control"]
    assert token_on(root.get("/admin/people/new").text)


@pytest.mark.parametrize("text", ["a%00b", "%00", "a%0Ab", "%E2%80%A8", "%FF", "x" * 2000])
def test_what_no_database_holds_finds_nobody(root: Browser, text: str) -> None:
    for path in ("people?search=", "people?role=", "people?after=", "people?sub=", "events?name=", "events?sub="):
        assert root.get(f"/admin/{path}{text}").status_code == 200
    assert root.get(f"/admin/events/export?client_id={text}").status_code == 200
    assert root.get(f"/admin/clients?after={text}").status_code == 200
    assert root.get(f"/admin/people/{text}").status_code == 404
    assert root.get(f"/admin/clients/{text}").status_code == 404
