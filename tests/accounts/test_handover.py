"""An account goes to who proves its address, where nobody had proven it before."""

import pytest
from sqlalchemy import update

from authserver.store import users
from authserver.store.tables import users as people
from authserver.store.upstream import identities
from tests.accounts.post import letter
from tests.accounts.site import NOW, Browser, Site

NEW = "Another horse 99?"


@pytest.mark.parametrize(("proven", "left"), [(False, []), (True, ["provider"])])
def test_who_proves_an_address_that_nobody_had_proven_shares_the_account_with_nobody(
    site: Site, browser: Browser, proven: bool, left: list[str]
) -> None:
    with site.app.server.database.write() as connection:
        sub = connection.execute(
            update(people).where(people.c.username == "ada").values(email_verified=proven).returning(people.c.sub)
        ).scalar_one()
        assert identities.add(
            connection,
            issuer="https://provider.example",
            subject="1",
            sub=sub,
            provider="provider",
            email=None,
            sealed_tokens=None,
            now=NOW,
        )
    browser.visit("/forgot")
    assert browser.submit(username="ada").status_code == 200
    browser.visit(letter(site, "reset").link)
    assert browser.submit(password=NEW).status_code == 303
    with site.app.server.database.read() as connection:
        kept = users.get(connection, sub)
        assert kept is not None
        assert kept.email_verified
        assert [each.provider for each in identities.of_person(connection, sub)] == left
    assert site.browser().sign_in("ada", NEW).status_code == 303
