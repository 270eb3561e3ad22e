"""People found by index, page by page: each of them once, whatever they are looked for by, on both databases."""

import pytest
from sqlalchemy import Connection, insert, text

from authserver.store import directory, events, users
from authserver.store.database import Database
from authserver.store.directory import PeopleFilter
from authserver.store.search import passing, walks
from authserver.store.search.walks import WalkPlace
from authserver.store.tables import events as table
from authserver.store.tables import user_groups, user_roles
from authserver.store.tables import users as people
from tests.store.people import NOW

MANY = 1_200


def add(connection: Connection, username: str, name: str | None = None, email: str | None = None) -> str:
    return users.add(connection, username=username, name=name, email=email, now=NOW).sub


def pages(connection: Connection, wanted: PeopleFilter, most: int) -> list[list[str]]:
    found, place = [], WalkPlace()
    while True:
        page = directory.page(connection, wanted, place, most)
        found.append([user.username for user in page.people])
        if page.next is None:
            return found
        place = page.next


def found(connection: Connection, **wanted: str) -> list[str]:
    return [user.username for user in directory.everybody(connection, PeopleFilter(**wanted))]  # type: ignore[arg-type]


@pytest.fixture
def crowd(database: Database) -> Database:
    """Many people, all of whom have a role; each 100th is in a group, and each 300th shut out."""
    numbers = range(MANY)
    with database.write() as connection:
        rows = [
            {"sub": f"sub{n * 7 % MANY:05}", "username": f"person{n:05}", "email_verified": False}
            | {"created_at": 1, "updated_at": 1, "disabled_at": None if n % 300 else 1}
            for n in numbers
        ]
        connection.execute(insert(people), rows)
        connection.execute(insert(user_roles), [{"sub": row["sub"], "role": "user"} for row in rows])
        connection.execute(insert(user_groups), [{"sub": row["sub"], "group_name": "staff"} for row in rows[::100]])
    return database


@pytest.mark.parametrize("most", [1, 2, 3, 10])
def test_who_is_searched_for_is_found_once_by_what_begins_so(database: Database, most: int) -> None:
    with database.write() as connection:
        add(connection, "ada", "Ada Lovelace", "ada@example.com")
        add(connection, "lovelace", "Somebody Else", "adam@example.com")
        add(connection, "grace", "ADA Hopper", "Grace@Example.com")
        add(connection, "adele")
        add(connection, "zoe", "Mada", "zada@example.com")
        add(connection, "twin1", "Ada Hopper")
        some = pages(connection, PeopleFilter(search="aDa"), most)
        everybody = [name for page in some for name in page]
        assert sorted(everybody) == ["ada", "grace", "lovelace", "twin1"]
        assert (everybody[0], everybody[-1]) == ("ada", "lovelace")
        assert all(len(page) <= most for page in some)


@pytest.mark.parametrize("typed", ["öz", "ÖZ", "Özlem D", "özlem d", " Özlem"])
def test_a_name_is_found_in_any_case(database: Database, typed: str) -> None:
    with database.write() as connection:
        add(connection, "demir", "Özlem Demir")
        add(connection, "özlem", "Ozlem")
        assert "demir" in found(connection, search=typed)


def test_who_is_found_by_a_name_and_a_username_past_ascii_is_found_once(database: Database) -> None:
    with database.write() as connection:
        add(connection, "özlem", "Özlem Demir")
        assert pages(connection, PeopleFilter(search="öz"), 1)[0] == ["özlem"]
        assert found(connection, search="öz") == ["özlem"]


@pytest.mark.parametrize("typed", ["da", "%", "_", "a_a", "zz", "ada lovelaces", "\0", "\ud800", "x" * 700])
def test_who_has_nothing_that_begins_so_is_not_found(database: Database, typed: str) -> None:
    with database.write() as connection:
        add(connection, "ada", "Ada Lovelace", "ada@example.com")
        assert found(connection, search=typed) == []


def test_an_address_is_found_by_its_beginning_and_its_domain_in_either_form(database: Database) -> None:
    with database.write() as connection:
        add(connection, "ada", email="Ada.L@Bücher.example")
        for typed in ("ada.l", "ADA.L@", "ada.l@bücher.example", "ada.l@xn--bcher"):
            assert found(connection, search=typed) == ["ada"]


@pytest.mark.parametrize("most", [7, 500])
def test_every_page_of_a_crowd_holds_others(crowd: Database, most: int) -> None:
    for wanted in (
        PeopleFilter(),
        PeopleFilter(role="user"),
        PeopleFilter(search="person"),
        PeopleFilter(disabled=False),
    ):
        with crowd.read() as connection:
            everybody = [name for page in pages(connection, wanted, most) for name in page]
        expected = MANY - (MANY // 300 if wanted.disabled is False else 0)
        assert (len(everybody), len(set(everybody))) == (expected, expected)
        if not wanted.role:
            assert everybody == sorted(everybody)


def test_who_is_rare_in_a_crowd_is_found_in_few_steps(crowd: Database) -> None:
    with crowd.read() as connection:
        shut_out = pages(connection, PeopleFilter(disabled=True), 50)
        assert shut_out == [["person00000", "person00300", "person00600", "person00900"]]
        (staff,) = pages(connection, PeopleFilter(group="staff"), 50)
        assert sorted(staff) == [f"person{n:05}" for n in range(0, MANY, 100)]
        assert sorted(found(connection, role="user", group="staff")) == sorted(staff)


@pytest.mark.parametrize("most", [1, 2, 7, 500])
@pytest.mark.parametrize("typed", ["aDa", "öz", "ÖZLEM", "ada@", "person", "person00", "zz", " "])
def test_who_is_searched_for_among_few_comes_in_the_order_of_a_search_among_all(
    crowd: Database, monkeypatch: pytest.MonkeyPatch, typed: str, most: int
) -> None:
    with crowd.write() as connection:
        some = [
            add(connection, "ada", "Ada Lovelace", "ada@example.com"),
            add(connection, "ada2", "ADA Hopper", "ada@example.org"),
            add(connection, "lovelace", "Özlem Demir", "adam@example.com"),
            add(connection, "özlem", "özlem Ada", "zada@example.com"),
            add(connection, "twin1", "Ada Hopper"),
            add(connection, "adele"),
        ]
        add(connection, "adam", "Ada Zoe")
        connection.execute(insert(user_groups), [{"sub": sub, "group_name": "staff"} for sub in some])
    wanted = PeopleFilter(search=typed, group="staff")
    with crowd.read() as connection:
        among_few = [name for page in pages(connection, wanted, most) for name in page]
        monkeypatch.setattr(directory, "FEW", 5)
        among_all = [name for page in pages(connection, wanted, most) for name in page]
    assert among_few == among_all
    assert len(among_few) == len(set(among_few))
    assert bool(among_few) is (typed not in {"zz", " "})


def test_a_page_begun_among_few_goes_on_where_they_have_become_many(
    crowd: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, place, names = PeopleFilter(search="person", group="staff"), WalkPlace(), list[str]()
    with crowd.read() as connection:
        for few in (100, 5, 100, 5):
            monkeypatch.setattr(directory, "FEW", few)
            page = directory.page(connection, wanted, place, 3)
            names += [user.username for user in page.people]
            place = page.next or place
    assert names == [f"person{n:05}" for n in range(0, MANY, 100)]


@pytest.mark.parametrize(
    "wanted",
    [
        PeopleFilter(search="person", role="auditor"),
        PeopleFilter(search="person", group="staff"),
        PeopleFilter(search="person", disabled=True),
        PeopleFilter(search="person", role="user", group="staff"),
        PeopleFilter(search="person", role="user", disabled=True),
        PeopleFilter(search="person", role="nobody has it"),
    ],
)
def test_a_search_among_those_who_are_rare_reads_nobody_else(
    crowd: Database, monkeypatch: pytest.MonkeyPatch, wanted: PeopleFilter
) -> None:
    monkeypatch.setattr(directory, "FEW", MANY // 100)
    with crowd.write() as connection:
        connection.execute(insert(user_roles), [{"sub": f"sub{n:05}", "role": "auditor"} for n in range(3)])
    read = list[str]()
    among = directory._among

    def counted(connection: Connection, filtered: PeopleFilter, subs: list[str]) -> dict[str, users.User]:
        read.extend(subs)
        return among(connection, filtered, subs)

    monkeypatch.setattr(directory, "_among", counted)
    with crowd.read() as connection:
        page = directory.page(connection, wanted, WalkPlace(), 50)
    assert page.next is None
    assert [user.sub for user in page.people] == read


def test_a_page_ends_after_so_many_steps_and_the_next_one_goes_on(
    crowd: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passing, "FIRST", 50)
    monkeypatch.setattr(directory, "MOST_READ", 200)
    monkeypatch.setattr(directory, "FEW", 5)
    with crowd.read() as connection:
        some = pages(connection, PeopleFilter(search="person", group="staff"), 5)
        assert [] in some or len(some) > MANY // 200
        assert sorted(name for page in some for name in page) == [f"person{n:05}" for n in range(0, MANY, 100)]


@pytest.mark.parametrize("most", [1, 3, 50])
@pytest.mark.parametrize("first", [1, 4, 1000])
def test_a_search_among_many_finds_whoever_passes_each_filter_once_in_their_order(
    crowd: Database, monkeypatch: pytest.MonkeyPatch, most: int, first: int
) -> None:
    monkeypatch.setattr(directory, "FEW", 0)
    monkeypatch.setattr(passing, "FIRST", first)
    monkeypatch.setattr(directory, "MOST_READ", 40)
    with crowd.write() as connection:
        for n, name in enumerate(["Persona Grata", "persON", "Personal Ada", "person00001", "person0"]):
            sub = add(connection, f"x{n}", name, f"person.{n}@example.com")
            connection.execute(insert(user_roles), {"sub": sub, "role": "user"})
            directory.set_groups(connection, sub, ["staff"], NOW)
        known = {user.username: user for user in directory.everybody(connection)}
    for wanted in (
        PeopleFilter(search="person", group="staff"),
        PeopleFilter(search="person00", group="staff", role="user"),
        PeopleFilter(search="person", disabled=True, role="user"),
        PeopleFilter(search="person001", disabled=False),
        PeopleFilter(search="person", role="nobody has it"),
    ):
        with crowd.read() as connection:
            everybody = found(connection, search=wanted.search)
            named = [name for page in pages(connection, wanted, most) for name in page]
        assert named == [name for name in everybody if passes(wanted, known[name])]


def passes(wanted: PeopleFilter, user: users.User) -> bool:
    return (
        wanted.role in ("", *user.roles)
        and wanted.group in ("", *user.groups)
        and wanted.disabled in (None, user.disabled_at is not None)
    )


def test_people_with_a_role_are_counted_once_and_no_further_than_it_tells(crowd: Database) -> None:
    with crowd.write() as connection:
        connection.execute(insert(user_roles), {"sub": "sub00001", "role": "user", "source": "provider:office"})
        connection.execute(insert(user_roles), {"sub": "sub00001", "role": "guest", "source": "provider:office"})
        assert directory.roles_in_use(connection) == {"user": 1000, "guest": 1}
        assert directory.groups_in_use(connection) == {"staff": MANY // 100}
        assert (directory.with_role(connection, "user"), directory.with_role(connection, "nobody")) == (1000, 0)
        assert directory.in_group(connection, "staff") == MANY // 100


def test_usernames_are_completed_from_their_beginning(crowd: Database) -> None:
    with crowd.read() as connection:
        assert walks.usernames_beginning_with(connection, "PERSON0119", 3) == [f"person0119{n}" for n in range(3)]


EVENT = {"at": 1, "address": None, "request_id": None, "detail": "{}"}


def test_events_of_several_names_come_in_their_order_however_many_there_are(database: Database) -> None:
    names = ["user:login:failed", "token:access_token:issued", "user:login:succeeded"]
    with database.write() as connection:
        rows = [
            EVENT | {"name": names[n % 3], "sub": f"s{n % 7}", "client_id": "portal" if n % 5 else None}
            for n in range(1500)
        ]
        connection.execute(insert(table), rows)
        first = connection.scalar(text("SELECT min(id) FROM events")) or 0
        asked = events.EventFilter(name="user:login:", client_id="portal")
        expected = [n for n, row in enumerate(rows) if n % 3 != 1 and row["client_id"]][::-1]
        read = events.earlier(connection, asked, 2000, 2**62)
        assert [event.id - first for event in read] == expected
        later = events.newest(connection, asked, 10, after=first + 1400)
        assert [event.id - first for event in later] == expected[:10][::-1]
        both = events.EventFilter(name="user:login:f", sub="s3", client_id="portal")
        assert {(event.name, event.sub, event.client_id) for event in events.earlier(connection, both, 5, 2**62)} == {
            ("user:login:failed", "s3", "portal")
        }
        assert events.earlier(connection, events.EventFilter(client_id="nobody"), 5, 2**62) == []


def test_events_of_one_request_are_found_however_a_proxy_wrote_its_id(database: Database) -> None:
    kept = "0" * 31 + "7"
    with database.write() as connection:
        for name in ("user:login:succeeded", "authorization:request:granted"):
            events.append(connection, [EVENT | {"name": name, "sub": "s1", "request_id": kept}])
        events.append(connection, [EVENT | {"name": "user:login:succeeded", "sub": "s2", "request_id": "other"}])
        for asked in (kept, f"{kept[:8]}-{kept[8:12]}-{kept[12:16]}-{kept[16:20]}-{kept[20:]}"):
            found = events.earlier(connection, events.EventFilter(request_id=asked), 5, 2**62)
            assert [event.name for event in found] == ["authorization:request:granted", "user:login:succeeded"]
        assert len(events.newest(connection, events.EventFilter(request_id=kept), 1)) == 1
        for other in ({"sub": "s2"}, {"client_id": "portal"}, {"name": "user:logout:"}, {"request_id": kept[:-1]}):
            assert events.earlier(connection, events.EventFilter(**{"request_id": kept} | other), 5, 2**62) == []
