"""Where a stranger names the address, a call leads to public addresses alone, and to the very one that was judged."""

import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from requests import Session

from authserver.outbound import transport
from authserver.outbound.client import bind, get_json
from authserver.outbound.fault import CallError
from authserver.outbound.trace import traceparent
from authserver.outbound.transport import Transport
from tests.patience import PATIENCE

NAME = "keys.example"
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{"keys": []}'


class Server:
    """A server with a certificate for one name, on this machine; it notes what arrives."""

    def __init__(self, folder: Path) -> None:
        self.certificate = _certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        self.context = context
        self.names: list[str | None] = []
        self.heads: list[bytes] = []
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                with self.context.wrap_socket(connection, server_side=True) as tls:
                    self.heads.append(tls.recv(65536))
                    tls.sendall(ANSWER)
            except OSError:
                connection.close()


def _certificate(folder: Path) -> Path:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=True)
        .sign(key, SHA256())
    )
    found = folder / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    found.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    return found


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    thread = threading.Thread(target=server.serve)
    thread.start()
    yield server
    server.listener.shutdown(socket.SHUT_RDWR)
    server.listener.close()
    thread.join()


def call(server: Server, host: str, **options: bool) -> Any:
    with Session() as session:
        bind(session, Transport(PATIENCE, **options))
        return get_json(session, f"https://{host}:{server.port}/keys", verify=str(server.certificate))


def look_up(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Let names lead to these addresses, at one look-up after another; the names that were looked up."""
    asked: list[str] = []
    real, left = socket.getaddrinfo, iter(answers)

    def found(host: str, port: int, *args: Any, **kwargs: Any) -> list[Any]:
        if host[0].isdigit():
            return list(real(host, port, *args, **kwargs))
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in next(left)]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    return asked


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "[::1]"]
)
def test_this_machine_is_not_called_by_any_spelling(server: Server, host: str) -> None:
    with pytest.raises(CallError):
        call(server, host)
    assert server.connections == 0


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["10.0.0.1"], ["169.254.169.254"], ["8.8.8.8", "127.0.0.1"]])
def test_a_name_that_leads_inside_is_not_called(
    server: Server, monkeypatch: pytest.MonkeyPatch, answer: list[str]
) -> None:
    look_up(monkeypatch, answer, ["127.0.0.1"])
    with pytest.raises(CallError, match="not public"):
        call(server, NAME)
    assert server.connections == 0


def test_what_is_connected_to_is_what_was_judged_under_the_name_that_was_given(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "is_public", lambda address: address == "127.0.0.1")
    # Nothing listens there: a proxy would not be of this look-up.
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    asked = look_up(monkeypatch, ["127.0.0.1"], ["10.0.0.1"])
    assert call(server, NAME) == {"keys": []}
    assert asked == [NAME]
    assert server.names == [NAME]
    assert f"Host: {NAME}:{server.port}".encode() in server.heads[0]


def test_the_certificate_must_be_that_of_the_name(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "is_public", lambda _: True)
    look_up(monkeypatch, ["127.0.0.1"])
    with pytest.raises(CallError):
        call(server, "other.example")
    assert server.heads == []


def test_of_several_addresses_the_next_is_tried(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "is_public", lambda _: True)
    look_up(monkeypatch, ["127.0.0.9", "127.0.0.1"])
    assert call(server, NAME) == {"keys": []}


def test_what_an_administrator_names_may_lead_inside(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("https_proxy", raising=False)
    look_up(monkeypatch, ["127.0.0.1"])
    assert call(server, NAME, anywhere=True) == {"keys": []}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", NAME])
def test_http_is_not_called(server: Server, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setattr(transport, "is_public", lambda _: True)
    look_up(monkeypatch, ["127.0.0.1"])
    with Session() as session:
        bind(session, Transport(PATIENCE, anywhere=True))
        with pytest.raises(CallError, match="neither https nor"):
            get_json(session, f"http://{host}:{server.port}/keys")
    assert server.connections == 0


@pytest.mark.parametrize("url", ["ftp://keys.example/", "file:///etc/passwd"])
def test_no_other_scheme_is_called(url: str) -> None:
    with Session() as session:
        bind(session, Transport(PATIENCE))
        with pytest.raises(CallError, match="the address is malformed"):
            get_json(session, url)


def test_a_name_that_leads_nowhere_may_lead_somewhere_later(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    with pytest.raises(CallError, match="leads nowhere") as error:
        call(server, NAME)
    assert error.value.is_away


def test_a_call_says_which_trace_it_is_a_part_of_where_there_is_one(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "is_public", lambda _: True)
    look_up(monkeypatch, ["127.0.0.1"], ["127.0.0.1"])
    parent = f"00-{'a' * 32}-{'b' * 16}-01"
    token = traceparent.set(parent)
    try:
        call(server, NAME)
    finally:
        traceparent.reset(token)
    call(server, NAME)
    assert [f"traceparent: {parent}".encode() in head for head in server.heads] == [True, False]
