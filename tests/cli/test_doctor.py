"""`authserver doctor`: what it prints, its status, and that nothing secret is in it."""

import json
from pathlib import Path

from tests.cli.command import run_command
from tests.cli.conftest import CLIENTS
from tests.ports import free_port


def doctor(folder: Path, *options: str, **environ: str) -> tuple[int, str]:
    nobody = str(free_port())
    given = {"AUTHSERVER_ISSUER": f"http://127.0.0.1:{nobody}", "AUTHSERVER_PORT": nobody, **environ}
    done = run_command(["doctor", *options], folder, given)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def test_a_server_that_does_not_run_is_told_of_with_what_to_do(tmp_path: Path, url: str) -> None:
    status, text = doctor(tmp_path)
    assert status == 1
    lines = text.splitlines()
    assert any(line.startswith("FAULT   issuer: http://127.0.0.1:") for line in lines)
    assert "FAULT   keys: there is no master key" in lines
    assert lines[lines.index("FAULT   keys: there is no master key") + 1].startswith("        → ")
    assert lines[-1].endswith(" well.")
    # It changed nothing.
    assert not (tmp_path / "keys").exists()


def test_everything_is_there_as_json_and_nothing_secret(tmp_path: Path, url: str) -> None:
    secret = "s" * 43
    (tmp_path / "clients.yaml").write_text(
        CLIENTS + "providers: {corp: {issuer: 'http://127.0.0.1:9', client_id: x, secret: {env: CORP_SECRET}}}\n"
    )
    status, text = doctor(tmp_path, "--json", CORP_SECRET=secret, AUTHSERVER_REDIS_URL="redis://:hidden@127.0.0.1:9/0")
    found = json.loads(text)
    assert status == 1
    assert {each["part"] for each in found} >= {"clients.yaml", "database", "redis", "keys", "mail", "provider corp"}
    assert secret not in text
    assert "hidden" not in text
    assert all(each["advice"] for each in found if each["level"] != "ok")


def test_a_faulty_file_is_one_finding_of_many(tmp_path: Path, url: str) -> None:
    (tmp_path / "clients.yaml").write_text(CLIENTS.replace("type: service", "type: servise"))
    _, text = doctor(tmp_path, "--all")
    assert "clients[0].type: must be web, spa, native or service; did you mean service?" in text
    assert "ok      database: SQLite" in text


def test_a_database_that_is_away_hides_nothing_else(tmp_path: Path, url: str) -> None:
    _, text = doctor(tmp_path, AUTHSERVER_DATABASE_URL=f"postgresql://127.0.0.1:{free_port()}/x?connect_timeout=5")
    assert "FAULT   database: the database cannot be asked" in text
    assert "FAULT   issuer" in text
    # The mail server is asked all the same.
    assert "warning mail: no mail server is set" in text


def test_a_folder_that_is_not_there_hides_nothing_else(tmp_path: Path, url: str) -> None:
    nowhere = tmp_path / "nowhere"
    status, text = doctor(tmp_path, AUTHSERVER_DATABASE_URL=f"sqlite:///{nowhere}/x.db")
    assert status == 1
    assert f"FAULT   disk: {nowhere} cannot be looked at: No such file or directory" in text
    assert "FAULT   database: the database cannot be asked" in text
    assert "FAULT   issuer" in text
