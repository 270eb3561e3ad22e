"""`authserver init`: what it writes is accepted and starts, and it replaces nothing."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx
import pytest
import yaml
from dotenv import dotenv_values

from tests.cli.command import run_command
from tests.patience import PATIENCE, eventually
from tests.ports import free_port

SYSTEMD = {
    "issuer": "https://login.example.com",
    "run": "systemd",
    "database": "default",
    "mail": "smtp://ada:p%40ss%3Aword@mail.example.com:2525",
    "admin": "ada@example.com",
}
COMPOSE = SYSTEMD | {"run": "compose"}


def options(answers: dict[str, str]) -> list[str]:
    return [part for name, value in answers.items() for part in (f"--{name}", value)]


def init(
    where: Path, answers: dict[str, str], given: str = "", status: int = 0, folder: str = "."
) -> "CompletedProcess[str]":
    done = run_command(["init", folder, *options(answers)], where, {}, given)
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr
    return done


def written(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.stat().st_mode & 0o777 for path in folder.rglob("*") if path.is_file()}


def test_for_systemd_it_writes_what_the_unit_looks_for(tmp_path: Path) -> None:
    said = init(tmp_path, SYSTEMD).stdout
    assert written(tmp_path) == {
        ".env": 0o600,
        "keys/master.key": 0o600,
        "clients.yaml": 0o644,
        "authserver.service": 0o644,
    }
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert "authserver users invite --role admin --link -- ada@example.com" in said
    env = dotenv_values(tmp_path / ".env")
    assert env["AUTHSERVER_DATABASE_URL"] == "sqlite:////var/lib/authserver/authserver.db"
    assert (env["AUTHSERVER_SMTP_PASSWORD"], env["AUTHSERVER_SMTP_PORT"]) == ("p@ss:word", "2525")
    assert "Warn" not in run_command(["clients", "check"], tmp_path, {}).stderr
    assert run_command(["clients", "check"], tmp_path, {}).returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("below", ["http://localhost:PORT", "http://[::1]:PORT", "http://127.0.0.1:PORT/login/here"])
def test_what_it_wrote_starts_and_lets_the_first_administrator_in(tmp_path: Path, below: str) -> None:
    issuer = below.replace("PORT", str(free_port()))
    init(tmp_path, SYSTEMD | {"issuer": issuer, "mail": "none"})
    env = (tmp_path / ".env").read_text()
    (tmp_path / ".env").write_text(env.replace("/var/lib/authserver/", f"{tmp_path}/"))
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
    command = [sys.executable, "-c", "from authserver.cli import main; main()", "serve"]
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=log, stderr=log)
    try:
        eventually(lambda: _knows_itself(issuer))
        invited = run_command(["users", "invite", "ada@example.com", "--role", "admin", "--link"], tmp_path, {})
        assert httpx.get(invited.stdout.strip(), follow_redirects=True, timeout=PATIENCE).status_code == 200
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE)


def _knows_itself(issuer: str) -> bool:
    try:
        metadata = httpx.get(f"{issuer}/.well-known/openid-configuration", timeout=PATIENCE)
    except httpx.TransportError:
        return False
    return metadata.status_code == 200 and metadata.json()["issuer"] == issuer


@pytest.mark.parametrize(
    ("changed", "layers"),
    [
        ({}, "compose.yaml:deploy/caddy/compose.yaml:compose.settings.yaml"),
        ({"mail": "none"}, "compose.yaml:deploy/caddy/compose.yaml"),
        ({"mail": "none", "issuer": "http://localhost:8080"}, "compose.yaml"),
        ({"mail": "none", "database": "postgresql://a:b@db/x"}, None),
    ],
)
def test_for_compose_every_file_that_is_named_is_there(
    tmp_path: Path, changed: dict[str, str], layers: str | None
) -> None:
    init(tmp_path, COMPOSE | changed)
    env = dotenv_values(tmp_path / ".env")
    assert layers in (None, env["COMPOSE_FILE"])
    environment: dict[str, Any] = {}
    for name in str(env["COMPOSE_FILE"]).split(":"):
        loaded = yaml.load((tmp_path / name).read_text().replace("!override", ""), Loader=yaml.SafeLoader)
        for service in loaded["services"].values():
            assert "build" not in service
            mounts = [mount.split(":")[0] for mount in service.get("volumes", ()) if mount.startswith("./")]
            # nginx gives its place to Caddy.
            used = [mount for mount in mounts if "nginx" not in mount or layers == "compose.yaml"]
            assert all((tmp_path / mount).exists() for mount in used)
        environment |= loaded["services"]["authserver"].get("environment", {})
    needed = {name for name in ("POSTGRES_PASSWORD", "AUTHSERVER_MASTER_KEY") if env[name]}
    assert len(needed) == 2
    assert all(f"${{{name}}}" == environment[name] for name in env if name.startswith("AUTHSERVER_SMTP"))
    if "database" in changed:
        assert environment["AUTHSERVER_DATABASE_URL"] == "${AUTHSERVER_DATABASE_URL}"
        # The one that Compose would bring along is neither started nor waited for.
        settings = yaml.safe_load((tmp_path / "compose.settings.yaml").read_text().replace("!override", ""))
        assert settings["services"]["postgres"]["profiles"]
        assert "postgres" not in settings["services"]["authserver"]["depends_on"]
    checked = {"AUTHSERVER_CLIENTS_FILE": "deploy/authserver/clients.yaml"}
    assert run_command(["clients", "check"], tmp_path, checked).returncode == 0
    docker = shutil.which("docker")
    if docker and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0:
        subprocess.run([docker, "compose", "config", "--quiet"], cwd=tmp_path, check=True)


def test_what_the_user_in_a_container_reads_is_readable_whatever_the_shell_keeps_from_others(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from authserver.cli import main; main()", "init", "login", *options(COMPOSE)]
    subprocess.run(command, cwd=tmp_path, umask=0o077, check=True, capture_output=True)
    folder = tmp_path / "login"
    assert {name: mode for name, mode in written(folder).items() if mode != 0o644} == {".env": 0o600}
    assert {path.stat().st_mode & 0o777 for path in (folder / "deploy").rglob("*") if path.is_dir()} == {0o755}


def test_it_asks_for_what_no_option_says(tmp_path: Path) -> None:
    said = init(tmp_path, {"run": "systemd"}, "https://login.example.com\ndefault\nnone\nada@example.com\n").stdout
    assert [said.count(question) for question in ("Public address", "Database", "Mail server", "Email address")] == [
        1
    ] * 4
    assert (tmp_path / ".env").is_file()


@pytest.mark.parametrize("there", [".env", "clients.yaml", "keys/master.key", "authserver.service"])
def test_where_a_file_is_there_nothing_is_written(tmp_path: Path, there: str) -> None:
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).write_text("mine")
    assert there in init(tmp_path, SYSTEMD, status=1).stderr
    assert list(written(tmp_path)) == [there]
    assert (tmp_path / there).read_text() == "mine"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"issuer": "http://login.example.com"}, "'--issuer': http is for localhost"),
        ({"issuer": "https://login.example.com/a", "run": "compose"}, "'--issuer': for compose"),
        ({"issuer": "https://login.example.com:8443", "run": "compose"}, "'--issuer': for compose"),
        ({"issuer": "https://[2001:db8::1]", "run": "compose"}, "'--issuer': for compose"),
        # It publishes on 127.0.0.1, and picks its limits by paths without a prefix.
        ({"issuer": "http://[::1]:9000", "run": "compose"}, "'--issuer': for compose"),
        ({"issuer": "http://localhost:9000/a", "run": "compose"}, "'--issuer': for compose"),
        ({"issuer": "http://localhost"}, "'--issuer': the unit lets the server listen from port 1024 on"),
        ({"issuer": "http://localhost:9464"}, "'--issuer': the unit keeps port 9464"),
        ({"issuer": "http://localhost:99999"}, "'--issuer': write it as https://host"),
        ({"issuer": "http://[::1"}, "'--issuer': write it as https://host"),
        ({"mail": "mail.example.com"}, "'--mail': write smtp://"),
        ({"mail": "smtp://ada@mail.example.com"}, "'--mail': write smtp://"),
        ({"mail": "smtp://ada:a%27b@mail.example.com"}, "by hand"),
        ({"mail": "smtp://ada:a%0AAUTHSERVER_PORT=1@mail.example.com"}, "by hand"),
        ({"mail": "smtp://ada:a%00b@mail.example.com"}, "by hand"),
        ({"mail": "smtp://mail.example.com:0"}, "'--mail': write smtp://"),
        ({"mail": "smtp://ada:@mail.example.com"}, "'--mail': write smtp://"),
        ({"mail": "smtp://:secret@mail.example.com"}, "'--mail': write smtp://"),
        ({"mail": "smtp://localhost:25", "run": "compose"}, "'--mail': in a container"),
        ({"admin": "ada"}, "'--admin': an email address"),
        ({"database": "mysql://db/x"}, "'--database': database_url must begin"),
        ({"database": "postgresql://a:b'@db/x"}, "by hand"),
        (
            {"database": "sqlite:///authserver.db"},
            "'--database': the unit lets the server write to /var/lib/authserver",
        ),
        ({"database": "sqlite:////var/lib/authserver/"}, "'--database': the unit lets the server write to"),
        ({"database": "sqlite:////var/lib/authserver/../a.db"}, "'--database': the unit lets the server write to"),
        ({"database": "sqlite:////var/lib/authserver/none/a.db"}, "'--database': the unit lets the server write to"),
        ({"database": "postgresql://a:b@db/x?sslmod=require"}, "invalid URI query parameter"),
        ({"database": "sqlite:////srv/a.db", "run": "compose"}, "'--database': compose runs two servers"),
        ({"database": "postgresql://a:b@localhost/x", "run": "compose"}, "localhost is the container itself"),
        ({"database": "postgresql://a:b@db,127.0.0.1:5432/x", "run": "compose"}, "localhost is the container itself"),
        ({"database": "postgresql:///x", "run": "compose"}, "localhost is the container itself"),
        ({"database": "postgresql:///x?host=/run/postgresql", "run": "compose"}, "localhost is the container itself"),
        ({"database": "postgresql://db/x?hostaddr=127.0.0.1", "run": "compose"}, "localhost is the container itself"),
    ],
)
def test_an_answer_that_will_not_do_is_said_and_nothing_written(
    tmp_path: Path, changed: dict[str, str], said: str
) -> None:
    assert said in init(tmp_path, SYSTEMD | changed, status=2).stderr
    assert written(tmp_path) == {}


def test_an_answer_that_will_not_do_is_asked_for_again(tmp_path: Path) -> None:
    given = ["docker", "systemd", "login.example.com", "https://login.example.com", "x", "default", "x", "none", "x"]
    done = init(tmp_path, {}, "\n".join([*given, "ada@example.com\n"]))
    assert (done.stdout + done.stderr).count("Error: ") == 5
    assert len(written(tmp_path)) == 4


@pytest.mark.parametrize("run", ["systemd", "compose"])
def test_a_list_of_hosts_is_a_database(tmp_path: Path, run: str) -> None:
    url = "postgresql://user:password@db1:5432,db2:5433/x?target_session_attrs=read-write"
    init(tmp_path, SYSTEMD | {"run": run, "database": url})
    assert dotenv_values(tmp_path / ".env")["AUTHSERVER_DATABASE_URL"] == url


@pytest.mark.parametrize(
    ("mail", "security"),
    [
        ("smtp://localhost:25", "none"),
        ("smtp://[::1]:25", "none"),
        ("smtp://mail.example.com", "starttls"),
        ("smtps://localhost", "tls"),
    ],
)
def test_a_mail_server_on_this_machine_needs_no_certificate(tmp_path: Path, mail: str, security: str) -> None:
    init(tmp_path, SYSTEMD | {"mail": mail})
    assert dotenv_values(tmp_path / ".env")["AUTHSERVER_SMTP_SECURITY"] == security


def test_no_proxy_is_trusted_where_there_is_none(tmp_path: Path) -> None:
    init(tmp_path, SYSTEMD | {"issuer": "http://localhost:9000"})
    assert "AUTHSERVER_TRUSTED_PROXIES" not in dotenv_values(tmp_path / ".env")


def test_what_is_set_where_it_is_asked_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("AUTHSERVER_PORT=none\nAUTHSERVER_SIGNUP=open\nAUTHSERVER_ISUER=x\n")
    init(tmp_path, SYSTEMD | {"mail": "none"}, folder="new")
    assert "AUTHSERVER_PORT" not in dotenv_values(tmp_path / "new" / ".env")


def test_lines_to_copy_say_the_same_to_a_shell(tmp_path: Path) -> None:
    said = init(tmp_path, SYSTEMD | {"admin": "-o'neil@example.com"}, folder="a $(b) c").stdout
    words = [shlex.split(line) for line in said.partition("Next:\n")[2].splitlines() if "Have a proxy" not in line]
    assert words[-1][-2:] == ["--", "-o'neil@example.com"]
    assert str(tmp_path / "a $(b) c" / "clients.yaml") in next(line for line in words if "mv" in line)


def test_who_answers_nothing_more_is_told_of_options_and_nothing_is_written(tmp_path: Path) -> None:
    said = init(tmp_path, {}, "systemd\nhttps://login.example.com\n", status=1).stderr
    assert "nothing was written" in said
    assert "Options answer them without a terminal." in said
    assert written(tmp_path) == {}


def test_a_place_that_cannot_be_written_to_is_said_and_what_was_begun_is_gone(tmp_path: Path) -> None:
    # A file stands where the folder of the last one would be.
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "caddy").write_text("mine")
    assert "nothing was written: " in init(tmp_path, COMPOSE, status=1).stderr
    assert list(written(tmp_path)) == ["deploy/caddy"]


@pytest.mark.parametrize(("run", "name"), [("systemd", "AUTHSERVER_PORT"), ("compose", "PORT")])
def test_on_this_machine_it_listens_where_the_issuer_says(tmp_path: Path, run: str, name: str) -> None:
    init(tmp_path, SYSTEMD | {"run": run, "issuer": "http://localhost:9000"})
    assert dotenv_values(tmp_path / ".env")[name] == "9000"


def test_every_step_for_systemd_stands_after_what_it_needs(tmp_path: Path) -> None:
    steps = init(tmp_path, SYSTEMD).stdout.partition("Next:\n")[2].splitlines()
    words = ("adduser", "/opt/authserver", "mkdir", f"mv {tmp_path}/.env", "chown", "systemctl", "users invite")
    places = [next(number for number, step in enumerate(steps) if word in step) for word in words]
    assert places == sorted(places)
    # A secret must not stay where nobody looks for it.
    assert "keys /etc/authserver/" in steps[places[3]]
