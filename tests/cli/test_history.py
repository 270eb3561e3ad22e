"""`authserver clients history | diff | undo`: what was live, what it changed, and the way back."""

import json
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from authserver.cli.history.put_back import ChangedMeanwhileError, draft_of, put_back, put_in_force
from authserver.clients.live import LiveRegistry
from authserver.history.record import record
from authserver.master_key import MasterKey, new_key
from authserver.store import users
from authserver.store.database import Database
from authserver.store.live_files import files
from tests.cli.command import run_command
from tests.cli.conftest import CLIENTS
from tests.conftest import open_database
from tests.patience import PATIENCE

NOW = 1_800_000_000
KEY = new_key()
master = MasterKey([KEY], "a test")
SECOND = CLIENTS.replace("default_role: user\n", "default_role: user  # everybody, to begin with\n").replace(
    "moderator: []", "moderator: [], auditor: []"
)
THIRD = SECOND.replace("admin: []}", "boss: []}").replace("name: Nightly", "name: Nocturnal")
GoLive = Callable[..., None]


@pytest.fixture
def go_live(tmp_path: Path, kept: Database) -> GoLive:
    """Puts these texts into force, one after the other, as a running server takes them."""

    def go_live(*texts: str, start: int = 0) -> None:
        path = tmp_path / "clients.yaml"
        for second, text in enumerate(texts, start):
            path.write_text(text)
            arrival = LiveRegistry(path, os.environ).arrival
            assert record(kept, master, arrival, "node-1", NOW + second)

    return go_live


def clients(folder: Path, *arguments: str, given: str = "", status: int = 0) -> "CompletedProcess[str]":
    done = run_command(["clients", *arguments], folder, {"AUTHSERVER_MASTER_KEY": KEY}, given)
    assert (done.returncode, "Traceback" in done.stderr) == (status, False), done.stderr
    return done


def test_the_history_tells_when_who_and_what(tmp_path: Path, go_live: GoLive) -> None:
    go_live(CLIENTS, SECOND, THIRD, THIRD + "# no more\n")
    who = Path(tmp_path / "clients.yaml").owner()
    head, *lines = clients(tmp_path, "history").stdout.splitlines()
    assert head.split() == ["NO", "LIVE", "SINCE", "WHO", "NODE", "HOW", "VERSION", "CHANGED"]
    assert [line.split("  ")[0].strip() for line in lines] == ["4", "3", "2", "1"]
    assert [line.rsplit("  ", 1)[1] for line in lines] == [
        "only comments, order, or layout",
        "added role boss; removed role admin; changed client nightly",
        "added role auditor",
        "-",
    ]
    assert all(f"  {who} " in line and "  node-1  start  " in line for line in lines)
    assert "2027-01-15 08:00:03Z" in lines[0]
    found = json.loads(clients(tmp_path, "history", "--json").stdout)
    assert [(each["number"], each["live_at"], each["who"], each["how"]) for each in found] == [
        (number, NOW + number - 1, who, "start") for number in (4, 3, 2, 1)
    ]
    assert found[0]["sha256"] == sha256((THIRD + "# no more\n").encode()).hexdigest()
    assert found[2]["changed"] == [{"kind": "added", "subject": "role auditor"}]
    # A version as it was, for machines where the file comes from elsewhere.
    assert clients(tmp_path, "history", "2").stdout == SECOND


def test_before_any_server_took_a_file_there_is_none(tmp_path: Path, kept: Database) -> None:
    assert clients(tmp_path, "history", "--json").stdout == "[]\n"
    for command in (["diff"], ["undo", "--yes"]):
        assert "no file is kept yet" in clients(tmp_path, *command, status=1).stderr


def test_a_difference_is_told_by_entries_and_fields_or_by_lines(tmp_path: Path, go_live: GoLive) -> None:
    go_live(CLIENTS, SECOND, THIRD)
    title, *lines = clients(tmp_path, "diff").stdout.splitlines()
    assert title.startswith("number 2, live since 2027-01-15 08:00:01Z, by ")
    assert lines == ["+ role boss", "- role admin", "~ client nightly", "    name  Nightly → Nocturnal"]
    assert clients(tmp_path, "diff", "2").stdout.splitlines()[1:] == ["+ role auditor"]
    assert clients(tmp_path, "diff", "3", "2").stdout.splitlines()[1:3] == ["+ role admin", "- role boss"]
    text = clients(tmp_path, "diff", "1", "2", "--text").stdout
    assert "-default_role: user\n" in text
    assert "+default_role: user  # everybody, to begin with\n" in text
    found = json.loads(clients(tmp_path, "diff", "1", "2", "--json").stdout)
    assert found == {"from": 1, "to": 2, "differences": [{"kind": "added", "subject": "role auditor", "edits": []}]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["diff", "1"], "number 1 is the first"),
        (["diff", "7"], "no file with the number 7 is kept"),
        (["undo", "--yes"], "number 1 is the first"),
        (["undo", "7"], "no file with the number 7 is kept"),
        (["history", "9"], "no file with the number 9 is kept"),
    ],
)
def test_a_number_that_leads_nowhere_is_refused_in_words(
    tmp_path: Path, go_live: GoLive, arguments: list[str], said: str
) -> None:
    go_live(CLIENTS)
    assert said in clients(tmp_path, *arguments, status=1).stderr
    assert (tmp_path / "clients.yaml").read_text() == CLIENTS


def test_undo_shows_the_plan_asks_and_puts_the_text_back_with_its_comments(
    tmp_path: Path, go_live: GoLive, kept: Database
) -> None:
    path = tmp_path / "clients.yaml"
    go_live(CLIENTS, SECOND, THIRD)
    path.chmod(0o640)
    with kept.write() as connection:
        users.add(connection, username="ada", roles=["boss"], now=NOW)
    refused = clients(tmp_path, "undo", given="n\n", status=1)
    assert "lost    role boss is lost (1 person)" in refused.stdout
    assert path.read_text() == THIRD
    done = clients(tmp_path, "undo", given="y\n")
    assert done.stdout.splitlines()[-1] == f"{path} is what number 2 was; a running server takes it by itself"
    assert (path.read_text(), path.stat().st_mode & 0o777) == (SECOND, 0o640)
    assert sorted(each.name for each in tmp_path.glob(".*")) == []
    newest = json.loads(clients(tmp_path, "history", "--json").stdout)[0]
    assert (newest["number"], newest["how"]) == (4, "undo")
    # A server that takes it has nothing to add.
    assert record(kept, master, LiveRegistry(path, os.environ).arrival, "node-1", NOW + 60)
    assert len(json.loads(clients(tmp_path, "history", "--json").stdout)) == 4
    # Undone again, what was undone is back: nothing is lost by undoing.
    clients(tmp_path, "undo", "--yes")
    assert path.read_text() == THIRD
    clients(tmp_path, "undo", "--yes")
    assert path.read_text() == SECOND
    clients(tmp_path, "undo", "1", "--yes")
    assert path.read_text() == CLIENTS
    kept_now = json.loads(clients(tmp_path, "history", "--json").stdout)
    assert [(each["number"], each["how"]) for each in kept_now[:4]] == [(7 - n, "undo") for n in range(4)]


def test_undo_for_programs_asks_nothing_and_does_nothing_without_a_yes(tmp_path: Path, go_live: GoLive) -> None:
    path = tmp_path / "clients.yaml"
    go_live(CLIENTS, SECOND)
    planned = json.loads(clients(tmp_path, "undo", "--json").stdout)
    assert (planned["file"], planned["consequences"], path.read_text()) == ("number 1", [], SECOND)
    assert json.loads(clients(tmp_path, "undo", "--json", "--yes").stdout) == planned
    assert path.read_text() == CLIENTS


def test_undo_loses_nobody_s_work(tmp_path: Path, go_live: GoLive) -> None:
    path = tmp_path / "clients.yaml"
    go_live(CLIENTS, SECOND)
    path.write_text(THIRD)
    refused = clients(tmp_path, "undo", "--yes", status=1)
    assert "was changed since number 2, and no server has taken it" in refused.stderr
    assert path.read_text() == THIRD


def test_a_version_that_would_be_refused_today_is_not_put_back(tmp_path: Path, go_live: GoLive) -> None:
    path = tmp_path / "clients.yaml"
    secret = tmp_path / "nightly.secret"
    secret.write_text("s" * 40)
    secret.chmod(0o600)
    go_live(CLIENTS.replace(f"sha256: '{'ab' * 32}'", "file: nightly.secret"), SECOND)
    secret.unlink()
    refused = clients(tmp_path, "undo", "--yes", status=1)
    assert "number 1:" in refused.stderr
    assert "cannot be read" in refused.stderr
    assert path.read_text() == SECOND
    assert list(tmp_path.glob(".clients*")) == []


def test_a_folder_that_may_not_be_written_says_where_else_to_go(tmp_path: Path, go_live: GoLive) -> None:
    go_live(CLIENTS, SECOND)
    # As a file that is mounted by itself: another cannot take its place, whoever asks.
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "clients.yaml").rename(real / "clients.yaml")
    (tmp_path / "clients.yaml").symlink_to(real / "clients.yaml")
    assert clients(tmp_path, "undo", "--yes").stdout.splitlines()[-1].startswith(f"{real / 'clients.yaml'} is what")
    assert (tmp_path / "clients.yaml").is_symlink()
    assert (real / "clients.yaml").read_text() == CLIENTS


def test_of_two_who_undo_at_once_one_does_and_the_history_says_which(
    tmp_path: Path, kept: Database, go_live: GoLive
) -> None:
    path = tmp_path / "clients.yaml"
    go_live(CLIENTS, SECOND, THIRD)
    with kept.read() as connection:
        wanted = {"one": files.find(connection, 1), "two": files.find(connection, 2)}
    seen, begin, done = sha256(THIRD.encode()).digest(), threading.Barrier(2), list[str]()

    def undo(who: str) -> None:
        row = wanted[who]
        assert row is not None
        database = open_database(str(kept.engine.url))
        with draft_of(path, {"one": CLIENTS, "two": SECOND}[who].encode()) as draft:
            begin.wait(PATIENCE)
            with suppress(ChangedMeanwhileError):
                put_in_force(database, replace(row, who=who, way="undo"), draft, path, seen)
                done.append(who)
        database.engine.dispose()

    threads = [threading.Thread(target=undo, args=(who,)) for who in wanted]
    for each in threads:
        each.start()
    for each in threads:
        each.join(PATIENCE)
    (winner,) = done
    assert path.read_text() == {"one": CLIENTS, "two": SECOND}[winner]
    newest, before, *_ = json.loads(clients(tmp_path, "history", "--json").stdout)
    assert (newest["number"], newest["who"], newest["how"], before["number"]) == (4, winner, "undo", 3)


def test_a_file_that_cannot_be_replaced_leaves_no_trace_in_the_history(
    tmp_path: Path, kept: Database, go_live: GoLive
) -> None:
    go_live(CLIENTS, SECOND)
    # No draft fits beside it, whoever asks: root may write everywhere.
    long = tmp_path / ("c" * 250)
    (tmp_path / "clients.yaml").rename(long)
    options = {"AUTHSERVER_MASTER_KEY": KEY, "AUTHSERVER_CLIENTS_FILE": long.name}
    done = run_command(["clients", "undo", "--yes"], tmp_path, options)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "cannot be replaced: File name too long; write it where this file comes from" in done.stderr
    assert "`authserver clients history 1` prints the text" in done.stderr
    assert long.read_text() == SECOND
    with kept.read() as connection:
        assert [each.number for each in files.everything(connection)] == [2, 1]


def test_a_file_that_changes_while_it_is_undone_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "clients.yaml"
    path.write_text("one")
    seen = sha256(b"one").digest()
    with draft_of(path, b"two") as draft:
        path.write_text("three")
        with pytest.raises(ChangedMeanwhileError):
            put_back(draft, path, seen)
    assert path.read_text() == "three"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_in_a_file_can_write_to_the_terminal(tmp_path: Path, go_live: GoLive) -> None:
    # A reader of YAML takes the mark that turns the direction of text, and the next line of old terminals.
    go_live(CLIENTS, CLIENTS + "# \u202e\u0085# evil\n")
    shown = clients(tmp_path, "diff", "--text").stdout
    assert "\\u202e" in shown
    assert not any(each in shown for each in "\u202e\u0085\x1b")


def test_without_the_key_it_says_so(tmp_path: Path, go_live: GoLive) -> None:
    go_live(CLIENTS, SECOND)
    other = {"AUTHSERVER_MASTER_KEY": new_key()}
    done = run_command(["clients", "diff"], tmp_path, other)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "master key" in done.stderr
    assert run_command(["clients", "history"], tmp_path, other).returncode == 0
