"""`authserver users list`: written while it is read, and only whom one asks for."""

import json

from authserver.store import users
from authserver.store.database import Database
from tests.cli.conftest import Run


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
