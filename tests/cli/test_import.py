"""`authserver users import` and `export`: whole people or none of them, however often it is run."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from authserver.protocol.person.claims import ADDRESS, NO_PROFILE, PROFILE
from authserver.signin.password import Passwords
from authserver.store import imports, users
from authserver.store.addresses import LoginError
from authserver.store.database import Database
from authserver.store.tables import events, user_roles
from authserver.store.tables import users as table
from tests.cli.conftest import CHEAP, Run
from tests.conftest import make_settings
from tests.patience import eventually

BCRYPT = "$2y$04$988NOYmj/QP6bX6M4HkLneFCgE.3uNAUaOTP..WFcmbZZ1RWTRzLC"
PASSWORD = "Correct horse 1!"
ADA = {
    "username": "Ada",
    "sub": "kept-sub",
    "email": "Ada@Example.com",
    "email_verified": True,
    "name": "Ada Lovelace",
    "given_name": "Ada",
    "family_name": "Lovelace",
    "picture": "https://example.com/ada.png",
    "locale": "de",
    "zoneinfo": "Europe/Berlin",
    "birthdate": "1815-12-10",
    "address": {"street_address": "12 St James's Square\nAttic", "country": "UK"},
    "phone_number": "+442012345678",
    "phone_number_verified": True,
    "roles": ["admin", "user"],
    "groups": ["sales", "staff"],
    "password_hash": BCRYPT,
    "created_at": 1_600_000_000,
    "updated_at": 1_700_000_000,
}


def lines(*people: object) -> str:
    return "".join((each if isinstance(each, str) else json.dumps(each)) + "\n" for each in people)


def count(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def test_a_person_comes_over_whole_and_the_old_password_works(run: Run, kept: Database) -> None:
    done = run("import", "-", given=lines(ADA, {"username": "grace"}))
    assert done.stdout == "Added 2, already there 0, bad 0.\n"
    assert done.stderr == ""
    with kept.read() as connection:
        ada, grace = users.by_login(connection, "ada"), users.by_login(connection, "grace")
        told = connection.execute(select(events.c.name, events.c.sub).order_by(events.c.id)).all()
    assert ada
    assert grace
    assert (ada.sub, ada.email, ada.email_verified, ada.roles) == (
        "kept-sub",
        "Ada@Example.com",
        True,
        ("admin", "user"),
    )
    assert ada.profile == {name: ADA.get(name, nothing) for name, nothing in NO_PROFILE.items()}
    assert Passwords(make_settings()).verify(ada.password_hash, PASSWORD)
    assert grace.roles == ("user",)
    assert (ada.groups, grace.groups) == (("sales", "staff"), ())
    assert [tuple(each) for each in told] == [
        ("user:account:imported", ada.sub),
        ("user:account:imported", grace.sub),
    ]


def test_the_same_import_again_changes_nothing(run: Run, kept: Database) -> None:
    run("import", "-", given=lines(ADA))
    run("roles", "ada", "moderator")
    again = run("import", "-", "--json", given=lines(ADA, {"username": "grace"}))
    assert json.loads(again.stdout) == {"added": 1, "already_there": 1, "bad": 0}
    with kept.read() as connection:
        ada = users.by_login(connection, "ada")
    assert ada
    assert ada.roles == ("moderator",)


def test_what_was_exported_can_be_imported_elsewhere(
    run: Run, kept: Database, tmp_path: Path, sqlite_template: Path
) -> None:
    run("import", "-", given=lines(ADA, {"username": "grace", "disabled_at": 5}))
    bare = run("export").stdout
    assert "$2y$" not in bare
    whole = run("export", "--with-hashes").stdout
    assert json.loads(whole.splitlines()[0]) == ADA | {"username": "ada"}
    for name in ("ada", "grace"):
        run("delete", name, "--yes")
    kept.engine.dispose()
    for each in tmp_path.glob("authserver.db*"):
        each.unlink()
    (tmp_path / "authserver.db").write_bytes(sqlite_template.read_bytes())
    run("import", "-", given=whole)
    assert run("export", "--with-hashes").stdout == whole


BAD = [
    ("not json", "JSON"),
    ('{"username": "x"', "JSON"),
    ("[]", "object"),
    ("{}", "'username': Field required"),
    ({"username": "a b"}, "letters, digits"),
    ({"username": "x", "email": "x@"}, "name@domain"),
    ({"username": "x", "email_verified": True}, "email_verified without email"),
    ({"username": "x", "admin": True}, "'admin': Extra inputs"),
    ({"username": "x", "roles": ["admn"]}, "did you mean admin?"),
    ({"username": "x", "sub": "nightly"}, "'sub': 'nightly' is the client_id of a client"),
    ({"username": "x", "roles": "admin"}, "'roles'"),
    ({"username": "x", "groups": ["sale"]}, "did you mean sales?"),
    ({"username": "x", "groups": None}, "'groups'"),
    ({"username": "x", "sub": "a b"}, "'sub'"),
    ({"username": "x", "password_hash": "secret-in-clear"}, "not argon2"),
    ({"username": "x", "password_hash": "$2y$31$" + "a" * 53}, "too much"),
    ({"username": "x", "name": "a\u0000b"}, "cannot be printed"),
    ({"username": "x", "name": "a" * 201}, "200"),
    ('{"username": "x", "name": "\\ud800"}', "line 2"),
    ({"username": "x", "picture": "javascript:alert(1)"}, "https://"),
    ({"username": "x", "locale": "klingon!"}, "language tag"),
    ({"username": "x", "zoneinfo": "Mars/Base"}, "Europe/Berlin"),
    ({"username": "x", "birthdate": "1990-02-30"}, "'birthdate': Enter a date"),
    ({"username": "x", "address": {"planet": "Mars"}}, "'address.planet': Extra inputs"),
    ({"username": "x", "address": {"country": "U\u0007K"}}, "'address.country'"),
    ({"username": "x", "address": "Mars"}, "'address'"),
    ({"username": "x", "phone_number": "12345"}, "country code"),
    ({"username": "x", "phone_number_verified": True}, "phone_number_verified without phone_number"),
    ({"username": "ada2", "email": "ada@example.com"}, "belongs to another person"),
    ({"username": "ada", "sub": "other"}, "belongs to another person"),
    ({"username": "ada2", "email": "ADA@EXAMPLE.COM"}, "belongs to another person"),
    ({"username": "x", "email": " x@example.com"}, "contain spaces"),
    ({"username": "x", "email": "x@example.com."}, "must be a domain"),
    ({"username": "\u0430da"}, "one script"),
    ({"username": "bo\u017fs"}, "ordinary form"),
    ('{"username": "x", "name": "' + "a" * 70_000 + '"}', "longer than 65536"),
]


def test_each_bad_line_is_named_with_its_number_and_the_others_are_kept(run: Run, kept: Database) -> None:
    for line, why in BAD:
        done = run("import", "-", given=lines(ADA, line, {"username": "last"}), status=1)
        assert "line 2: " in done.stderr, line
        assert why in done.stderr, done.stderr
        assert "secret-in-clear" not in done.stderr
        assert "bad 1." in done.stdout
    assert count(kept) == 2


def test_a_person_is_added_with_every_claim_of_the_profile(run: Run, kept: Database) -> None:
    said: dict[str, Any] = {name: ADA.get(name, nothing) for name, nothing in NO_PROFILE.items()}
    said |= {"middle_name": "King", "nickname": "Countess", "profile": "https://ada.example", "gender": "female"}
    said |= {"website": "http://ada.example", "address": {part.name: f"My {part.name}" for part in ADDRESS}}
    assert all(said.values()), "give it a value above"
    options = []
    for name, claim in PROFILE.items():
        parts = [(field, said[name][part.name] if claim.members else said[name]) for field, part in claim.fields()]
        options += [
            each for field, text in parts for each in (f"--{field.replace('_', '-')}", text) if each is not True
        ]
    run("add", "eve", "--no-password", *options)
    shown = json.loads(run("show", "eve", "--json").stdout)
    assert {name: shown[name] for name in PROFILE} == said
    assert "takes 1 to 100 characters" in run("add", "x", "--nickname", "x" * 101, "--no-password", status=1).stderr
    assert "country code" in run("add", "x", "--phone-number", "030 1234", "--no-password", status=1).stderr
    needs = run("add", "x", "--phone-number-verified", "--no-password", status=1).stderr
    assert "--phone-number-verified needs a number" in needs


DECLARED = """
claims:
  department: {scope: work, sentence: See your department}
  level: {scope: work, sentence: See your level, type: integer}
  languages: {scope: work, sentence: See your languages, type: list, changed_by: person}
"""


def test_claims_of_clients_yaml_are_imported_changed_shown_and_exported(
    run: Run, kept: Database, tmp_path: Path
) -> None:
    file = tmp_path / "clients.yaml"
    file.write_text(file.read_text() + DECLARED)
    ada = {"username": "ada", "claims": {"department": "Sales", "languages": ["de"], "level": 3}}
    run("import", "-", given=lines(ada))
    assert json.loads(run("export").stdout)["claims"] == ada["claims"]
    for claims, why in (
        (
            {"departmant": "x"},
            "clients.yaml does not declare this claim; did you mean department?",
        ),
        ({"level": "3"}, "'claims.level': Enter a whole number."),
        ({"department": "\u0000"}, "cannot be printed"),
        ({"department": None}, "'claims.department"),
    ):
        assert why in run("import", "-", given=lines({"username": "x", "claims": claims}), status=1).stderr
    run("add", "grace", "--no-password", "--claim", "level=4", "--claim", "languages=en, fr")
    shown = json.loads(run("show", "grace", "--json").stdout)
    assert (shown["claims"], shown["undeclared_claims"]) == ({"languages": ["en", "fr"], "level": 4}, [])
    changed = json.loads(run("claims", "grace", "--set", "level=5", "--unset", "languages", "--json").stdout)
    assert (changed["claims"], changed["changed"]) == ({"level": 5}, True)
    assert "did you mean level?" in run("claims", "grace", "--set", "levl=5", status=1).stderr
    assert "whole number" in run("claims", "grace", "--set", "level=high", status=1).stderr
    assert "has no claim 'motto'" in run("claims", "grace", "--unset", "motto", status=1).stderr
    file.write_text(file.read_text().replace("  level: ", "  grade: "))
    assert "undeclared_claims: level\n" in run("show", "grace").stdout
    assert "undeclared" not in run("claims", "grace", "--unset", "level").stdout
    assert json.loads(run("show", "grace", "--json").stdout)["claims"] == {}


def test_a_line_that_is_not_utf_8_is_bad_and_the_next_is_not(run: Run, tmp_path: Path) -> None:
    (tmp_path / "people.jsonl").write_bytes(b'{"username": "\xff"}\n\n{"username": "grace"}\n')
    done = run("import", "people.jsonl", status=1)
    assert "line 1: " in done.stderr
    assert done.stdout == "Added 1, already there 0, bad 1.\n"


def test_check_keeps_nothing(run: Run, kept: Database) -> None:
    assert run("import", "-", "--check", given=lines(ADA)).stdout == "Would add 1, already there 0, bad 0.\n"
    assert count(kept) == 0


def test_an_import_that_is_killed_leaves_whole_people_and_goes_on_when_it_is_run_again(
    run: Run, kept: Database, tmp_path: Path
) -> None:
    people = [{"username": f"person-{number}", "roles": ["user", "admin"]} for number in range(3000)]
    (tmp_path / "people.jsonl").write_text(lines(*people))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
    command = [sys.executable, "-c", "from authserver.cli import main; main()", "users", "import", "people.jsonl"]
    with subprocess.Popen(command, cwd=tmp_path, env=clean | CHEAP, stdout=subprocess.DEVNULL) as process:
        eventually(lambda: count(kept), pause=0.002)
        process.send_signal(signal.SIGKILL)
    there = count(kept)
    assert 0 < there < 3000
    with kept.read() as connection:
        assert connection.scalar(select(func.count()).select_from(user_roles)) == 2 * there
    done = json.loads(run("import", "people.jsonl", "--json").stdout)
    assert done == {"added": 3000 - there, "already_there": there, "bad": 0}


def test_on_either_database_a_person_whose_roles_cannot_be_kept_is_not_kept_either(database: Database) -> None:
    row = {"username": "ada", "email": None, "email_verified": False, "sub": None}
    with database.write() as connection:
        assert imports.put(connection, row | {"sub": "first"}, ("user",), 5).is_new
        with pytest.raises(LoginError):
            imports.put(connection, row | {"username": "grace", "sub": "first"}, (), 5)
        assert not imports.put(connection, row, (), 5).is_new
    with database.read() as connection:
        assert [each["roles"] for each in imports.everybody(connection)] == [["user"]]


def test_the_sub_of_a_person_who_was_deleted_is_refused_and_the_other_lines_are_kept(run: Run, kept: Database) -> None:
    run("import", "-", given=lines(ADA))
    run("delete", "ada", "--yes")
    again = run("import", "-", given=lines({"username": "grace"}, ADA), status=1)
    assert again.stderr.startswith("line 2: the sub belonged to a deleted person and is never given again")
    assert again.stdout == "Added 1, already there 0, bad 1.\n"
    assert "bad 1." in run("import", "-", "--check", given=lines(ADA), status=1).stdout
    without = {name: value for name, value in ADA.items() if name != "sub"}
    run("import", "-", given=lines(without))
    with kept.read() as connection:
        ada = users.by_login(connection, "ada")
    assert ada is not None
    assert ada.sub != ADA["sub"]
