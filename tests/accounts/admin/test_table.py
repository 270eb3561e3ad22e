"""Many people at once, from a table: shown first, then done exactly so; and everybody as a table."""

import csv
import re
from html import unescape
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text as sql
from werkzeug.test import TestResponse

from authserver.protocol import spreadsheet
from authserver.store import imports, users
from tests.accounts.admin.conftest import signed_in
from tests.accounts.admin.steps import find, token_on, told
from tests.accounts.post import letters
from tests.accounts.site import Browser, Site

PATH = "/admin/people/import"
ROWS = """username,email,name,roles
bob,bob@example.com,Bob <i>x</i>,user
ada,ada@example.com,,
b d,,,
eve,eve@example.com,Eve,auditr
zoe,,Zoë,"""


def send(browser: Browser, text: str, **fields: Any) -> TestResponse:
    page = browser.get("/account/profile").text
    return browser.post(PATH, data={"csrf_token": token_on(page), "people": text} | fields)


def hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(people|shown|invite)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def confirm(browser: Browser, page: str, **changed: str) -> TestResponse:
    fields = hidden(page) | changed
    # As a browser sends it.
    return send(browser, fields.pop("people").replace("\n", "\r\n"), **fields)


def results(page: str) -> list[tuple[str, str]]:
    """By line, what becomes of it."""
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in page.split('<tr role="row">')[2:]]
    return [(row[0], unescape(" ".join(re.sub(r"<[^>]+>", " ", row[-1]).split()))) for row in rows]


def names(site: Site) -> set[str]:
    with site.app.server.database.read() as connection:
        return {row["username"] for row in imports.everybody(connection)}


def test_nothing_is_done_until_it_has_been_shown(site: Site, root: Browser) -> None:
    before = names(site)
    page = send(root, ROWS).text
    said = dict(results(page))
    assert said["2"] == "will be added"
    assert said["3"] == "already there, stays as they are"
    assert said["4"].startswith("not added ")
    assert "'auditr' is not a role in clients.yaml" in said["5"]
    assert said["6"] == "will be added"
    assert "To add: 2. Already there: 1. With a fault: 2." in page
    assert "<i>" not in page
    assert names(site) == before
    assert "invite" not in {each.kind for each in letters(site)}


def test_what_was_shown_is_done_and_one_bad_row_loses_nothing(site: Site, root: Browser) -> None:
    before = names(site)
    page = send(root, ROWS, invite="y").text
    assert dict(results(page))["2"] == "will be added, and invited by email"
    report = confirm(root, page)
    assert report.status_code == 200
    assert "Added: 2. Already there: 1. Not added: 2." in report.text
    assert dict(results(report.text))["2"] == "added, and invited by email"
    assert names(site) == before | {"bob", "zoe"}
    assert find(site, "bob").name == "Bob <i>x</i>"
    assert find(site, "bob").roles == ("user",)
    assert find(site, "zoe").roles == ("user",)
    assert [each.to for each in letters(site) if each.kind == "invite"] == ["bob@example.com"]


@pytest.mark.parametrize("changed", [{"people": "username\nmallory"}, {"shown": "0" * 64}, {"invite": "y"}])
def test_what_was_not_shown_is_not_done(site: Site, root: Browser, changed: dict[str, str]) -> None:
    before = names(site)
    answer = confirm(root, send(root, ROWS).text, **changed)
    assert (answer.status_code, "so nothing was done" in answer.text) == (409, True)
    assert names(site) == before


def test_what_somebody_else_did_meanwhile_is_shown_first(site: Site, root: Browser) -> None:
    page = send(root, "username\nbob\nzoe").text
    site.add("bob")
    answer = confirm(root, page)
    assert answer.status_code == 409
    assert dict(results(answer.text)) == {"2": "already there, stays as they are", "3": "will be added"}
    assert "zoe" not in names(site)
    assert confirm(root, answer.text).status_code == 200
    assert "zoe" in names(site)
    # Sent twice, it is done once.
    assert confirm(root, answer.text).status_code == 409


def test_nobody_gives_or_vouches_for_what_they_may_not(site: Site, mod: Browser) -> None:
    rows = "username,email,email_verified,roles\nbob,,,admin\nzoe,zoe@example.com,true,user\neve,,,user"
    said = dict(results(send(mod, rows).text))
    assert said["2"] == "not added you may not give one of these roles or groups"
    assert "can vouch for an address" in said["3"]
    assert said["4"] == "will be added"
    confirm(mod, send(mod, rows).text)
    assert {"bob", "zoe"} & names(site) == set()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no rows"),
        ("username", "no rows"),
        ("name\nBob", "'username' is missing"),
        ("username,hair\nbob,red", "no column 'hair'"),
        ("username,password_hash\nbob,x", "no column 'password_hash'"),
        ("username,username\nbob,bob", "named twice"),
        ('username\n"bob', "line"),
        ('username\n"a"b', "line"),
        ("username\nb\ufffdb", "UTF-8"),
        ("username\n" + "\n".join(f"p{number}" for number in range(501)), "more than 500 rows"),
        ("username\na\0b", ""),
        ("\0", ""),
        ("username\n" + "x" * 40000, ""),
        ("username;x\n", ""),
    ],
)
def test_what_is_no_table_is_refused_in_words(site: Site, root: Browser, text: str, why: str) -> None:
    before = names(site)
    answer = send(root, text)
    assert answer.status_code in {200, 400}
    if why:
        assert answer.status_code == 400
        assert why in unescape(answer.text)
    assert names(site) == before


def test_a_row_with_too_many_cells_or_an_odd_value_is_bad_alone(root: Browser) -> None:
    rows = "username\temail_verified\taddress_country\nbob\tmaybe\t\neve\ttrue\tUK\tx\n\nzoe\tfalse\tUK"
    said = dict(results(send(root, rows).text))
    assert "email_verified" in said["2"]
    assert "more cells than columns" in said["3"]
    assert said["5"] == "will be added"


def test_the_table_that_was_taken_along_can_be_brought_back(site: Site, root: Browser) -> None:
    with site.app.server.database.write() as connection:
        users.add(connection, username="formula", name="=HYPERLINK(1)", email="f@example.com", now=1)
    answer = root.get("/admin/people.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(StringIO(answer.text)))
    assert {row["username"] for row in rows} == names(site)
    assert next(row["name"] for row in rows if row["username"] == "formula") == "'=HYPERLINK(1)"
    assert "argon2" not in answer.text
    page = send(root, answer.text).text
    assert {said for _, said in results(page)} == {"already there, stays as they are"}
    assert "These columns are not taken in: sub, created_at, updated_at, disabled_at." in page
    site.app.server.recorder.flush()
    assert "user:directory:exported" in root.get("/admin/events").text


def test_downloading_everybody_takes_the_permission_and_the_fresh_sign_in_of_a_file_about_one(
    site: Site, root: Browser, mod: Browser
) -> None:
    link = 'href="/admin/people.csv"'
    # A moderator may see and change people.
    assert link not in mod.get("/admin/people").text
    assert mod.get("/admin/people.csv").status_code == 403
    with site.app.server.database.write() as connection:
        users.set_roles(connection, find(site, "aud").sub, ["privacy", "user"], 2)
    for allowed in (root, signed_in(site, "aud")):
        assert link in allowed.get("/admin/people").text
        assert allowed.get("/admin/people.csv").status_code == 200
    site.clock.now += site.app.server.settings.fresh_authentication + 1
    stale = root.get("/admin/people.csv")
    assert (stale.status_code, stale.headers["Location"].endswith("/sign-in?to=admin_people")) == (303, True)
    assert root.get("/admin/people").status_code == 200
    root.visit("/sign-in?to=admin_people")
    assert root.sign_in("root").headers["Location"].endswith("/admin/people")
    assert root.get("/admin/people.csv").status_code == 200
    kept = [detail for name, detail in told(site) if name == "user:directory:exported"]
    assert [(each["by"], each["through"]) for each in kept] == [
        (find(site, name).sub, "pages") for name in ("root", "aud", "root")
    ]


def test_without_its_event_nobody_is_downloaded(site: Site, root: Browser) -> None:
    site.app.server.recorder.flush()
    with site.app.server.database.write() as connection:
        connection.execute(sql("ALTER TABLE events RENAME TO away"))
    assert root.get("/admin/people.csv").status_code == 503


@given(
    st.one_of(st.text("=;'\" -x\t\n"), st.text())
    .filter(lambda text: "\r" not in text and "\0" not in text)
    .map(str.strip)
)
def test_a_cell_comes_back_as_it_was_and_begins_no_formula(text: str) -> None:
    (cell,) = next(csv.reader(StringIO(spreadsheet.line([text]), newline="")), [""])
    assert spreadsheet.plain(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
