"""What can be wrong with mail: the server that takes letters, and what DNS says of the domain they come from."""

import socket
import threading
from collections.abc import Iterator
from smtplib import SMTPServerDisconnected

import dns.message
import dns.rrset
import pytest
from dns.exception import DNSException
from dns.resolver import LifetimeTimeout, NoNameservers, NoResolverConfiguration, Resolver

from authserver.doctor.mail import mail
from authserver.doctor.mail_dns import mail_dns
from authserver.mail.smtp import words
from tests.conftest import make_settings
from tests.doctor.conftest import told
from tests.mail.post import MailServer


def test_a_mail_server_that_takes_letters_or_does_not() -> None:
    server = MailServer()
    server.start()
    settings = make_settings(smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="none", smtp_timeout=60)
    try:
        assert told(mail(settings, "no-reply@example.com", 0)) == []
        assert told(mail(settings, "no-reply@example.com", 2)) == [("warning", "mail", "2 letters wait to be sent")]
        assert server.box.received == []
        # It wants TLS that this server does not offer.
        strict = make_settings(smtp_host="127.0.0.1", smtp_port=server.port, smtp_timeout=60)
        assert [each[:2] for each in told(mail(strict, "no-reply@example.com", 0))] == [("fault", "mail")]
    finally:
        server.stop()
    assert [each[:2] for each in told(mail(settings, "no-reply@example.com", 0))] == [("fault", "mail")]
    assert [each[:2] for each in told(mail(make_settings(), "no-reply@example.com", 0))] == [("warning", "mail")]


@pytest.fixture
def zone() -> Iterator[tuple[dict[str, list[str]], Resolver]]:
    """A name server on loopback that knows these texts, and a resolver that asks it."""
    texts: dict[str, list[str]] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                try:
                    received, asker = listener.recvfrom(4096)
                except OSError:
                    return
                if not received:
                    return
                query = dns.message.from_wire(received)
                answer = dns.message.make_response(query)
                name = query.question[0].name
                for each in texts.get(name.to_text(omit_final_dot=True), []):
                    answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", f'"{each}"'))
                listener.sendto(answer.to_wire(), asker)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        resolver = Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], listener.getsockname()[1]
        yield texts, resolver
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", listener.getsockname())
        thread.join()


def test_what_dns_says_of_the_senders_domain(zone: tuple[dict[str, list[str]], Resolver]) -> None:
    texts, resolver = zone
    domain = "mail.example.com"
    assert told(mail_dns(domain, resolver)) == [
        ("warning", "mail DNS", f"{domain} has no SPF record"),
        ("warning", "mail DNS", f"{domain} has no DMARC record"),
    ]
    texts[domain] = ["v=spf1 mx -all"]
    texts["_dmarc.example.com"] = ["v=DMARC1; p=reject"]
    assert told(mail_dns(domain, resolver)) == []
    texts[domain] = ["v=spf1 mx -all", "v=spf1 a -all"]
    assert told(mail_dns(domain, resolver)) == [("warning", "mail DNS", f"{domain} has 2 SPF records, so none counts")]
    for local in ("localhost", "192.0.2.1"):
        assert told(mail_dns(local, resolver)) == []


def test_a_machine_without_a_resolver_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Resolver:
        raise NoResolverConfiguration

    monkeypatch.setattr("authserver.doctor.mail_dns.Resolver", refuse)
    assert told(mail_dns("example.com")) == [
        ("warning", "mail DNS", "DNS cannot be asked about example.com: no name server gives an answer")
    ]


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (LifetimeTimeout(timeout=60, errors=[]), "no answer within 5 seconds"),  # type: ignore[no-untyped-call]
        (NoNameservers(), "no name server gives an answer"),  # type: ignore[no-untyped-call]
    ],
)
def test_dns_that_does_not_answer_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, error: DNSException, why: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    resolver = Resolver(configure=False)
    monkeypatch.setattr(resolver, "resolve", refuse)
    assert told(mail_dns("example.com", resolver)) == [
        ("warning", "mail DNS", f"DNS cannot be asked about example.com: {why}")
    ]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (TimeoutError("timed out"), "timed out"),
        (SMTPServerDisconnected("Connection unexpectedly closed"), "Connection unexpectedly closed"),
        (OSError(), "the connection failed"),
    ],
)
def test_a_mail_server_that_cannot_be_reached_is_told_in_words(error: Exception, said: str) -> None:
    assert words(error) == said
