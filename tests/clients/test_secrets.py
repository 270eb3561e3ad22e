"""Secrets in clients.yaml: never in clear, never shown, several at a time."""

import os
from hashlib import sha256
from pathlib import Path

import pytest

from authserver.protocol.client.secret import Secret, matches_secret
from tests.clients.files import ENVIRON, NOW, SECRET, SOUND, faults_of, load_text, warnings_of

DIGEST = sha256(SECRET.encode()).digest()


def secrets_as(entry: str) -> str:
    return SOUND.replace("{env: PORTAL_SECRET}", entry)


def resolved(folder: Path, entry: str) -> tuple[Secret, ...]:
    return load_text(folder, secrets_as(entry)).registry.clients["portal"].secrets


def private(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o600)


def test_a_secret_comes_from_the_environment_a_file_or_a_digest(tmp_path: Path) -> None:
    private(tmp_path / "portal.secret", f"{SECRET}\n".encode())
    for entry in ("{env: PORTAL_SECRET}", "{file: portal.secret}", f"{{sha256: '{DIGEST.hex()}'}}"):
        assert resolved(tmp_path, entry) == (Secret(DIGEST),)
    assert resolved(tmp_path, f"{{file: {tmp_path / 'portal.secret'}}}") == (Secret(DIGEST),)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_one_line_break_at_the_end_of_a_file_is_not_part_of_the_secret(tmp_path: Path, end: bytes) -> None:
    private(tmp_path / "s", SECRET.encode() + end)
    assert resolved(tmp_path, "{file: s}") == (Secret(DIGEST),)


@pytest.mark.parametrize(
    ("expires", "seconds"),
    [
        ("2027-01-01", 1798761600),
        ("'2027-01-01'", 1798761600),
        ("2027-01-01T00:00:00Z", 1798761600),
        ("2027-01-01 01:00:00+01:00", 1798761600),
        ("'2027-01-01T00:00:30'", 1798761630),
        ("0001-01-01T00:00:00+23:59", -62135683140),
    ],
)
def test_an_end_is_a_date_or_a_moment(tmp_path: Path, expires: str, seconds: int) -> None:
    for entry in (f"{{sha256: '{DIGEST.hex()}', expires: {expires}}}", f"{{env: PORTAL_SECRET, expires: {expires}}}"):
        assert resolved(tmp_path, entry) == (Secret(DIGEST, seconds),)


def test_several_secrets_live_side_by_side_each_until_its_end(tmp_path: Path) -> None:
    old = sha256(b"old").digest()
    secrets = resolved(tmp_path, f"{{env: PORTAL_SECRET}}, {{sha256: {old.hex()}, expires: 2027-01-31}}")
    end = 1801353600
    assert matches_secret(secrets, DIGEST, end)
    assert matches_secret(secrets, old, end - 1)
    assert not matches_secret(secrets, old, end)


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        (
            "plain-secret-value-in-clear",
            "must be a mapping; a secret is never written here in clear text: write {env: NAME}",
        ),
        ("{}", "must have exactly one of env, file, and sha256"),
        (f"{{env: PORTAL_SECRET, sha256: '{'a' * 64}'}}", "must have exactly one of env, file, and sha256"),
        ("{expires: 2027-01-01}", "must have exactly one of env, file, and sha256"),
        ("{env: portal_secret}", "must be capital letters, digits, and _"),
        ("{env: MISSING}", "the environment variable MISSING is not set"),
        ("{env: EMPTY}", "the variable EMPTY is empty"),
        ("{env: SHORT}", "the variable SHORT has fewer than 32 characters"),
        ("{env: ODD}", "the variable ODD holds something other than printable ASCII"),
        ("{env: BYTES}", "the variable BYTES holds something other than printable ASCII"),
        ("{file: missing}", "the file cannot be read (No such file or directory)"),
        ("{file: .}", "this is not a regular file"),
        ("{file: pipe}", "this is not a regular file"),
        ("{file: empty}", "the file is empty"),
        ("{file: short}", "the file has fewer than 32 characters"),
        ("{file: lines}", "the file holds something other than printable ASCII"),
        ("{file: binary}", "the file holds something other than printable ASCII"),
        ("{file: huge}", "the file holds more than 4096 bytes"),
        ('{file: "a\\0b"}', "must be the path of a file"),
        (f"{{sha256: {'a' * 63}}}", "must be 64 lowercase hexadecimal digits"),
        (f"{{sha256: {'A' * 64}}}", "must be 64 lowercase hexadecimal digits"),
        (f"{{sha256: '{'a' * 64}', expires: soon}}", "must be a date, such as 2027-01-31"),
        (f"{{sha256: '{'a' * 64}', expires: 2027-02-30}}", "must be a date such as 2027-01-31, but YAML reads a date"),
        (f"{{sha256: '{'a' * 64}', expires: 1798761600}}", "must be a date such as 2027-01-31, but YAML reads a num"),
    ],
)
def test_a_secret_that_cannot_be_used_is_a_fault(tmp_path: Path, entry: str, what: str) -> None:
    for name, content in {
        "empty": b"\n",
        "short": b"x" * 31 + b"\n",
        "lines": SECRET.encode() + b"\n\n",
        "binary": bytes(range(128, 192)),
        "huge": b"x" * 5000,
    }.items():
        private(tmp_path / name, content)
    os.mkfifo(tmp_path / "pipe")
    environ = {"EMPTY": "", "SHORT": "x" * 31, "ODD": SECRET + "ä", "BYTES": SECRET + "\udcff", **ENVIRON}
    (fault,) = faults_of(tmp_path, secrets_as(entry), environ)
    assert fault.startswith("clients.yaml:15:")
    assert f": clients[0].secrets[0]{fault.split('secrets[0]')[1].split(':')[0]}: {what}" in fault


@pytest.mark.parametrize(
    "secrets",
    [
        "hunter2-hunter2-hunter2-hunter2-hunter2",
        "[hunter2-hunter2-hunter2-hunter2-hunter2]",
        "{hunter2-hunter2-hunter2-hunter2-hunter2}",
        "[{hunter2-hunter2-hunter2-hunter2-hunter2}]",
        "[{env:hunter2-hunter2-hunter2-hunter2-hunter2}]",
        "[{env: hunter2-hunter2-hunter2-hunter2-hunter2}]",
        "[{file: hunter2-hunter2-hunter2-hunter2-hunter2}]",
        "[{sha256: hunter2-hunter2-hunter2-hunter2-hunter2}]",
        "[{value: hunter2-hunter2-hunter2-hunter2-hunter2}]",
        "[{hunter2-hunter2: 1, hunter2-hunter2: 2}]",
        "[{env: PORTAL_SECRET, expires: hunter2-hunter2-hunter2-hunter2-hunter2}]",
    ],
)
def test_a_misplaced_secret_is_never_shown(tmp_path: Path, secrets: str) -> None:
    found = faults_of(tmp_path, SOUND.replace("[{env: PORTAL_SECRET}]", secrets))
    assert found
    assert "hunter2" not in "".join(found)


def test_the_value_of_a_secret_is_never_shown(tmp_path: Path) -> None:
    value = "hunter2-hunter2-hunter2"
    private(tmp_path / "s", value.encode())
    for entry in ("{env: PORTAL_SECRET}", "{file: s}"):
        assert "hunter2" not in "".join(faults_of(tmp_path, secrets_as(entry), {"PORTAL_SECRET": value}))
    assert SECRET not in repr(load_text(tmp_path, SOUND))
    assert DIGEST.hex() not in repr(load_text(tmp_path, SOUND))
    assert repr(DIGEST)[2:-1] not in repr(load_text(tmp_path, SOUND))


def test_a_file_that_everybody_can_read_is_a_warning(tmp_path: Path) -> None:
    private(tmp_path / "s", SECRET.encode())
    assert warnings_of(tmp_path, secrets_as("{file: s}")) == []
    (tmp_path / "s").chmod(0o644)
    assert warnings_of(tmp_path, secrets_as("{file: s}")) == [
        "clients.yaml:15:15: clients[0].secrets[0]: "
        "everyone on this machine can read this file: take that right away (chmod o-r)"
    ]


def test_a_secret_that_has_expired_is_a_warning(tmp_path: Path) -> None:
    assert NOW > 1798761600
    (warning,) = warnings_of(tmp_path, secrets_as("{env: PORTAL_SECRET, expires: 2027-01-01}"))
    assert warning == "clients.yaml:15:45: clients[0].secrets[0].expires: this secret has expired"
    assert warnings_of(tmp_path, secrets_as("{env: PORTAL_SECRET, expires: 2999-01-01}")) == []


def test_a_file_that_is_refused_still_names_the_files_that_could_mend_it(tmp_path: Path) -> None:
    from authserver.clients.file.faults import ClientsFileError
    from authserver.clients.load import load

    path = tmp_path / "clients.yaml"
    path.write_text(secrets_as("{file: later}"))
    with pytest.raises(ClientsFileError) as refused:
        load(path, {})
    assert refused.value.files == (path, tmp_path / "later")
