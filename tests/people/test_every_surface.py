"""Whatever surface an act on a person comes by: the same rows, the same event, the same letter."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from authserver import people
from tests.flows.conftest import CHEAP, MASTER_KEY, database_url, make_provider, seeded_template
from tests.flows.federation.conftest import MakeJourney, clock, make_journey, upstream
from tests.management.api import DECLARED
from tests.people.acts import ACTS, ALL_ENDED, NEWCOMERS, Act, Events, Letters
from tests.people.world import World

__all__ = ["clock", "database_url", "make_journey", "make_provider", "seeded_template", "upstream"]

RULES = "sign_up: true, refresh: [name], trusted_domains: [example.com]"
ADMINISTRATORS = {"api", "command"}
MAKE_PEOPLE = {"add", "invite", "accept", "take_in"}
# `request_email`, `request_reset`, and `send_proof` ask the owner of an address; who has proven it changes theirs by
# `change_email`.
NO_ACTS = {
    "THEMSELVES",
    "Actor",
    "Change",
    "administrator",
    "change_of",
    "provider",
    "held",
    "map_roles",
    "data_of",
    "id_of",
    "is_last_way_in",
    "leaves_nobody",
} | {
    "request_email",
    "request_reset",
    "send_proof",
    # Nobody's acts: a session's time is over, or a browser has another person.
    "end_expired",
    "give_way",
}
# Of one page alone, and walked through in `tests/flows/factors`.
FACTORS = {
    "add_totp",
    "add_passkey",
    "decline_passkey",
    "put_off_factor",
    "rename_factor",
    "remove_factor",
    "held_factors",
    "distrust_devices",
    "make_recovery_codes",
} | {
    "use_recovery_code",
    "cancel_factor_reset",
    "reset_factors",
}
# Of one page alone, and walked through in `tests/accounts/area/test_picture.py`; taken away by `change_profile`.
FACTORS |= {"set_picture"}
# By a page: `set_password` of the table.
ALIKE = {"change_password", "reset_password"}
CLAIMS = "claims: {motto: {scope: own, sentence: See your motto, label: Motto, changed_by: person}}\n"


@pytest.fixture
def world(make_journey: MakeJourney, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> World:
    """A server with an API, a provider, and a command line."""
    journey = make_journey(RULES, DECLARED + CLAIMS, signup="open")
    given = {
        "DATABASE_URL": database_url,
        "CLIENTS_FILE": tmp_path / "clients.yaml",
        "ISSUER": journey.site.issuer,
        "MASTER_KEY": MASTER_KEY,
        **{name.upper(): value for name, value in CHEAP.items()},
    }
    for name, value in given.items():
        monkeypatch.setenv(f"AUTHSERVER_{name}", str(value))
    monkeypatch.setattr("authserver.cli.changes.clock", SimpleNamespace(now=lambda _: int(journey.site.clock())))
    # The command shares a process with the server here: its log stays where it is.
    monkeypatch.setattr("authserver.logs.configure", lambda *_: None)
    return World(journey)


def test_every_act_is_walked_through() -> None:
    walked = {name.partition(" ")[0] for name in ACTS}
    assert walked | MAKE_PEOPLE | NO_ACTS | FACTORS | ALIKE == set(people.__all__)


@pytest.mark.parametrize("name", ACTS)
def test_an_act_leaves_the_same_behind_whichever_surface_it_comes_by(world: World, name: str) -> None:
    act, rows, texts = ACTS[name], {}, {}
    for surface, do in act.by.items():
        username = f"{surface}twin"
        world.twin(username, verified=act.verified, issuer=act.issuer)
        if act.before:
            act.before(world, username)
        before, user, since = world.running(username), world.user(username), world.mark()
        do(world, username)
        told, events, letters = world.told(username, since), events_of(act, surface), letters_of(act, surface)
        assert (told.events[: len(events)] if act.goes_on else told.events) == events, surface
        assert (told.letters[: len(letters)] if act.goes_on else told.letters) == letters, surface
        kept = world.rows(username, before, user.password_hash if user else None)
        rows[surface] = {key: value for key, value in kept.items() if key not in act.apart}
        texts[surface] = told.texts
    first, *others = rows.values()
    assert others == [first] * len(others), rows
    said, *more = [texts[surface] for surface in act.by if surface in ADMINISTRATORS] or [[]]
    assert more == [said] * len(more)


def test_who_is_new_is_the_same_person_whichever_way_they_came(world: World) -> None:
    found = {}
    for surface, (do, event) in NEWCOMERS.items():
        username, since = f"{surface}twin", world.mark()
        do(world, username)
        user, told = world.user(username), world.told(username, since)
        assert user is not None, surface
        assert told.events[0][0] == event
        assert [kind for kind, _ in told.letters] == (["sign_in_linked"] if surface == "provider" else [])
        found[surface] = (
            user.email == f"{username}@example.com",
            user.email_verified,
            user.name,
            user.roles,
            user.groups,
        )
    assert set(found.values()) == {(True, True, "Twin", ("user",), ())}, found


def events_of(act: Act, surface: str) -> Events:
    (name, detail), *rest = act.events
    if surface == "page" and rest == [ALL_ENDED]:
        # The browser that does it is one more.
        rest = [("user:sessions:ended", {"sessions": 3, "authorizations": 2})]
    return [(act.names.get(surface, name), detail), *rest]


def letters_of(act: Act, surface: str) -> Letters:
    return act.letters if surface in ADMINISTRATORS or act.own is None else act.own
