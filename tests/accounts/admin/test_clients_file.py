"""The history of clients.yaml, and what a client would get for a person, on the pages for administrators."""

import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authserver.clients.live import LiveRegistry
from authserver.store import directory, users
from tests.accounts.admin.conftest import CLIENTS, live, signed_in
from tests.accounts.admin.steps import find
from tests.accounts.site import Browser, Site

MORE = CLIENTS.replace("    consent: never\n", "    consent: always\n") + (
    "  - client_id: desk\n    name: <script>alert(1)</script>\n    type: native\n"
    "    redirect_uris: ['http://127.0.0.1/callback']\n    allow: {roles: [admin]}\n    # not for pages: hush-hush\n"
)


def change(site: Site, text: str) -> None:
    """Put another clients.yaml into force."""
    registry = site.app.server._registry
    assert isinstance(registry, LiveRegistry)
    Path(site.app.server.settings.clients_file).write_text(text)
    assert registry.reload()
    site.clock.now += 1
    live(site)


def words(page: str) -> str:
    """What a page says."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.partition("<main")[2])).split())


def test_the_history_tells_what_each_version_changed(site: Site, root: Browser) -> None:
    change(site, MORE)
    change(site, MORE + "# no more\n")
    page = root.get("/admin/history").text
    assert re.findall(r'href="/admin/history/(\d+)"', page) == ["3", "2", "1"]
    said = words(page)
    assert "Only comments, order, or layout" in said
    assert "Added client desk Changed client portal" in said
    assert "authserver clients undo" in said
    # Nothing is put back from here.
    assert 'action="/admin/history' not in page
    one = words(root.get("/admin/history/2").text)
    assert "client desk is new" in one
    assert "client portal consent never always" in one
    assert "hush-hush" not in page + one
    assert 'href="/admin/history"' in root.get("/admin/clients").text


@pytest.mark.parametrize("number", ["0", "9", "01", "-1", "x", "²", "1" * 40, "1%00", "%1b"])
def test_a_version_that_there_is_not_is_not_found(root: Browser, number: str) -> None:
    assert root.get(f"/admin/history/{number}").status_code == 404


def test_an_explanation_names_the_rule_and_the_line(site: Site, root: Browser) -> None:
    page = root.get("/admin/explanation?login=ada&client_id=portal").text
    said = words(page)
    assert "ada may sign in to Team <b>portal</b>" in said
    assert 'roles ["user"] user was given by an administrator' in said
    line = next(number for number, text in enumerate(CLIENTS.splitlines(), 1) if "client_id: portal" in text)
    assert f'client_id "portal" the client line {line}' in said
    assert "<b>portal" not in page
    refused = words(root.get("/admin/explanation?login=ada&client_id=portal&resource=https://x.example.com").text)
    assert "ada would not be let in to Team <b>portal</b> the request is refused with invalid_target" in refused


def test_both_pages_lead_there(site: Site, root: Browser, mod: Browser) -> None:
    ada = find(site, "ada")
    assert f'href="/admin/explanation?login={ada.sub}"' in root.get(f"/admin/people/{ada.sub}").text
    assert 'href="/admin/explanation?client_id=portal"' in root.get("/admin/clients/portal").text
    assert "ada may sign in" in words(root.get(f"/admin/explanation?login={ada.sub}&client_id=portal").text)
    # A moderator sees people, and no clients.
    assert "/admin/explanation" not in mod.get(f"/admin/people/{ada.sub}").text
    assert mod.get("/admin/explanation?login=ada&client_id=portal").status_code == 403


def test_who_or_what_there_is_not_is_said(root: Browser) -> None:
    assert "Nobody has this username" in words(root.get("/admin/explanation?login=nobody&client_id=portal").text)
    assert "There is no such client." in words(root.get("/admin/explanation?login=ada&client_id=nothing").text)
    assert "may sign in" not in words(root.get("/admin/explanation?client_id=portal").text)


def test_somebody_who_has_no_way_to_sign_in_is_told_of(site: Site, root: Browser) -> None:
    with site.app.server.database.write() as connection:
        users.add(connection, username="new", email="new@example.com", now=1)
    asked = "/admin/explanation?client_id=portal&login="
    assert "new has no way to sign in yet" in words(root.get(f"{asked}new").text)
    assert "no way to sign in" not in words(root.get(f"{asked}ada").text)


JOB = (
    "  - client_id: job\n    name: <b>Job</b>\n    type: service\n    roles: [user]\n"
    f"    secrets: [{{sha256: '{'0' * 64}'}}]\n    apis: [reports]\n"
)


def test_without_a_person_the_client_itself_is_explained(site: Site, root: Browser, mod: Browser) -> None:
    change(site, CLIENTS + JOB)
    page = root.get("/admin/explanation?login=&client_id=job").text
    said = words(page)
    assert "<b>Job</b> gets an access token for itself" in said
    assert "user is the client's own line" in said
    assert 'alg "RS256" the default' in said
    assert ("Userinfo" in said, "This person" in said, "<b>Job" in page) == (False, False, False)
    refused = words(root.get("/admin/explanation?login=&client_id=job&scope=nonsense").text)
    assert "<b>Job</b> would get no token for itself the request is refused with invalid_scope" in refused
    assert "nonsense is no permission of the API reports" in refused
    assert "it may not use client_credentials" in words(root.get("/admin/explanation?login=&client_id=portal").text)
    assert "There is no such client." in words(root.get("/admin/explanation?login=&client_id=nothing").text)
    # Its page leads there, and a client for people alone leads to people alone.
    assert 'href="/admin/explanation?login=&amp;client_id=job"' in root.get("/admin/clients/job").text
    assert "login=&amp;" not in root.get("/admin/clients/portal").text
    assert mod.get("/admin/explanation?login=&client_id=job").status_code == 403


def test_what_people_and_files_call_themselves_is_text(site: Site, root: Browser) -> None:
    change(site, MORE)
    hostile = "<img src=x onerror=alert(1)>"
    with site.app.server.database.write() as connection:
        mallory = users.add(connection, username="mallory", name=hostile, roles=["user"], now=1)
        # Both may stand in a database from before anybody declared them otherwise.
        users.set_roles(connection, mallory.sub, [hostile[:60], "user"], 1)
        directory.set_groups(connection, mallory.sub, [hostile[:60]], 1)
    for path in (
        *("/admin/history", "/admin/history/2", f"/admin/people/{mallory.sub}", "/admin/roles", "/admin/clients/desk"),
        *(f"/admin/explanation?login=mallory&client_id={name}&scope={hostile}" for name in ("portal", "desk")),
        f"/admin/explanation?login={hostile}&client_id={hostile}&resource={hostile}&provider={hostile}",
    ):
        answer = root.get(path)
        assert answer.status_code in {200, 400}
        assert not re.search(r"<img src=x|<script>alert", answer.text)


@given(
    st.dictionaries(
        st.sampled_from(["login", "client_id", "scope", "resource", "provider"]),
        st.text(max_size=60) | st.sampled_from(["ada", "portal", "openid", "github"]),
    )
)
@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
def test_no_question_does_any_harm(root: Browser, asked: dict[str, str]) -> None:
    assert root.get("/admin/explanation", query_string=asked).status_code in {200, 400}


def test_without_the_master_key_of_then_the_history_still_opens(site: Site) -> None:
    server = site.app.server
    with server.database.write() as connection:
        connection.connection.cursor().execute("UPDATE live_files SET sealed = 'x'")
    root = signed_in(site, "root")
    assert "Not known" in words(root.get("/admin/history").text)
    assert "isn’t known" in words(root.get("/admin/history/1").text)
