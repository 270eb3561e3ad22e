"""Levels of authentication in clients.yaml: what is wrong with them, with its place and what to write instead."""

from pathlib import Path

import pytest

from authserver.clients.file.faults import ClientsFileError
from authserver.clients.load import load
from tests.clients.files import ENVIRON, NOW, SOUND, faults_of, load_text

LEVELS = "acr:\n  silver: {any: [passkey, [pwd, otp]]}\n  gold: {phishing_resistant: true}\n"


def levels(*lines: str) -> str:
    return SOUND + "acr:\n" + "".join(f"  {line}\n" for line in lines)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("a: {any: [paskey]}", "19:13: acr.a.any[0][0]: no method is named paskey; did you mean passkey?"),
        ("a: {any: [[pwd, totp]]}", "19:19: acr.a.any[0][1]: no method is named totp; did you mean otp?"),
        ("a: {any: [[pwd, pwd]]}", "19:13: acr.a.any[0]: pwd is listed twice"),
        ("a: {any: []}", "19:12: acr.a.any: must not be empty"),
        ("a: {any: [[]]}", "19:13: acr.a.any[0]: must not be empty"),
        ("a: {any: passkey}", "19:12: acr.a.any: must be a list, but YAML reads text here"),
        ("a: {any: [passkey, [pwd, passkey]]}",
         "19:12: acr.a.any: [pwd, passkey] adds nothing: passkey alone reaches this level"),
        ("a: {any: [otp, otp]}", "19:12: acr.a.any: otp adds nothing: otp alone reaches this level"),
        ("a: {}", "19:6: acr.a: must have exactly one of any and phishing_resistant, such as {any: [passkey,"),
        ("a: {any: [pwd], phishing_resistant: true}", "19:6: acr.a: must have exactly one of any and"),
        ("a: {phishing_resistant: false}", "19:6: acr.a: nothing reaches this level: write phishing_resistant: true"),
        ("a: {all: [pwd]}", "19:7: acr.a.all: unknown field; did you mean any?"),
        ('"1": {any: [pwd]}', '19:3: acr.1: 1 is what tokens say where no level was declared: choose another name'),
        ('"a b": {any: [pwd]}', '19:3: acr."a b": must be 1 to 100 printable ASCII characters without space'),
    ],
)  # fmt: skip
def test_a_level_that_makes_no_sense_is_told_where_and_why(tmp_path: Path, line: str, fault: str) -> None:
    assert faults_of(tmp_path, levels(line))[0].startswith(f"clients.yaml:{fault}")


def test_two_names_that_only_their_case_tells_apart_are_a_fault(tmp_path: Path) -> None:
    assert faults_of(tmp_path, levels("silver: {any: [pwd]}", "Silver: {any: [passkey]}")) == [
        "clients.yaml:20:3: acr.Silver: differs from silver on line 19 in case alone: choose another name"
    ]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("    name: Team portal\n", "    name: Team portal\n    require_acr: {}\n", "clients[0].require_acr"),
        ("    audience:", "    require_acr: {}\n    audience:", "apis.reports.require_acr"),
        ('  admin: ["admin:all"]', '  admin: {{permissions: ["admin:all"], require: {}}}', "roles.admin.require"),
    ],
)
def test_a_level_that_is_required_is_declared(tmp_path: Path, old: str, new: str, where: str) -> None:
    required = SOUND.replace(old, new.format("sliver") if "{}" in new else new)
    assert load_text(tmp_path, required.replace("sliver", "silver") + LEVELS).warnings == ()
    (misspelt,) = faults_of(tmp_path, required + LEVELS)
    assert f" {where}: no level is named sliver; did you mean silver?" in misspelt
    (undeclared,) = faults_of(tmp_path, required)
    assert "no levels are declared: write acr: {sliver: {any: [passkey, [pwd, otp]]}} at the top" in undeclared


def test_a_provider_is_worth_a_level_that_is_declared(tmp_path: Path) -> None:
    provider = "    issuer: https://login.example.com\n    client_id: a\n    secret: {env: PORTAL_SECRET}\n"
    mapped = '    acr: {"urn:2": silver}\n    amr: {mfa: silver}\n'
    sound = f"{SOUND}{LEVELS}providers:\n  work:\n{provider}{mapped}"
    registry = load_text(tmp_path, sound).registry
    assert (registry.providers["work"].acr, registry.providers["work"].amr) == ({"urn:2": "silver"}, {"mfa": "silver"})
    (fault,) = faults_of(tmp_path, sound.replace("{mfa: silver}", "{mfa: golden}"))
    assert "providers.work.amr.mfa: no level is named golden; did you mean gold?" in fault


def test_a_role_of_a_service_requires_nothing_that_a_service_cannot_reach(tmp_path: Path) -> None:
    requiring = SOUND.replace(
        '  admin: ["admin:all"]', '  admin: {permissions: ["admin:all"], require: silver}\n  boss: {roles: [admin]}'
    )
    service = "  - {client_id: job, name: J, type: service, secrets: [{env: PORTAL_SECRET}], roles: [boss]}\n"
    (fault,) = faults_of(tmp_path, requiring + service + LEVELS)
    assert "clients[1].roles[0]: this role counts for people who reached silver" in fault


def test_a_level_of_passkeys_alone_is_reached_by_nobody_at_a_bare_address(tmp_path: Path) -> None:
    path = tmp_path / "clients.yaml"
    path.write_text(SOUND + LEVELS)
    with pytest.raises(ClientsFileError) as refused:
        load(path, ENVIRON, NOW, issuer="https://192.0.2.1")
    (fault,) = refused.value.faults
    assert (fault.where, "no passkeys for an IP address" in fault.what) == ("acr.gold", True)
    assert load(path, ENVIRON, NOW, issuer="https://login.example.com").registry.levels.ways.keys() == {
        "silver",
        "gold",
    }
