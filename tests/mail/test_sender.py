"""Every mail reaches the mail server once, whatever goes down in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from authserver import mail
from authserver.keys.change import change_master_key
from authserver.mail.envelope import Envelope
from authserver.mail.sender import Sender
from authserver.master_key import MasterKey, new_key
from authserver.server import Server
from authserver.store import outbox
from authserver.store.tables import outbox as table
from authserver.store.users import User
from tests.accounts.site import Clock
from tests.mail.conftest import MakeServer
from tests.mail.post import MailServer, rows, told
from tests.patience import PATIENCE
from tests.store.at_once import at_once


def ask(server: Server, user: User, count: int = 1) -> None:
    with server.database.write() as connection:
        for number in range(count):
            link = f"{server.settings.issuer}/reset?token=secret-{number}"
            mail.queue(connection, server, "reset", str(user.email), user=user, link=link, lifetime=1800)


@pytest.fixture
def sender(server: Server) -> Iterator[Sender]:
    sender = Sender(server, interval=0.01, pause=0.01)
    yield sender
    sender.stop()


def test_a_mail_is_sent_once_and_its_text_is_kept_nowhere(
    server: Server, ada: User, sender: Sender, mail_server: MailServer
) -> None:
    ask(server, ada)
    (waiting,) = rows(server.database)
    assert b"secret-0" not in waiting.sealed
    assert sender.turn()
    assert sender.turn()
    (message,) = mail_server.box.messages
    assert "token=secret-0" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    (kept,) = rows(server.database)
    assert (kept.sealed, kept.sent_at) == (b"", server.now())
    server.recorder.flush()
    assert told(server.database) == ["mail:message:sent"]


def test_a_transaction_that_is_not_kept_sends_nothing(server: Server, ada: User) -> None:
    def fail() -> None:
        with server.database.write() as connection:
            mail.queue(connection, server, "address_taken", "ada@example.com")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert rows(server.database) == []


def test_what_is_asked_for_while_the_mail_server_is_down_is_sent_when_it_is_back(
    server: Server, ada: User, sender: Sender, mail_server: MailServer
) -> None:
    mail_server.stop()
    ask(server, ada, 5)
    assert not sender.turn()
    assert not sender.turn()
    mail_server.start()
    assert sender.turn()
    assert len(mail_server.box.messages) == 5


def test_a_worker_that_is_killed_while_it_sends_loses_nothing(
    server: Server, ada: User, sender: Sender, mail_server: MailServer, clock: Clock
) -> None:
    ask(server, ada)
    with server.database.write() as connection:
        assert outbox.claim(connection, server.now(), 24)  # and then nothing more is heard of it
    assert sender.turn()
    assert mail_server.box.messages == []
    clock.now += 24
    assert sender.turn()
    assert len(mail_server.box.messages) == 1


def test_a_worker_whose_lease_ran_out_changes_nothing(server: Server, ada: User) -> None:
    ask(server, ada)
    now = server.now()
    with server.database.write() as connection:
        first = outbox.claim(connection, now, 10)
        second = outbox.claim(connection, now + 10, 10)
        assert first
        assert second
        assert not outbox.sent(connection, first, now)
        assert not outbox.abandon(connection, first)
        assert outbox.sent(connection, second, now)


def test_many_workers_send_each_mail_once(
    make_server: MakeServer, server: Server, ada: User, mail_server: MailServer
) -> None:
    ask(server, ada, 30)
    senders = [Sender(make_server()) for _ in range(4)]
    at_once(lambda number: senders[number].turn(), 4)
    assert len({message["Message-ID"] for message in mail_server.box.messages}) == 30
    assert len(mail_server.box.messages) == 30


def test_a_message_that_is_not_taken_now_is_tried_later_and_later_and_the_others_pass(
    server: Server, ada: User, sender: Sender, mail_server: MailServer, clock: Clock
) -> None:
    ask(server, ada)
    mail_server.box.data = "451 later"
    delays = []
    for _ in range(9):
        assert sender.turn()
        (row,) = rows(server.database)
        delays.append(row.next_at - server.now())
        clock.now = row.next_at
    assert delays == [15, 30, 60, 120, 240, 480, 900, 900, 900]
    assert "451 later" in row.last_error
    mail_server.box.data = "250 OK"
    assert sender.turn()
    assert len(mail_server.box.messages) == 1


def test_an_address_that_the_server_refuses_for_good_is_given_up_with_an_event(
    server: Server, ada: User, sender: Sender, mail_server: MailServer
) -> None:
    mail_server.box.recipient = "550 no such user"
    ask(server, ada)
    assert sender.turn()
    assert rows(server.database) == []
    server.recorder.flush()
    assert told(server.database) == ["mail:message:abandoned"]


def test_after_days_a_message_is_given_up_with_an_event(
    server: Server, ada: User, sender: Sender, mail_server: MailServer, clock: Clock
) -> None:
    mail_server.stop()
    ask(server, ada)
    assert not sender.turn()
    clock.now += server.settings.mail_patience - 1
    assert not sender.turn()
    assert len(rows(server.database)) == 1
    clock.now += 61
    assert sender.turn()
    assert rows(server.database) == []
    server.recorder.flush()
    assert told(server.database) == ["mail:message:abandoned"]


def test_a_message_that_no_master_key_opens_keeps_no_other_waiting(
    server: Server, ada: User, sender: Sender, mail_server: MailServer
) -> None:
    ask(server, ada, 2)
    first = rows(server.database)[0].id
    with server.database.write() as connection:
        connection.execute(update(table).where(table.c.id == first).values(sealed=b"another key"))
    assert sender.turn()
    assert len(mail_server.box.messages) == 1


def test_without_a_mail_server_messages_wait(make_server: MakeServer, ada: User, mail_server: MailServer) -> None:
    server = make_server(smtp_host=None)
    ask(server, ada)
    assert Sender(server).turn()
    assert rows(server.database)[0].attempts == 0


def test_a_server_without_starttls_gets_no_mail_in_clear(
    make_server: MakeServer, ada: User, mail_server: MailServer
) -> None:
    server = make_server(smtp_security="starttls")
    ask(server, ada)
    assert not Sender(server).turn()
    assert mail_server.box.messages == []


def test_the_thread_sends_by_itself(server: Server, ada: User, sender: Sender, mail_server: MailServer) -> None:
    sender.start()
    ask(server, ada)
    mail_server.box.arrived.wait(PATIENCE)
    assert len(mail_server.box.messages) == 1


def test_a_message_that_waits_outlives_the_old_master_key(server: Server, ada: User) -> None:
    ask(server, ada)
    old, new = str(server.settings.keys_dir / "master.key"), new_key()
    both = MasterKey([new, *Path(old).read_text().split()], "both")
    assert change_master_key(server.database, both)["outbox"].changed == 1
    envelope = Envelope.unseal(rows(server.database)[0].sealed, MasterKey([new], "the new one"))
    assert envelope.message["To"] == "ada@example.com"


def test_a_message_survives_the_seal(server: Server, ada: User) -> None:
    ask(server, ada)
    envelope = Envelope.unseal(rows(server.database)[0].sealed, server.master)
    assert envelope.sub == ada.sub
    assert envelope.message["To"] == "ada@example.com"


@pytest.mark.parametrize(
    ("address", "recipient"),
    [
        ("Ceo@fass.example", "Ceo@fass.example"),
        ("Ceo@faß.example", "Ceo@xn--fa-hia.example"),
        ("straße@example.com", "straße@example.com"),
        ("ｂoss@example.com", "ｂoss@example.com"),
        ("zoe\u0308@example.com", "zoe\u0308@example.com"),
        ("a%b@example.com", "a%b@example.com"),
        # No new account can have it. The mail server of this test reads encoded words, but finds no other domain.
        ("=?utf-8?q?eve=40evil.example=2c?=@example.com", '"eve@evil.example,"@example.com'),
    ],
)
def test_a_mail_reaches_the_very_mailbox_that_it_is_for(
    server: Server, sender: Sender, mail_server: MailServer, address: str, recipient: str
) -> None:
    with server.database.write() as connection:
        mail.queue(connection, server, "address_taken", address)
    assert sender.turn()
    (received,) = mail_server.box.received
    assert received.rcpt_tos == [recipient]
