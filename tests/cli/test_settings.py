"""Settings: every fault at once, each with what to do."""

from contextlib import suppress
from pathlib import Path

import pytest

from authserver.cli.context import load_settings


@pytest.fixture(autouse=True)
def _nowhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("empty"))


def refused(capsys: pytest.CaptureFixture[str]) -> list[str]:
    with pytest.raises(SystemExit) as ended:
        load_settings()
    assert ended.value.code == 2
    return capsys.readouterr().err.splitlines()[1:]


def test_sound_settings_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHSERVER_ISSUER", "https://id.example.com/auth")
    monkeypatch.setenv("AUTHSERVER_TRUSTED_PROXIES", "10.0.0.0/8, ::1/128")
    settings = load_settings()
    assert (settings.path, settings.is_loopback, len(settings.trusted_proxies)) == ("/auth", False, 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [("SESSION_IDLE", "43200"), ("REFRESH_GRACE", "0"), ("REFRESH_GRACE", "600"), ("CODE_LIFETIME", "600")],
)
def test_the_largest_and_smallest_values_are_taken(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"AUTHSERVER_{name}", value)
    assert getattr(load_settings(), name.lower()) == int(value)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ISSUER", "https://id.example.com/", "slash"),
        ("ISSUER", "http://id.example.com", "https"),
        ("ISSUER", "https://user@id.example.com", "https://host"),
        ("ISSUER", "https://id.example.com?x", "query"),
        ("ISSUER", "https://id.example.com?", "query"),
        ("ISSUER", "https://id.example.com#", "fragment"),
        ("ISSUER", "id.example.com", "https://host"),
        ("PORT", "eighty", "integer"),
        ("PORT", "70000", "65535"),
        ("MASTER_KEY", "hunter2hunter2", "new-master-key"),
        ("TRUSTED_PROXIES", "10.0.0.0/99", "network"),
        ("SESSION_IDLE", "86401", "session_lifetime"),
        ("REMEMBER_IDLE", "99999999", "remember_lifetime"),
        ("REFRESH_TOKEN_IDLE", "99999999", "refresh_token_lifetime"),
        ("DATABASE_URL", "mysql://root@localhost/x", "postgresql://"),
        ("DATABASE_URL", "postgresql://id:hunter2hunter2@db.example.com:many/id", "malformed"),
        ("DATABASE_URL", "postgresql://id:pass@hunter2@db.example.com/id", "@ as %40"),
        ("DATABASE_URL", "postgresql://id:hunter2hunter2@db.example.com:5432,other.example.com:many/id", "malformed"),
        ("KEY_PUBLISH_AHEAD", "0", "jwks_max_age"),
        ("KEY_ROTATION", "3600", "key_publish_ahead"),
        ("ACCESS_TOKEN_LIFETIME", "86400", "3600"),
        ("CODE_LIFETIME", "601", "600"),
        ("REFRESH_GRACE", "601", "600"),
        ("GOOGLE_CLIENT_ID", "x", "google_client_secret"),
        ("SIGNUP", "domain", "signup_domains"),
        ("LOG_LEVEL", "LOUD", "DEBUG"),
        ("SIGNIN_LIMIT_ACCOUNT", "five", "5 per minute"),
        ("SIGNIN_LIMIT_ADDRESS", "", "5 per minute"),
        ("CLIENT_AUTH_LIMIT", "0 per minute", "1 or more"),
        ("SIGNUP_LIMIT", "5 per minute; 20 per hour", "one limit"),
        ("MAIL_LIMIT_ACCOUNT", "3 per fortnight", "5 per minute"),
        ("MAIL_LIMIT_ADDRESS", "-1 per hour", "5 per minute"),
        ("REDIS_URL", "cache.example.com:6379", "redis://"),
        ("REDIS_URL", "redis:///0", "redis://"),
        ("REDIS_URL", "redis://:hunter2@cache.example.com:many/0", "redis://"),
    ],
)
def test_a_wrong_setting_is_refused_with_what_it_should_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"AUTHSERVER_{name}", value)
    (fault,) = refused(capsys)
    assert said in fault
    assert "hunter2" not in fault


@pytest.mark.parametrize(
    "issuer",
    [
        "http://localhost:99999",
        "http://localhost:0",
        "http://localhost:",
        "https://[::1",
        "HTTP://localhost:8080",
        "https://id.example.com/a b",
        "https://münchen.example",
        "https://id.example.com\\@evil.example",
        "https://id.example.com//auth",
        "https://id.example.com/a/../b",
        "https://id.example.com/%2e%2e/b",
    ],
)
def test_an_issuer_at_which_no_client_would_arrive_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], issuer: str
) -> None:
    monkeypatch.setenv("AUTHSERVER_ISSUER", issuer)
    (fault,) = refused(capsys)
    assert "write it as https://host" in fault


def test_an_issuer_with_https_is_none_of_plain_http_even_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHSERVER_ISSUER", "https://localhost:8443")
    assert not load_settings().is_loopback


def test_wrong_contradictory_and_misspelt_settings_are_named_together(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTHSERVER_PORT", "eighty")
    monkeypatch.setenv("AUTHSERVER_SESSION_IDLE", "99999")
    monkeypatch.setenv("AUTHSERVER_ISUER", "https://id.example.com")
    faults = "\n".join(refused(capsys))
    assert "AUTHSERVER_ISUER: there is no such setting; did you mean AUTHSERVER_ISSUER?" in faults
    assert "AUTHSERVER_PORT: " in faults
    assert "session_idle is longer than session_lifetime" in faults


SERVICE_LINKS = {
    "PORT": "tcp://10.96.0.12:8080",
    "SERVICE_HOST": "10.96.0.12",
    "SERVICE_PORT": "8080",
    "SERVICE_PORT_HTTP": "8080",
    "PORT_8080_TCP": "tcp://10.96.0.12:8080",
    "PORT_8080_TCP_PROTO": "tcp",
    "PORT_8080_TCP_PORT": "8080",
    "PORT_8080_TCP_ADDR": "fd00:10:96::c",
    # Of Services whose names begin with ours; the last would be the setting smtp_port.
    "REDIS_PORT_6379_TCP": "tcp://10.96.0.13:6379",
    "REDIS_SERVICE_HOST": "10.96.0.13",
    "SMTP_PORT": "tcp://10.96.0.14:25",
}


def test_what_kubernetes_sets_for_a_service_of_our_name_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in SERVICE_LINKS.items():
        monkeypatch.setenv(f"AUTHSERVER_{name}", value)
    settings = load_settings()
    assert (settings.port, settings.smtp_port) == (8080, 587)
    assert capsys.readouterr().err == ""


def test_a_service_link_leaves_what_the_file_says(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("AUTHSERVER_PORT=9000\n")
    monkeypatch.setenv("AUTHSERVER_PORT", SERVICE_LINKS["PORT"])
    assert load_settings().port == 9000


@pytest.mark.parametrize("name", ["SERVICE_HOST", "SERVICE_PORT_HTTP", "PORT_8080_TCP_ADDR"])
def test_what_only_looks_like_a_service_link_is_none(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setenv(f"AUTHSERVER_{name}", "https://id.example.com")
    with suppress(SystemExit):
        load_settings()
    assert f"AUTHSERVER_{name}: there is no such setting" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("ISUER", "ISSUER"),
        ("ISSUER_URL", "ISSUER"),
        ("REDIS", "REDIS_URL"),
        ("TRUSTED_PROXY", "TRUSTED_PROXIES"),
        ("MASTERKEY", "MASTER_KEY"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("HOSTNAME", "HOST"),
        ("authserver_isuer", "ISSUER"),
    ],
)
def test_a_name_near_a_setting_is_refused_with_the_one_that_was_meant(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, meant: str
) -> None:
    monkeypatch.setenv(name if name.islower() else f"AUTHSERVER_{name}", "x")
    (fault,) = refused(capsys)
    assert fault.endswith(f"there is no such setting; did you mean AUTHSERVER_{meant}?")


@pytest.mark.parametrize("name", ["BIN", "HOME", "IMAGE_TAG", "POD_NAME", "NAMESPACE", ""])
def test_a_name_near_none_is_a_warning_and_no_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setenv(f"AUTHSERVER_{name}", "x")
    assert load_settings().port == 8080
    said = capsys.readouterr().err
    assert said == f"authserver: warning: AUTHSERVER_{name}: there is no such setting; it is ignored\n"


def test_a_variable_that_takes_the_check_for_https_out_of_authlib_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    (fault,) = refused(capsys)
    assert fault.strip().startswith("AUTHLIB_INSECURE_TRANSPORT: ")


def test_a_fault_is_not_repeated_as_a_contradiction_with_a_default(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUTHSERVER_SESSION_IDLE", "soon")
    monkeypatch.setenv("AUTHSERVER_SESSION_LIFETIME", "60")
    (fault,) = refused(capsys)
    assert fault.strip().startswith("AUTHSERVER_SESSION_IDLE: ")


@pytest.mark.parametrize("url", ["sqlite:///:memory:", "sqlite:///"])
def test_a_public_issuer_wants_a_database_that_lasts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str
) -> None:
    monkeypatch.setenv("AUTHSERVER_ISSUER", "https://id.example.com")
    monkeypatch.setenv("AUTHSERVER_DATABASE_URL", url)
    assert "stores nothing" in "\n".join(refused(capsys))
