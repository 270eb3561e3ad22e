"""`authserver users list`: written while it is read, and only whom one asks for."""

import json
from importlib import import_module
from typing import Any

import pytest

from authserver.store import directory, users
from authserver.store.database import Database
from tests.cli.conftest import Run

# The command of this name stands before the module.
show: Any = import_module("authserver.cli.users.show")


def test_a_long_list_is_written_in_parts_and_whole(run: Run, kept: Database) -> None:
    with kept.write() as connection:
        for number in range(510):
            long = "-with-a-long-name" if number == 505 else ""
            users.add(connection, username=f"p{number:03}{long}", name="Ada Lovelace", roles=["user"], now=1)
        users.add(connection, username="zoe", name="Zoe", roles=["admin"], now=1)
    table = run("list").stdout.splitlines()
    assert [line.split()[0][:4] for line in table] == ["USER", *(f"p{number:03}" for number in range(510)), "zoe"]
    listed = json.loads(run("list", "--json").stdout)
    assert len(listed) == 511
    assert [each["username"] for each in json.loads(run("list", "--json", "--role", "admin").stdout)] == ["zoe"]
    assert [each["username"] for each in json.loads(run("list", "--json", "--search", "ZO").stdout)] == ["zoe"]
    assert json.loads(run("list", "--json", "--group", "sales").stdout) == []
    assert run("list", "--search", "nobody").stdout.split() == ["USERNAME", "E-MAIL", "ROLES", "STATE"]


def test_what_was_read_is_written_before_more_is_read(kept: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    pages: list[int] = []
    page = directory.page

    def counted(*arguments: Any) -> Any:
        pages.append(1)
        return page(*arguments)

    monkeypatch.setattr(directory, "STEP", 10)
    monkeypatch.setattr(directory, "page", counted)
    monkeypatch.setattr(show, "LAID_OUT", 10)
    with kept.write() as connection:
        for number in range(100):
            users.add(connection, username=f"p{number:03}", now=1)
    for lines in (show._as_table, show._as_json):
        pages.clear()
        with kept.read() as connection:
            written = lines(directory.everybody(connection))
            next(written)
            assert len(pages) <= 2, "nobody waits for the first line until everybody was read, or holds them all"
            assert len(list(written)) >= 100
            assert len(pages) >= 10
