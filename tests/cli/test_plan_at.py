"""`authserver clients plan --at`: a plan by a running server, from where neither its database nor its settings are."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from authserver.cli.planning.at import CLIENT_ID, CLIENT_SECRET
from tests.cli.command import run_command
from tests.flows.conftest import MakeProvider, database_url, make_provider, seeded_template
from tests.flows.provider import Provider
from tests.management.planning import PLANNING, SECRET, by_itself
from tests.ports import free_port

__all__ = ["database_url", "make_provider", "seeded_template"]
LESS = PLANNING.replace("  user: [read:users, read:reports, write:reports]", "  user: [read:users, read:reports]")


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def served(make_provider: MakeProvider) -> Iterator[Provider]:
    """A server on the loopback, with clients that may plan."""
    port = free_port()
    provider = make_provider(issuer=f"http://127.0.0.1:{port}")
    assert provider.declare(PLANNING)
    with make_server("127.0.0.1", port, provider.app, handler_class=_Silent) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield provider
        server.shutdown()
        thread.join()


def plan(
    folder: Path, provider: Provider, text: str, *options: str, client: str | None = "planner", secret: str = SECRET
) -> "CompletedProcess[str]":
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    (elsewhere / "new.yaml").write_text(text)
    environ = {} if client is None else {CLIENT_ID: client, CLIENT_SECRET: secret}
    done = run_command(["clients", "plan", "new.yaml", "--at", provider.issuer, *options], elsewhere, environ)
    assert "Traceback" not in done.stderr
    assert secret not in done.stdout + done.stderr
    # It needs nothing of a server's, and leaves nothing.
    assert {each.name for each in elsewhere.iterdir()} <= {"new.yaml", "token"}
    return done


def test_a_pipeline_learns_what_would_be_lost_by_the_same_words_and_statuses(tmp_path: Path, served: Provider) -> None:
    same = plan(tmp_path, served, PLANNING)
    said = f"new.yaml: nobody would notice a difference from clients.yaml at {served.issuer}\n"
    assert (same.returncode, same.stdout) == (0, said)
    lost = plan(tmp_path, served, LESS)
    assert lost.returncode == 3
    assert lost.stdout.splitlines()[0].startswith("lost    permission write:reports of reports is lost (")
    found = json.loads(plan(tmp_path, served, LESS, "--json", "--who", client="seer").stdout)
    assert found.keys() == {"against", "file", "consequences", "disappointed", "warnings", "expected"}
    assert "ada" in found["consequences"][0]["who"]
    faulty = plan(tmp_path, served, PLANNING.replace("type: spa", "type: sp"))
    assert (faulty.returncode, faulty.stdout) == (1, "")
    assert faulty.stderr.startswith("new.yaml:")
    assert "did you mean spa?" in faulty.stderr


def test_an_expectation_that_nobody_may_look_at_is_not_met(tmp_path: Path, served: Provider) -> None:
    expecting = f"{PLANNING}expect: [ada has role user]\n"
    assert plan(tmp_path, served, expecting, client="seer").returncode == 0
    done = plan(tmp_path, served, expecting)
    assert done.returncode == 4
    place = f"new.yaml:{PLANNING.count(chr(10)) + 1}"
    assert f"expect  {place}: ada has role user: not looked at: it takes the permission read:users" in done.stdout
    assert plan(tmp_path, served, expecting.replace("role user]", "role admin]"), client="seer").returncode == 4


def test_a_token_may_come_from_a_file(tmp_path: Path, served: Provider) -> None:
    token = tmp_path / "elsewhere" / "token"
    token.parent.mkdir()
    token.write_text(by_itself(served, "planner").token + "\n")
    assert plan(tmp_path, served, LESS, "--token-file", "token", client=None).returncode == 3
    for text in ("", "two words", "\x1b[31m", "é"):
        token.write_text(text)
        assert "does not contain an access token" in plan(
            tmp_path, served, LESS, "--token-file", "token", client=None
        ).stderr.replace("cannot be read as a text", "does not contain an access token")


@pytest.mark.parametrize(
    ("client", "secret", "options", "said"),
    [
        (None, SECRET, [], "set PLAN_CLIENT_ID and PLAN_CLIENT_SECRET"),
        ("planner", "wrong".ljust(43, "x"), [], "gave no access token: 401 invalid_client"),
        ("nightly", "nightly+secret %".ljust(43, "x"), [], "gave no access token: 400 invalid_target"),
        ("planner", SECRET, ["--who"], "the server refused: 403 insufficient_scope"),
        ("planner", SECRET, ["--token-file", "missing"], "missing cannot be read"),
    ],
)
def test_what_is_refused_is_said_in_words(
    tmp_path: Path, served: Provider, client: str | None, secret: str, options: list[str], said: str
) -> None:
    done = plan(tmp_path, served, LESS, *options, client=client, secret=secret)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr


def test_a_secret_goes_to_nobody_but_the_issuer(tmp_path: Path, served: Provider) -> None:
    environ = {CLIENT_ID: "planner", CLIENT_SECRET: SECRET}
    (tmp_path / "new.yaml").write_text(LESS)
    port = served.issuer.rpartition(":")[2]
    for url, said in (
        # The same server by another name: it is not the issuer.
        (f"http://[::ffff:127.0.0.1]:{port}", "cannot be asked"),
        (f"http://127.0.0.1:{free_port()}", "cannot be asked"),
        ("http://sso.example.com", "cannot be asked"),
        (f"{served.issuer}/nothing", "is not the issuer of the server there"),
    ):
        done = run_command(["clients", "plan", "new.yaml", "--at", url], tmp_path, environ)
        assert (done.returncode, done.stdout, "Traceback" in done.stderr) == (1, "", False)
        assert said in done.stderr


@pytest.mark.parametrize("options", [["--token-file", "x"], ["--at", "http://127.0.0.1", "--against", "new.yaml"]])
def test_options_that_do_not_go_together_are_refused(tmp_path: Path, options: list[str]) -> None:
    (tmp_path / "new.yaml").write_text(LESS)
    assert run_command(["clients", "plan", "new.yaml", *options], tmp_path, {}).returncode == 2


def _told(**more: object) -> dict[str, object]:
    return {"consequences": [], "disappointed": [], "warnings": [], "expected": 1} | more


LOST = {"effect": "lost", "subject": "role user", "what": "is lost", "people": 1, "who": []}
ANSWERS = [
    # From an earlier release, which names no line; and from a later one, which tells more.
    (
        "200 OK",
        _told(disappointed=[{"text": "ada has role boss", "why": "nobody"}]),
        4,
        "expect  new.yaml: ada has role",
    ),
    ("200 OK", _told(consequences=[LOST | {"since": 1}], later=True), 3, "lost    role user is lost (1 person)"),
    ("200 OK", "<html>", 1, "answered something that is no plan: is it of another release?"),
    ("200 OK", {"consequences": 7}, 1, "answered something that is no plan: is it of another release?"),
    ("302 Found", {}, 1, "cannot be asked: a redirect from"),
    ("401 Unauthorized", {"error": "invalid_token", "detail": "It has ended."}, 1, "refused: 401 invalid_token It has"),
    ("404 Not Found", "<html>", 1, "the server refused: 404"),
    ("413 Content Too Large", {}, 1, "new.yaml is larger than the server takes (AUTHSERVER_MAX_BODY)"),
    ("429 Too Many Requests", {"error": "temporarily_unavailable"}, 1, "refused: 429 temporarily_unavailable"),
    ("503 Service Unavailable", {"error": "\x1b[31m"}, 1, "refused: 503 \\x1b[31m"),
]


@pytest.mark.parametrize(("status", "body", "ends", "said"), ANSWERS)
def test_whatever_a_server_answers_is_told_in_words(
    tmp_path: Path, status: str, body: object, ends: int, said: str
) -> None:
    (tmp_path / "new.yaml").write_text(LESS)
    (tmp_path / "token").write_text("a-token")

    def answer(_environ: object, start: Callable[..., object]) -> list[bytes]:
        start(status, [("Content-Type", "application/json"), ("Location", "http://127.0.0.1:1/")])
        return [(body if isinstance(body, str) else json.dumps(body)).encode()]

    port = free_port()
    with make_server("127.0.0.1", port, answer, handler_class=_Silent) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        asked = ["clients", "plan", "new.yaml", "--at", f"http://127.0.0.1:{port}", "--token-file", "token"]
        done = run_command(asked, tmp_path, {})
        server.shutdown()
        thread.join()
    assert (done.returncode, "Traceback" in done.stderr) == (ends, False)
    assert said in done.stdout + done.stderr
