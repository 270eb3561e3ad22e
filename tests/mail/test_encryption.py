"""Mail goes to the mail server that its certificate names, encrypted, with the password that it asks for."""

import ssl
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr, ValidationError
from structlog.testing import capture_logs

from authserver import mail
from tests.conftest import make_settings
from tests.mail.conftest import MakeServer
from tests.mail.post import MailServer, rows, send_due, sender_of

SECRET = "correct horse"
Certificate = Callable[[str], Path]


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Certificate:
    """Makes a certificate, with its key, for an address; this machine trusts it."""

    def make(address: str) -> Path:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        path = tmp_path / "mail.pem"
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
        path.write_bytes(private + made.public_bytes(pem))
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        return path

    return make


def context(path: Path) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(path)
    return made


def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"ada", SECRET.encode())
    return AuthResult(success=right)


@pytest.fixture
def strict(certificate: Certificate) -> Iterator[MailServer]:
    """A mail server that takes nothing without STARTTLS and a password."""
    tls = context(certificate("127.0.0.1"))
    server = MailServer(
        tls_context=tls, require_starttls=True, auth_required=True, auth_require_tls=True, authenticator=check
    )
    server.start()
    yield server
    server.stop()


def send(make_server: MakeServer, **changed: Any) -> tuple[bool, str]:
    """Whether one mail went out, and what was written down if not."""
    server = make_server(**changed)
    with server.database.write() as connection:
        mail.queue(connection, server, "address_taken", "ada@example.com")
    sender = sender_of(server)
    with capture_logs() as lines:
        send_due(sender)
    left = rows(server.database)
    return not left, f"{lines} {left}"


def test_a_mail_goes_out_over_starttls_with_a_password(make_server: MakeServer, strict: MailServer) -> None:
    login = {"smtp_user": "ada", "smtp_password": SecretStr(SECRET)}
    assert send(make_server, smtp_port=strict.port, smtp_security="starttls", **login)[0]
    assert len(strict.box.messages) == 1


def test_a_wrong_password_keeps_the_mail_waiting_and_is_written_nowhere(
    make_server: MakeServer, strict: MailServer, capsys: pytest.CaptureFixture[str]
) -> None:
    login = {"smtp_user": "ada", "smtp_password": SecretStr("wrong horse")}
    # It leaves whoever gave a wrong password waiting for its answer.
    went, said = send(make_server, smtp_port=strict.port, smtp_security="starttls", smtp_timeout=3, **login)
    assert not went
    assert strict.box.messages == []
    output = capsys.readouterr()
    assert "wrong horse" not in said + output.out + output.err


def test_a_certificate_for_another_host_gets_no_mail(
    make_server: MakeServer, certificate: Certificate, mail_server: MailServer
) -> None:
    server = MailServer(tls_context=context(certificate("192.0.2.1")))
    server.start()
    try:
        assert not send(make_server, smtp_port=server.port, smtp_security="starttls")[0]
        assert server.box.messages == []
    finally:
        server.stop()


def test_a_mail_goes_out_over_tls_from_the_first_byte(make_server: MakeServer, certificate: Certificate) -> None:
    server = MailServer(ssl_context=context(certificate("127.0.0.1")))
    server.start()
    try:
        assert send(make_server, smtp_port=server.port, smtp_security="tls")[0]
        assert len(server.box.messages) == 1
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"smtp_user": "ada"}, "go together"),
        ({"smtp_host": "mail", "smtp_user": "a", "smtp_password": "b", "smtp_security": "none"}, "unencrypted"),
        ({"mail_from": "nobody"}, "address@domain"),
        ({"mail_from": "A <a@example.com>\r\nBcc: b@example.com"}, "address@domain"),
        (
            {"issuer": "https://id.example.com", "database_url": "postgresql://db/x", "signup": "open"},
            "set smtp_host",
        ),
    ],
)
def test_settings_of_mail_that_contradict_each_other_refuse_to_start(changed: dict[str, str], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        make_settings(**changed)
