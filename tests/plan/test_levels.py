"""Whom a level of authentication that is newly required finds without any way to it."""

from pathlib import Path

import pytest

from authserver.store import users
from authserver.store.database import Database
from authserver.store.factors import totp
from tests.plan.files import IN_FORCE, NOW, changed, loaded
from tests.plan.test_plan import people, planned, told

__all__ = ["people"]
ACR = "acr:\n  silver: {any: [passkey, [pwd, otp]]}\ndefault_role: reader"
LEVELS = ("default_role: reader", ACR)
WHO = "requires the level silver"
ASKED = f"{WHO}; whoever is counted here has no factor that reaches it, and is asked to set one up"


@pytest.mark.parametrize(
    ("subject", "old", "new", "who"),
    [
        ("client portal", "    name: Portal\n", "    name: Portal\n    require_acr: silver\n", ("ana", "ben")),
        ("client desk", "    name: Desk\n", "    name: Desk\n    require_acr: silver\n", ("ana",)),
        ("API users", "    permissions: {see:users", "    require_acr: silver\n    permissions: {see:users", ("ana",)),
        ("role boss", "  boss: [see:users]", "  boss: {require: silver, permissions: [see:users]}", ("ana",)),
    ],
)
def test_a_level_that_is_newly_required_names_who_has_nothing_that_reaches_it(
    people: Database, tmp_path: Path, subject: str, old: str, new: str, who: tuple[str, ...]
) -> None:
    found = planned(people, tmp_path, LEVELS, (old, new))
    assert told(found) == [("lost", subject, ASKED, len(who), who)]
    with people.write() as connection:
        for username in who:
            user = users.by_login(connection, username)
            assert user is not None
            users.set_password(connection, user.sub, "$argon2id$", NOW)
            assert totp.add(connection, user.sub, "Phone", username, b"sealed", 1, NOW)
    assert told(planned(people, tmp_path, LEVELS, (old, new))) == [("told", subject, WHO, None, ())]


def test_levels_that_nobody_requires_do_nothing(people: Database, tmp_path: Path) -> None:
    assert told(planned(people, tmp_path, LEVELS)) == []


def test_what_was_required_before_in_the_same_ways_is_not_told_of(people: Database, tmp_path: Path) -> None:
    from authserver.clients.registration.fit import fit_of
    from authserver.plan.plan import plan

    requiring = changed(LEVELS, ("    name: Portal\n", "    name: Portal\n    require_acr: silver\n"))
    before, after = loaded(tmp_path, requiring), loaded(tmp_path, requiring.replace("name: Desk", "name: Old desk"))
    harder = loaded(tmp_path, requiring.replace("[passkey, [pwd, otp]]", "[passkey]"))
    with people.read() as connection:
        assert plan(connection, before.registry, after.registry, NOW, fit_of).consequences == ()
        (found,) = plan(connection, before.registry, harder.registry, NOW, fit_of).consequences
    assert (found.subject, found.people) == ("client portal", 2)
    assert requiring != IN_FORCE
