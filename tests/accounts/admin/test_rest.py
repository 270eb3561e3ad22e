"""Clients, roles, keys, events, mail and the overview on the pages for administrators."""

import csv
import json
import re
from html import unescape
from io import StringIO

import pytest

from authserver.keys import Keys
from authserver.store import events as store
from authserver.store import users
from tests.accounts.admin.conftest import CLIENTS, signed_in
from tests.accounts.admin.steps import as_seen, find, token_on, told
from tests.accounts.conftest import MakeSite
from tests.accounts.site import Browser, Site
from tests.keys.moves import rotate


def test_a_client_shows_what_it_is_and_why_it_was_refused(site: Site, root: Browser) -> None:
    signed_in(site, "ada").get("/authorize?client_id=portal&redirect_uri=https://portal.example.com/wrong")
    site.app.server.recorder.flush()
    page = root.get("/admin/clients/portal").text
    assert "https://portal.example.com/callback" in page
    assert "oidc-client-ts" in page
    assert "Authlib" in page
    assert "http://localhost:8080" in page


def test_roles_say_what_they_give_and_who_has_them(root: Browser) -> None:
    page = root.get("/admin/roles").text
    assert "every permission of every API" in page
    assert "everybody who has no other" in page
    assert 'href="/admin/people?role=moderator"' in page


@pytest.mark.parametrize("begins", ["ahead", "soon"])
def test_of_two_who_saw_the_same_keys_one_publishes_another_and_the_other_is_told(
    site: Site, root: Browser, begins: str
) -> None:
    other = signed_in(site, "root")
    seen, also = as_seen(root.get("/admin/keys").text), as_seen(other.get("/admin/keys").text)
    asked = {"alg": "RS256", "begins": begins}
    assert root.post("/admin/keys", data=seen | asked).status_code == 303
    # Even once it signs, when another click would make yet another key.
    site.clock.now += 60
    late = other.post("/admin/keys", data=also | asked)
    assert (late.status_code, "A key was published in the meantime" in late.text) == (409, True)
    assert len([name for name, _ in told(site) if name == "server:key:rotated"]) == 1
    assert other.post("/admin/keys", data=as_seen(late.text) | asked).status_code == 303


def test_a_node_that_has_not_heard_of_the_newest_key_publishes_the_next_one(site: Site, root: Browser) -> None:
    server = site.app.server
    elsewhere = Keys(server.database, server.master, server.settings)
    elsewhere.refresh(server.now())
    rotate(elsewhere, server.now(), begins="soon")
    # Once that one signs.
    site.clock.now += 60
    before = root.get("/admin/keys").text
    assert root.post("/admin/keys", data=as_seen(before) | {"alg": "RS256", "begins": "soon"}).status_code == 303
    assert as_seen(root.get("/admin/keys").text)["newest"] != as_seen(before)["newest"]


def test_a_key_is_published_by_who_may_and_signs_later(site: Site, root: Browser) -> None:
    page = root.get("/admin/keys").text
    assert "signs now" in page
    answer = root.post("/admin/keys", data=as_seen(page) | {"alg": "RS256"})
    assert answer.headers["Location"].endswith("/admin/keys?done=rotated")
    assert "published, signs later" in root.get("/admin/keys").text
    assert root.post("/admin/keys", data={"csrf_token": token_on(page), "alg": "HS256"}).status_code == 403
    site.app.server.recorder.flush()
    with site.app.server.database.read() as connection:
        found = store.newest(connection, store.EventFilter(name="server:key:rotated"), 5)
    assert [json.loads(each.detail)["through"] for each in found] == ["pages"]


def test_events_are_filtered_followed_and_taken_along(site: Site, root: Browser) -> None:
    ada = find(site, "ada")
    signed_in(site, "ada")
    site.app.server.recorder.flush()
    page = root.get(f"/admin/events?name=user:login:&sub={ada.sub}").text
    assert page.count("<code>user:login:succeeded</code>") == 1
    assert f"/admin/people/{ada.sub}" in page
    assert root.get("/admin/events?follow=y").headers["Refresh"] == "5"
    assert "Refresh" not in root.get("/admin/events").headers
    lines = root.get(f"/admin/events/export?sub={ada.sub}").text.splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["user:login:succeeded"]
    kept = dict(told(site))["server:events:exported"]
    assert (kept["by"], kept["through"], kept["about"]) == (find(site, "root").sub, "pages", ada.sub)


def test_events_come_by_page(site: Site, root: Browser) -> None:
    with site.app.server.database.write() as connection:
        rows = [{"at": number, "name": "user:login:failed", "detail": "{}"} for number in range(60)]
        store.append(connection, rows)
    page = root.get("/admin/events?name=user:login:failed").text
    assert page.count("<code>user:login:failed</code>") == 50
    assert "before=" in page
    earlier = re.search(r'href="([^"]+before=[^"]+)"', page)
    assert earlier
    assert root.get(unescape(earlier[1])).text.count("<code>user:login:failed</code>") == 10
    for before in ("x", "-1", "9" * 30, "²"):
        assert root.get(f"/admin/events?before={before}").status_code == 200


def test_what_events_say_is_text(site: Site, root: Browser) -> None:
    with site.app.server.database.write() as connection:
        said = json.dumps({"why": "<script>alert(1)</script>", "n": 3})
        store.append(connection, [{"at": 1, "name": "user:login:failed", "client_id": "<b>", "detail": said}])
    page = root.get("/admin/events").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert "<b>" not in page


def test_the_overview_draws_the_last_days(site: Site, root: Browser) -> None:
    for _ in range(3):
        signed_in(site, "ada")
    site.app.server.recorder.flush()
    page = root.get("/admin").text
    # Of the four charts, two are of new people and of sign-ins; an empty one says that it is.
    assert page.count("<rect ") == 2 * 14
    assert page.count("None in this period.") == 2
    assert "<span>Jan 2</span><span>Jan 15</span>" in page
    assert "Sign-ins: <strong>4</strong>" in page


def test_the_overview_says_how_many_must_have_a_second_factor_and_have_none(make_site: MakeSite) -> None:
    label = "Must have a second factor, and have none"
    for rule, is_told in (("", False), ("second_factor: {required_from: 2099-03-01, roles: [admin]}\n", True)):
        site = make_site(CLIENTS + rule)
        if not is_told:
            for name, role in (("root", "admin"), ("ada", "user")):
                person = site.add(name, f"{name}@example.com")
                with site.app.server.database.write() as connection:
                    users.set_roles(connection, person.sub, [role], 1)
        assert (f"<dt>{label}</dt><dd>1</dd>" in signed_in(site, "root").get("/admin").text) == is_told


def test_the_overview_names_the_version_of_clients_yaml_to_who_may_see_clients(site: Site, root: Browser) -> None:
    version = site.app.server.registry.version[:12]
    assert version in root.get("/admin").text
    assert version not in signed_in(site, "mod").get("/admin").text


def test_mail_says_what_waits_and_shows_no_letter(site: Site, root: Browser) -> None:
    page = root.get("/admin/people/new").text
    root.post("/admin/people/new", data={"csrf_token": token_on(page), "email": "new@example.com", "role": "user"})
    page = root.get("/admin/mail").text
    assert "No mail server is set" in page
    assert "the oldest since" in page
    assert "token=" not in page


def test_it_is_shown_who_has_fetched_the_keys_but_no_browser(site: Site, root: Browser) -> None:
    def fetch(**headers: str) -> None:
        assert site.browser().get("/jwks.json?rs=reports<b>", headers=headers).status_code == 200

    fetch(**{"User-Agent": "curl/8 <script>"})
    fetch(**{"User-Agent": "Mozilla/5.0 (a person)"})
    fetch(**{"User-Agent": "spa", "Origin": "https://app.example.com"})
    site.browser().head("/jwks.json", headers={"User-Agent": "header"})
    site.app.server.keys.readers.flush(site.app.server.now())
    page = root.get("/admin/keys").text
    assert "<strong>reports&lt;b&gt;</strong> curl/8 &lt;script&gt;" in page
    assert "not yet" in page
    for absent in ("Mozilla", "spa<", "header<", "<script>"):
        assert absent not in page.partition("<main")[2]
    site.clock.now += 60
    known = site.browser().get("/jwks.json").headers["ETag"]
    answer = site.browser().get("/jwks.json", headers={"User-Agent": "later", "If-None-Match": known})
    assert answer.status_code == 304
    site.app.server.keys.readers.flush(site.app.server.now())
    row = root.get("/admin/keys").text.partition("later")[2].partition("</tr>")[0]
    assert ">fetched</td>" in row


def test_events_are_taken_along_as_a_table_without_formulas(site: Site, root: Browser) -> None:
    with site.app.server.database.write() as connection:
        store.append(connection, [{"at": 1, "name": "user:login:failed", "client_id": "=x()", "detail": "{}"}])
    answer = root.get("/admin/events/export?as=csv&name=user:login:failed")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert [(row["name"], row["client_id"], row["detail"]) for row in rows] == [("user:login:failed", "'=x()", "{}")]


@pytest.mark.parametrize("separator", ",;\t")
def test_a_table_of_events_has_no_formulas_however_a_spreadsheet_separates_it(
    site: Site, root: Browser, separator: str
) -> None:
    said = 'x;=1+1;\t@x;-1\n+1;＝1;"=1"\r;\'=1'
    with site.app.server.database.write() as connection:
        detail = json.dumps({"received": f"{said};=1;"})
        row = {"at": 1, "name": "user:login:failed", "client_id": said, "detail": detail}
        store.append(connection, [row])
    text = root.get("/admin/events/export?as=csv&name=user:login:failed").text
    cells = [cell for row in csv.reader(StringIO(text, newline=""), delimiter=separator) for cell in row]
    assert [cell for cell in cells if re.match(r'"*[=+\-@＝]', cell)] == []


def test_an_event_leads_to_the_other_events_of_its_request(site: Site, root: Browser) -> None:
    with site.app.server.database.write() as connection:
        for name, request_id in (
            ("user:login:succeeded", "a1"),
            ("user:factor:added", "a1"),
            ("user:logout:done", "b2"),
        ):
            store.append(connection, [{"at": 1, "name": name, "detail": "{}", "request_id": request_id}])
    assert 'href="/admin/events?request_id=a1"' in root.get("/admin/events").text
    page = root.get("/admin/events?request_id=a1").text
    assert page.count("<code>a1</code>") == 2
    assert "user:logout:done</code>" not in page
    assert 'value="a1"' in page
    for way in re.findall(r'href="(/admin/events[^"]*(?:follow|export)[^"]*)"', page):
        assert "request_id=a1" in way
    lines = root.get("/admin/events/export?request_id=b2").text.splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["user:logout:done"]
    assert root.get("/admin/events/export?as=csv&request_id=a1").text.count("\n") == 3
