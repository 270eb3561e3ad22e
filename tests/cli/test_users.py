"""`authserver users`, run as an administrator runs it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from authserver.master_key import load
from authserver.signin.password import Passwords
from authserver.store import directory, links, sessions, signin_failures, users
from authserver.store.allowed.tables import authorizations as authorizations_table
from authserver.store.database import Database
from authserver.store.sessions import SignIn
from authserver.store.tables import events, jobs
from authserver.store.tables import users as people
from tests.cli.conftest import Run
from tests.conftest import make_settings
from tests.mail.post import queued, rows
from tests.store.people import start_authorization

PASSWORD = " Correct horse 1! "


def test_a_person_is_added_shown_changed_shut_out_and_let_in_again(run: Run, kept: Database) -> None:
    added = run(
        "add", "Ada", "--email", "Ada@Example.com", "--name", "Ada L", "--password-stdin", given=PASSWORD + "\n"
    )
    assert "roles: user" in added.stdout
    shown = json.loads(run("show", "ada@example.com", "--json").stdout)
    assert (shown["username"], shown["name"], shown["roles"]) == ("ada", "Ada L", ["user"])
    assert shown["has_password"]
    run("roles", "ada", "moderator", "admin")
    run("disable", shown["sub"])
    listed = json.loads(run("list", "--json").stdout)
    assert [(each["roles"], each["disabled_at"] is not None) for each in listed] == [(["admin", "moderator"], True)]
    assert "disabled" in run("list").stdout
    run("enable", "ada")
    run("set-password", "ada", "--password-stdin", given="Another horse 2?")

    with kept.read() as connection:
        ada = users.by_login(connection, "ada")
        told = [row.name for row in connection.execute(events.select().order_by(events.c.id))]
    assert ada is not None
    assert Passwords(make_settings()).verify(ada.password_hash, "Another horse 2?")
    assert told == [
        "user:account:created",
        "user:roles:changed",
        "user:account:disabled",
        "user:account:enabled",
        "user:password:set",
    ]


def test_a_command_says_what_it_did_in_one_sentence_and_nothing_else(run: Run) -> None:
    added = run("add", "ada", "--password-stdin", given=PASSWORD + "\n")
    assert added.stdout.startswith("Added ada, sub ")
    changed = run("set-password", "ada", "--password-stdin", given="Another horse 2?")
    assert changed.stdout == "ada has a new password and must sign in again everywhere.\n"
    assert added.stderr + changed.stderr == ""


def test_given_and_family_name_are_kept_and_make_the_full_name_where_none_is_given(run: Run) -> None:
    names = ("--given-name", "Ada", "--family-name", "Lovelace")
    run("add", "ada", *names, "--no-password")
    run("add", "countess", *names, "--name", "Ada, Countess of Lovelace", "--no-password")
    told = [json.loads(run("show", login, "--json").stdout) for login in ("ada", "countess")]
    assert [(each["given_name"], each["family_name"]) for each in told] == [("Ada", "Lovelace")] * 2
    assert [each["name"] for each in told] == ["Ada Lovelace", "Ada, Countess of Lovelace"]


def test_a_password_from_standard_input_counts_with_its_spaces_and_is_shown_nowhere(run: Run, kept: Database) -> None:
    done = run("add", "ada", "--password-stdin", given=PASSWORD + "\n")
    assert PASSWORD.strip() not in done.stdout + done.stderr
    with kept.read() as connection:
        ada = users.by_login(connection, "ada")
    assert ada is not None
    assert Passwords(make_settings()).verify(ada.password_hash, PASSWORD)


@pytest.mark.parametrize(
    ("arguments", "given", "said"),
    [
        (("show", "nobody"), "", "nobody has this username"),
        (("add", "a b", "--password-stdin"), PASSWORD, "letters, digits"),
        (("add", "ada", "--email", "ada", "--password-stdin"), PASSWORD, "email address"),
        (("add", "ada", "--role", "moderatr", "--password-stdin"), PASSWORD, "did you mean moderator?"),
        (("add", "ada", "--password-stdin"), "", "1 to 256 characters"),
        (("add", "ada", "--password-stdin"), "x" * 257, "1 to 256 characters"),
        (("add", "ada", "--password-stdin"), "password", "an uppercase letter"),
        (("add", "ada", "--name", "Grace Hopper", "--password-stdin"), "GraceHopper1!", "your name"),
        (("add", "ada", "--given-name", "Lovelace", "--password-stdin"), "Lovelace.12345", "your name"),
        (("add", "ada", "--name", "x" * 201, "--password-stdin"), PASSWORD, "--name takes 1 to 200 characters"),
        (("add", "ada", "--family-name", "x" * 101, "--no-password"), "", "--family-name takes 1 to 100 characters"),
        (("add", "ada", "--given-name", "a\nb", "--no-password"), "", "--given-name: Leave out"),
        (("invite", "ada"), "", "name@domain"),
        (("invite", "ada@example.com", "--username", "a b"), "", "letters, digits"),
        (("sessions", "nobody"), "", "nobody has this username"),
    ],
)
def test_what_cannot_be_is_said_in_words(run: Run, arguments: tuple[str, ...], given: str, said: str) -> None:
    assert said in run(*arguments, given=given, status=1).stderr


def test_a_taken_name_is_refused(run: Run) -> None:
    run("add", "ada", "--password-stdin", given=PASSWORD)
    assert "taken" in run("add", "ADA", "--password-stdin", given=PASSWORD, status=1).stderr


def test_disabling_ends_sessions_and_authorizations_at_once(run: Run, kept: Database) -> None:
    run("add", "ada", "--no-password")
    with kept.write() as connection:
        ada = users.by_login(connection, "ada")
        assert ada
        cookie, session = sessions.start(connection, SignIn(ada.sub, ("pwd",), 3600, 3600), 1_900_000_000)
        start_authorization(connection, ada.sub, session.sid)
    assert json.loads(run("disable", "ada", "--json").stdout) == {"sub": ada.sub, "changed": True}
    assert json.loads(run("disable", "ada", "--json").stdout)["changed"] is False
    with kept.read() as connection:
        assert sessions.find(connection, cookie, 1_900_000_001) is None
        assert connection.scalar(select(func.count()).where(authorizations_table.c.revoked_at.is_(None))) == 0


def test_sessions_are_listed_and_ended(run: Run, kept: Database) -> None:
    run("add", "ada", "--no-password")
    with kept.write() as connection:
        ada = users.by_login(connection, "ada")
        assert ada
        now = ada.updated_at
        browsers = [SignIn(ada.sub, ("pwd",), 3600, 3600, f"Browser {number}", "192.0.2.1") for number in range(3)]
        first, *_ = [sessions.start(connection, each, now)[1].sid for each in browsers]
    listed = json.loads(run("sessions", "ada", "--json").stdout)
    assert {each["user_agent"] for each in listed} == {"Browser 0", "Browser 1", "Browser 2"}
    assert "Browser 1" in run("sessions", "ada").stdout
    assert json.loads(run("sessions", "ada", "--end", first, "--json").stdout)["ended"] == [first]
    assert "no active session" in run("sessions", "ada", "--end", first, status=1).stderr
    assert len(json.loads(run("sessions", "ada", "--end-all", "--json").stdout)["ended"]) == 2
    assert json.loads(run("sessions", "ada", "--json").stdout) == []


def test_deleting_asks_first_takes_everything_and_tells_the_person(run: Run, kept: Database) -> None:
    run("add", "ada", "--email", "ada@example.com", "--no-password")
    run("delete", "ada", given="n\n", status=1)
    assert "ada" in run("list").stdout
    run("delete", "ada", "--yes")
    with kept.read() as connection:
        assert list(directory.everybody(connection)) == []
        (about,) = connection.scalars(select(jobs.c.about))
    assert json.loads(about) == {"kind": "account_deleted", "to": "ada@example.com"}


@pytest.mark.parametrize(
    ("how", "given"), [(("unlock", "ada"), ""), (("set-password", "ada", "--password-stdin"), "Another horse 2?")]
)
def test_unlocking_and_another_password_forget_failed_sign_ins(
    run: Run, kept: Database, how: tuple[str, ...], given: str
) -> None:
    run("add", "ada", "--no-password")
    with kept.write() as connection:
        ada = users.by_login(connection, "ada")
        assert ada
        account, now = signin_failures.account(ada.sub, "ada"), ada.updated_at
        waits = [signin_failures.attempt(connection, account, now, free=1, longest=900) for _ in range(2)]
    assert waits[0] == 0
    assert waits[1] > 0
    run(*how, given=given)
    with kept.write() as connection:
        assert signin_failures.attempt(connection, account, now, free=1, longest=900) == 0


def test_an_invitation_waits_sealed_in_the_outbox_and_its_link_works(run: Run, kept: Database) -> None:
    done = run("invite", "Grace@Example.com", "--username", "grace", "--role", "admin")
    assert "AUTHSERVER_SMTP_HOST is not set" in done.stderr
    (row,) = rows(kept)
    folder = kept.engine.url.database.rpartition("/")[0]  # type: ignore[union-attr]
    (mail,) = queued(kept, load(make_settings(keys_dir=f"{folder}/keys")))
    token = mail.text.partition("/invite?token=")[2].split()[0]
    with kept.read() as connection:
        link = links.find(connection, "invite", token, mail.created_at)
    assert link
    assert (link.email, link.detail["username"], link.detail["roles"]) == ("Grace@Example.com", "grace", ["admin"])
    assert token.encode() not in row.sealed


def test_an_invitation_can_be_printed_instead_and_a_person_with_a_password_gets_none(run: Run, kept: Database) -> None:
    told = json.loads(run("invite", "grace@example.com", "--link", "--json").stdout)
    assert told["link"].startswith("http://localhost:8080/invite?token=")
    with kept.read() as connection:
        assert connection.scalar(select(func.count()).select_from(jobs)) == 0
    run("add", "ada", "--email", "ada@example.com", "--password-stdin", given=PASSWORD)
    assert "set-password" in run("invite", "ada@example.com", status=1).stderr


def test_groups_are_joined_and_left_and_named(run: Run, kept: Database) -> None:
    run("add", "ada", "--no-password")
    done = json.loads(run("groups", "ada", "--add", "sales", "--add", "staff", "--json").stdout)
    assert (done["groups"], done["changed"]) == (["sales", "staff"], True)
    assert json.loads(run("groups", "ada", "--add", "sales", "--json").stdout)["changed"] is False
    assert run("groups", "ada", "--remove", "staff").stdout == "ada is in the groups: sales.\n"
    assert run("groups", "ada").stdout == "ada is in the groups: sales.\n"
    assert json.loads(run("show", "ada", "--json").stdout)["groups"] == ["sales"]
    assert "did you mean sales?" in run("groups", "ada", "--add", "sale", status=1).stderr
    assert "did you mean staff?" in run("groups", "ada", "--remove", "staf", status=1).stderr
    assert "not both" in run("groups", "ada", "--add", "staff", "--remove", "staff", status=1).stderr
    with kept.read() as connection:
        changes = connection.scalars(select(events.c.detail).where(events.c.name == "user:groups:changed"))
        told = [(each["before"], each["after"]) for each in map(json.loads, changes)]
    assert told == [([], ["sales", "staff"]), (["sales", "staff"], ["sales"])]


@pytest.mark.parametrize("change", [("groups", "ada", "--add", "staff"), ("roles", "ada", "user")])
def test_a_change_of_roles_or_groups_can_end_what_is_running(run: Run, kept: Database, change: tuple[str, ...]) -> None:
    run("add", "ada", "--no-password")
    with kept.write() as connection:
        ada = users.by_login(connection, "ada")
        assert ada
        sessions.start(connection, SignIn(ada.sub, ("pwd",), 3600, 3600), ada.updated_at)
    run(*change)
    assert len(json.loads(run("sessions", "ada", "--json").stdout)) == 1
    run(*change, "--now")
    assert json.loads(run("sessions", "ada", "--json").stdout) == []


def test_roles_and_groups_that_no_file_declares_are_named_and_can_be_left(
    run: Run, kept: Database, tmp_path: Path
) -> None:
    run("add", "ada", "--no-password", "--role", "moderator")
    run("groups", "ada", "--add", "sales", "--add", "staff")
    shown = json.loads(run("show", "ada", "--json").stdout)
    assert (shown["undeclared_roles"], shown["undeclared_groups"]) == ([], [])
    (tmp_path / "clients.yaml").write_text("roles: {user: []}\ngroups: {staff: [user]}\n")
    shown = json.loads(run("show", "ada", "--json").stdout)
    assert (shown["undeclared_roles"], shown["undeclared_groups"]) == (["moderator"], ["sales"])
    assert re.search(r"^undeclared_groups: +sales$", run("show", "ada").stdout, re.MULTILINE)
    assert run("groups", "ada", "--remove", "sales").stdout == "ada is in the groups: staff.\n"
    (tmp_path / "clients.yaml").write_text("roles: [")
    done = run("show", "ada")
    assert "cannot be loaded" in done.stderr
    assert "undeclared" not in done.stdout


def test_usernames_and_roles_are_completed(run: Run, completed: Callable[[str], list[str]]) -> None:
    run("add", "ada", "--no-password")
    run("add", "adam", "--no-password")
    assert completed("authserver users show ad") == ["ada", "adam"]
    assert completed("authserver users roles ada mod") == ["moderator"]
    assert completed("authserver users groups ada --add sa") == ["sales"]
    assert completed("authserver users se") == ["set-password", "sessions"]


def test_logins_that_would_not_be_given_like_this_today_are_listed_and_shared_addresses_fail(
    run: Run, kept: Database
) -> None:
    assert "would be accepted today" in run("check").stdout
    with kept.write() as connection:
        for number, (username, email, shared) in enumerate(
            [
                ("ada", "ada@bücher.example", "ada@xn--bcher-kva.example"),
                ("ada2", "ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
                ("p\u0430ypal", None, None),
            ]
        ):
            row = {"sub": f"sub{number}", "username": username, "email": email, "contested_key": shared}
            connection.execute(insert(people).values(created_at=1, updated_at=1, **row))
    told = run("check", status=1).stdout
    assert "ada (sub0, ada@bücher.example): another account has this address too" in told
    assert "ada2 (sub1, ada@xn--bcher-kva.example): another account has this address too" in told
    assert "the domain of the address compares as xn--bcher-kva.example" in told
    found = json.loads(run("check", "--json", status=1).stdout)
    assert [each["finding"] for each in found if each["sub"] == "sub2"] == ["username_mixed"]
    run("delete", "ada2", "--yes")
    assert "another account" not in run("check").stdout
    assert json.loads(run("show", "Ada@BÜCHER.example".replace("Ü", "ü"), "--json").stdout)["sub"] == "sub0"


@pytest.mark.parametrize("username", ["\u0430da", "bo\u017fs", "a\u200dda"])
def test_a_username_that_passes_for_another_is_refused(run: Run, username: str) -> None:
    assert "a username" in run("add", username, "--no-password", status=1).stderr


def test_an_address_is_verified_only_where_one_is_named(run: Run) -> None:
    assert "--email" in run("add", "ada", "--no-password", "--email-verified", status=1).stderr


def test_an_invitation_goes_to_the_address_as_the_account_has_it(run: Run, kept: Database) -> None:
    run("add", "ada", "--no-password", "--email", "Ada@faß.example")
    run("invite", "ADA@xn--fa-hia.example")
    (row,) = rows(kept)
    assert json.loads(row.about)["to"] == "Ada@faß.example"
