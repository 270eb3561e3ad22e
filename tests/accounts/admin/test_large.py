"""The pages for administrators where there is very much: each reads a bounded part, and says so."""

import re

from sqlalchemy import Connection, text

from authserver.store import sessions, users
from authserver.store.sessions import SignIn
from tests.accounts.admin.conftest import CLIENTS, signed_in
from tests.accounts.admin.steps import find
from tests.accounts.conftest import MakeSite
from tests.accounts.paged import by_page
from tests.accounts.site import Browser, Site

# A little more than any page counts.
MANY = 10_050
_NUMBERS = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {MANY}) "  # noqa: S608 - our own words


def fill(connection: Connection, table: str, **columns: str) -> None:
    """Rows whose columns have these values, in SQL, where `n` is the number of the row."""
    names, values = ", ".join(columns), ", ".join(columns.values())
    connection.execute(text(f"INSERT INTO {table} ({names}) {_NUMBERS} SELECT {values} FROM numbers"))  # noqa: S608


def test_of_a_long_queue_the_oldest_letters_are_counted(site: Site, root: Browser) -> None:
    with site.app.server.database.write() as connection:
        row = {"kind": "'mail'", "destination": "''", "about": "'{}'", "sealed": "x'00'", "attempts": "0"}
        fill(connection, "jobs", **row, created_at="1000 + n", due_at="1")
    home, mail = root.get("/admin").text, root.get("/admin/mail").text
    assert re.search(r"Waiting to be sent</dt><dd><a [^>]*>10000 or more<", home)
    assert "<dt>mail</dt><dd>10000 or more · the oldest since" in mail
    assert "1970-01-01T00:16:41" in mail


def test_of_many_authorizations_those_that_end_last_are_looked_at(site: Site, root: Browser) -> None:
    ada, later = find(site, "ada"), int(site.clock.now) + 10**6
    with site.app.server.database.write() as connection:
        row = {
            "sub": f"'{ada.sub}'",
            "sid": "''",
            "scope": "''",
            "audiences": "''",
            "amr": "'pwd'",
            "redirect_uri": "''",
        }
        row |= {"offline": "true", "created_at": "1", "code_digest": "CAST('c' || n AS BLOB)", "code_expires_at": "1"}
        row |= {"id": "'a' || n", "redirect_uri_given": "true", "redirect_uri": "''"}
        fill(connection, "authorizations", **row, client_id="'portal'", expires_at=str(later))
    assert "Who has access now</dt><dd>1 or more<" in root.get("/admin/clients/portal").text
    with site.app.server.database.write() as connection:
        connection.execute(text("DELETE FROM authorizations WHERE id > 'a2'"))
    assert "Who has access now</dt><dd>1<" in root.get("/admin/clients/portal").text


def test_of_many_people_the_first_are_asked_for_a_second_factor(make_site: MakeSite) -> None:
    site = make_site(CLIENTS + "second_factor: {required_from: 2099-03-01, roles: [admin]}\n")
    person = site.add("root", "root@example.com")
    with site.app.server.database.write() as connection:
        users.set_roles(connection, person.sub, ["admin"], 1)
        row = {"username": "'p' || n", "email_verified": "false", "created_at": "1", "updated_at": "1"}
        fill(connection, "users", sub="'0' || n", **row)
        fill(connection, "totp", id="n", sub="'0' || n", name="''", sealed="x'00'", last_step="1", created_at="1")
        connection.execute(text("DELETE FROM totp WHERE sub = '01'"))
        users.set_roles(connection, "01", ["admin"], 1)
    page = signed_in(site, "root").get("/admin").text
    # Nearly all have one: to find the few who have none, not everybody is read.
    assert "Must have a second factor, and have none</dt><dd>1 or more<" in page


def test_many_sessions_of_a_person_comeby_page(site: Site, root: Browser) -> None:
    ada, now = find(site, "ada"), int(site.clock.now)
    with site.app.server.database.write() as connection:
        for number in range(120):
            sign_in = SignIn(ada.sub, ("pwd",), 10**6, 10**6, address=f"192.0.2.{number}")
            sessions.start(connection, sign_in, now - number // 2)
    met = by_page(root, f"/admin/people/{ada.sub}", r"192\.0\.2\.\d+", r'href="([^"]+begun=[^"]+)"')
    assert len(met) == len(set(met)) == 120


def test_many_applications_of_a_person_comeby_page(site: Site, root: Browser) -> None:
    ada = find(site, "ada")
    with site.app.server.database.write() as connection:
        row = {"sub": f"'{ada.sub}'", "scope": "'openid'", "audiences": "''", "granted_at": "1"}
        fill(connection, "consents", client_id="'app' || (10000 + n)", **row)
        connection.execute(text("DELETE FROM consents WHERE client_id > 'app10120'"))
    found, more = r'name="client_id" value="(app\d+)"', r'href="([^"]+client=[^"]+)">More applications<'
    met = by_page(root, f"/admin/people/{ada.sub}", found, more)
    assert met == [f"app{10_000 + n}" for n in range(1, 121)]


def test_whoever_downloads_everybody_slowly_holds_no_connection(site: Site, root: Browser) -> None:
    with site.app.server.database.write() as connection:
        row = {"username": "'p' || n", "email_verified": "false", "created_at": "1", "updated_at": "1"}
        fill(connection, "users", sub="'0' || n", **row)
    pool = site.app.server.database.queues["pool"]
    answer = root.get("/admin/people.csv", buffered=False)
    lines = iter(answer.response)
    first = [next(lines), next(lines)]
    assert pool.taken == 0
    rest = list(lines)
    assert len(first) + len(rest) == 1 + 4 + MANY
