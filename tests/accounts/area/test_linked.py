"""A linked sign-in is removed by what the person has at that moment."""

from typing import Any

import pytest
from sqlalchemy import update

from authserver import people
from authserver.people import Change
from authserver.store.tables import users as table
from authserver.store.upstream import identities
from authserver.store.upstream.identities import Identity
from authserver.store.users import User
from tests.accounts.area.steps import find
from tests.accounts.site import Browser, Site


@pytest.mark.parametrize("is_taken", [True, False])
def test_whoever_loses_the_password_meanwhile_keeps_the_last_way_in(
    site: Site, browser: Browser, monkeypatch: pytest.MonkeyPatch, is_taken: bool
) -> None:
    ada = find(site)
    assert ada is not None
    with site.app.server.database.write() as connection:
        row: dict[str, Any] = {"issuer": "https://id.example.com", "subject": "1815", "provider": "work", "email": None}
        assert identities.add(connection, **row, sub=ada.sub, sealed_tokens=None, now=1)
    hold = people.held

    def held(change: Change, user: User) -> tuple[User, list[Identity]]:
        # As where the account was handed over between the look at the session and the lock.
        if is_taken:
            change.connection.execute(update(table).values(password_hash=None))
        return hold(change, user)

    monkeypatch.setattr(people, "held", held)
    browser.visit("/account/linked")
    browser.submit(remove="work 1815")
    with site.app.server.database.read() as connection:
        assert bool(identities.of_person(connection, ada.sub)) == is_taken
