"""`POST /plan`: what a changed clients.yaml would do, asked by whoever is elsewhere and may."""

from pathlib import Path
from typing import Any

import pytest

from authserver.clients import secrets
from authserver.management.clients_file import plan as module
from tests.flows.databases import on_both
from tests.flows.provider import Provider
from tests.management.api import Api, signed_in
from tests.management.planning import PLANNING, by_itself

# `ada` and whoever else has the default role lose something.
LESS = PLANNING.replace("  user: [read:users, read:reports, write:reports]", "  user: [read:users, read:reports]")
LOST = "permission write:reports of reports"


@pytest.fixture
def planner(provider: Provider) -> Api:
    assert provider.declare(PLANNING)
    return by_itself(provider, "planner")


@pytest.fixture
def seer(planner: Api) -> Api:
    return by_itself(planner.provider, "seer")


def plan(api: Api, text: str, **more: Any) -> dict[str, Any]:
    answer = api.call("POST", "/plan", {"file": text} | more)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


@on_both
def test_it_says_what_would_be_lost_and_changes_nothing(provider: Provider, planner: Api) -> None:
    version = provider.app.server.registry.version
    found = plan(planner, LESS)
    (lost,) = found["consequences"]
    assert (lost["effect"], lost["subject"], lost["what"], lost["who"]) == ("lost", LOST, "is lost", [])
    assert lost["people"] >= 1
    assert (found["clients_version"], found["disappointed"], found["expected"]) == (version, [], 0)
    assert provider.app.server.registry.version == version
    assert plan(planner, PLANNING)["consequences"] == []


def test_who_is_concerned_is_for_those_who_may_see_people(planner: Api, seer: Api) -> None:
    refused = planner.call("POST", "/plan", {"file": LESS, "who": True})
    assert (refused.status_code, refused.get_json()["error"]) == (403, "insufficient_scope")
    assert 'scope="read:users"' in refused.headers["WWW-Authenticate"]
    (lost,) = plan(seer, LESS, who=True)["consequences"]
    assert "ada" in lost["who"]
    assert len(lost["who"]) == lost["people"]


def test_what_a_file_expects_of_people_is_told_to_those_who_may_see_them(planner: Api, seer: Api) -> None:
    expecting = f"{PLANNING}expect: [ada has role user, ada has role admin, nobody-here has role user]\n"
    told = plan(seer, expecting)
    assert [each["text"] for each in told["disappointed"]] == ["ada has role admin", "nobody-here has role user"]
    assert {each["line"] for each in told["disappointed"]} == {PLANNING.count("\n") + 1}
    # Whether somebody exists, and what they have, would be an answer; and silence would pass for a yes.
    hidden = plan(planner, expecting)
    assert [each["text"] for each in hidden["disappointed"]] == [
        "ada has role user",
        "ada has role admin",
        "nobody-here has role user",
    ]
    assert {each["why"] for each in hidden["disappointed"]} == {"not looked at: it takes the permission read:users"}
    assert (told["expected"], hidden["expected"]) == (3, 3)


def test_a_faulty_file_is_refused_with_the_place_of_each_fault(planner: Api) -> None:
    answer = planner.call("POST", "/plan", {"file": PLANNING.replace("type: spa", "type: sp")})
    assert (answer.status_code, answer.get_json()["error"]) == (422, "invalid_file")
    detail = answer.get_json()["errors"][0]
    assert detail["pointer"] == "#/file"
    line = next(number for number, text in enumerate(PLANNING.splitlines(), 1) if "type: spa" in text)
    assert detail["detail"].startswith(f"{line}:11: clients[")
    assert "did you mean spa?" in detail["detail"]


@pytest.mark.parametrize(
    "text",
    [
        "{" * 20_000,
        "a: &a [x]\nb: *a\n",
        "clients: !!python/object/apply:os.system [id]\n",
        "\u0000",
        "[" * 13,
        "a: 1\n---\nb: 2\n",
        "clients: " + "x" * 9000,
        "\ufeff",
        "- - -\n",
        "\ud83d\ude00: 1",
        "roles: {r: [nothing:here]}",
        'clients: [{client_id: "\\u001b[31m"}]',
    ],
)
def test_no_text_does_any_harm(planner: Api, text: str) -> None:
    answer = planner.call("POST", "/plan", {"file": text})
    assert (answer.status_code, answer.get_json()["error"]) in {(422, "invalid_file"), (413, "invalid_request")}


def test_a_text_past_the_limit_is_not_read(planner: Api) -> None:
    assert planner.call("POST", "/plan", {"file": "#" * 70_000}).status_code == 413


def test_nothing_that_a_file_names_is_looked_at(planner: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a file or a variable is there is nobody's business who sends a text from elsewhere."""
    for name in ("read_file", "read_variable"):
        monkeypatch.setattr(secrets, name, lambda *_: pytest.fail("it was looked at"))
    probing = PLANNING + (
        "providers:\n  work:\n    issuer: https://id.example.com\n    client_id: x\n    label: Work\n"
        "    logo: /etc/hostname\n    secret: {file: /etc/shadow}\n"
    )
    probing = probing.replace("secrets: [{sha256", "secrets: [{file: /etc/passwd}, {env: HOME}, {sha256", 1)
    assert "/etc/passwd" in probing
    assert [each["subject"] for each in plan(planner, probing)["consequences"]] == ["provider work"]


def test_nobody_plans_without_the_permission(provider: Provider, admin: Api, moderator: Api) -> None:
    refused = moderator.call("POST", "/plan", {"file": PLANNING})
    assert refused.status_code == 403
    assert 'scope="plan:clients"' in refused.headers["WWW-Authenticate"]
    assert plan(admin, LESS)
    assert provider.call("POST", "/api/v1/plan", json={"file": LESS}).status_code == 401
    assert signed_in(provider, "ada").call("POST", "/plan", {"file": LESS}).status_code == 403


@pytest.mark.parametrize(
    "body", [{}, {"file": 1}, {"file": ""}, {"file": "a", "who": "yes"}, {"file": "a", "more": 1}, [], "file", None]
)
def test_what_is_no_plan_is_refused(planner: Api, body: Any) -> None:
    assert planner.call("POST", "/plan", body).status_code in {400, 415, 422}


def test_one_plan_is_worked_out_at_a_time(planner: Api) -> None:
    with module._turn:
        busy = planner.call("POST", "/plan", {"file": LESS})
    assert (busy.status_code, busy.headers["Retry-After"]) == (429, "5")
    assert plan(planner, LESS)


def test_warnings_that_the_file_in_force_gives_too_are_left_out(planner: Api) -> None:
    assert plan(planner, PLANNING)["warnings"] == []
    (told,) = plan(planner, PLANNING.replace("  user: [read:users,", '  user: ["admin:all", read:users,'))["warnings"]
    assert told["what"] == "every new person gets admin:all"
    assert told["where"] == "default_role"
