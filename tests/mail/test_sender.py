"""Every mail reaches the mail server once, whatever goes down in between."""

from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from authserver import mail
from authserver.keys.change import change_master_key
from authserver.maintenance import Runner, Task
from authserver.master_key import MasterKey, new_key
from authserver.outbox.sender import Sender
from authserver.server import Server
from authserver.store import Connection, outbox
from authserver.store.outbox import Job
from authserver.store.tables import jobs
from authserver.store.upkeep import left
from authserver.store.users import User
from tests.accounts.site import NOW, Clock
from tests.mail.conftest import MakeServer
from tests.mail.post import MailServer, queued, rows, send_due, sender_of, told
from tests.patience import PATIENCE
from tests.store.at_once import at_once


def ask(server: Server, user: User, count: int = 1) -> None:
    with server.database.write() as connection:
        for number in range(count):
            link = f"{server.settings.issuer}/reset?token=secret-{number}"
            mail.queue(connection, server, "reset", str(user.email), user=user, link=link, lifetime=1800)


@pytest.fixture
def sender(server: Server) -> Sender:
    return sender_of(server, pause=0.0)


def test_a_mail_is_sent_once_and_its_text_is_kept_nowhere(
    server: Server, ada: User, sender: Sender, mail_server: MailServer
) -> None:
    ask(server, ada)
    (waiting,) = rows(server.database)
    assert b"secret-0" not in waiting.sealed
    send_due(sender)
    send_due(sender)
    (message,) = mail_server.box.messages
    assert "token=secret-0" in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert rows(server.database) == []
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
    send_due(sender)
    send_due(sender)
    mail_server.start()
    send_due(sender)
    assert len(mail_server.box.messages) == 5


def test_a_worker_that_is_killed_while_it_sends_loses_nothing(
    server: Server, ada: User, sender: Sender, mail_server: MailServer, clock: Clock
) -> None:
    ask(server, ada)
    with server.database.write() as connection:
        # And then nothing more is heard of it.
        assert outbox.claim(connection, mail.JOB, "", server.now(), 24)
    send_due(sender)
    assert mail_server.box.messages == []
    clock.now += 24
    send_due(sender)
    assert len(mail_server.box.messages) == 1


def claimed_twice(connection: Connection, now: int) -> tuple[Job, Job]:
    """The one job that waits, as a worker has it whose lease has run out, and as the next one has it."""
    first = outbox.claim(connection, mail.JOB, "", now, 10)
    second = outbox.claim(connection, mail.JOB, "", now + 10, 10)
    assert first
    assert second
    return first, second


def test_a_worker_whose_lease_ran_out_changes_nothing(server: Server, ada: User) -> None:
    ask(server, ada)
    now = server.now()
    with server.database.write() as connection:
        first, second = claimed_twice(connection, now)
        outbox.postpone(connection, first, now + 99, "late")
        assert not outbox.end(connection, first)
        assert outbox.end(connection, second)


def test_a_worker_whose_lease_ran_out_does_not_take_a_newer_job_for_its_own(server: Server, ada: User) -> None:
    ask(server, ada)
    now = server.now()
    with server.database.write() as connection:
        first, second = claimed_twice(connection, now)
        assert outbox.end(connection, second)
    ask(server, ada)
    with server.database.write() as connection:
        assert outbox.claim(connection, mail.JOB, "", now, 10)
        assert not outbox.end(connection, first)


def test_many_workers_send_each_mail_once(
    make_server: MakeServer, server: Server, ada: User, mail_server: MailServer
) -> None:
    ask(server, ada, 30)
    senders = [sender_of(make_server()) for _ in range(4)]
    at_once(lambda number: send_due(senders[number]), 4)
    assert len({message["Message-ID"] for message in mail_server.box.messages}) == 30
    assert len(mail_server.box.messages) == 30


def test_a_message_that_is_not_taken_now_is_tried_later_and_later_and_the_others_pass(
    server: Server, ada: User, sender: Sender, mail_server: MailServer, clock: Clock
) -> None:
    ask(server, ada)
    mail_server.box.data = "451 later"
    delays = []
    for _ in range(9):
        send_due(sender)
        (row,) = rows(server.database)
        delays.append(row.due_at - server.now())
        clock.now = row.due_at
    assert delays == [15, 30, 60, 120, 240, 480, 900, 900, 900]
    assert "451 later" in row.last_error
    mail_server.box.data = "250 OK"
    send_due(sender)
    assert len(mail_server.box.messages) == 1


def test_an_address_that_the_server_refuses_for_good_is_given_up_with_an_event(
    server: Server, ada: User, sender: Sender, mail_server: MailServer
) -> None:
    mail_server.box.recipient = "550 no such user"
    ask(server, ada)
    send_due(sender)
    assert rows(server.database) == []
    assert told(server.database) == ["mail:message:abandoned"]


def test_after_days_a_message_is_given_up_with_an_event(
    server: Server, ada: User, sender: Sender, mail_server: MailServer, clock: Clock
) -> None:
    mail_server.stop()
    ask(server, ada)
    send_due(sender)
    clock.now += server.settings.mail_patience - 1
    send_due(sender)
    assert len(rows(server.database)) == 1
    clock.now += 61
    send_due(sender)
    assert rows(server.database) == []
    assert told(server.database) == ["mail:message:abandoned"]


def test_a_message_that_no_master_key_opens_keeps_no_other_waiting(
    server: Server, ada: User, sender: Sender, mail_server: MailServer
) -> None:
    ask(server, ada, 2)
    first = rows(server.database)[0].id
    with server.database.write() as connection:
        connection.execute(update(jobs).where(jobs.c.id == first).values(sealed=b"another key"))
    send_due(sender)
    assert len(mail_server.box.messages) == 1


def test_without_a_mail_server_messages_wait(make_server: MakeServer, ada: User, mail_server: MailServer) -> None:
    server = make_server(smtp_host=None)
    ask(server, ada)
    send_due(sender_of(server))
    assert rows(server.database)[0].attempts == 0


def test_a_server_without_starttls_gets_no_mail_in_clear(
    make_server: MakeServer, ada: User, mail_server: MailServer
) -> None:
    server = make_server(smtp_security="starttls")
    ask(server, ada)
    send_due(sender_of(server))
    assert len(rows(server.database)) == 1
    assert mail_server.box.messages == []


def test_a_running_server_sends_by_itself(server: Server, ada: User, sender: Sender, mail_server: MailServer) -> None:
    runner = Runner([Task("outbox", sender.turn, 0.01)], server.recorder)
    runner.start()
    ask(server, ada)
    mail_server.box.arrived.wait(PATIENCE)
    assert runner.stop(PATIENCE)
    assert sender.settle(PATIENCE)
    assert len(mail_server.box.messages) == 1


def test_a_message_that_waits_outlives_the_old_master_key(server: Server, ada: User) -> None:
    ask(server, ada)
    old, new = str(server.settings.keys_dir / "master.key"), new_key()
    both = MasterKey([new, *Path(old).read_text().split()], "both")
    assert change_master_key(server.database, both)["jobs"].changed == 1
    (letter,) = queued(server.database, MasterKey([new], "the new one"))
    assert letter.message["To"] == "ada@example.com"


def test_a_message_survives_the_seal(server: Server, ada: User) -> None:
    ask(server, ada)
    (letter,) = queued(server.database, server.master)
    assert letter.sub == ada.sub
    assert letter.message["To"] == "ada@example.com"


def test_letters_that_the_release_before_left_are_sent_once_no_node_of_it_has_them(
    server: Server, ada: User, sender: Sender, mail_server: MailServer, clock: Clock
) -> None:
    ask(server, ada, 3)
    due, leased, sent = (
        {"kind": "reset", "to_address": "ada@example.com", "sealed": row.sealed, "created_at": NOW, "attempts": 0}
        for row in rows(server.database)
    )
    with server.database.write() as connection:
        connection.execute(delete(jobs))
        connection.execute(insert(left.outbox), [due | {"next_at": NOW}, leased | {"next_at": NOW + 61}])
        connection.execute(insert(left.outbox), [sent | {"next_at": NOW, "sent_at": NOW, "sealed": b""}])
    send_due(sender)
    assert len(mail_server.box.messages) == 1
    clock.now += 61
    send_due(sender)
    assert len({message["Message-ID"] for message in mail_server.box.messages}) == 2
    with server.database.read() as connection:
        assert connection.scalars(select(left.outbox.c.sent_at)).all() == [NOW]
    assert told(server.database) == ["mail:message:sent"] * 2


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
    send_due(sender)
    (received,) = mail_server.box.received
    assert received.rcpt_tos == [recipient]
