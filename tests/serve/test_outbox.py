"""One worker of a running server sends what waits in the outbox; when it is killed another one does."""

import os
import signal
import subprocess
import sys

import pytest

from tests.mail.post import MailServer
from tests.patience import eventually
from tests.serve.conftest import Running, Start


def invite(running: Running, address: str) -> None:
    """Put a letter into the outbox, as an administrator does on the machine of the server."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AUTHSERVER_")}
    command = [sys.executable, "-c", "from authserver.cli import main; main()", "users", "invite", address]
    subprocess.run(command, cwd=running.folder, env=environ, check=True, capture_output=True)


@pytest.mark.slow
def test_letters_leave_whichever_worker_is_killed(start: Start, mail_server: MailServer) -> None:
    smtp = {"smtp_host": "127.0.0.1", "smtp_port": mail_server.port, "smtp_security": "none"}
    running = start(workers=2, **smtp)
    eventually(lambda: len(running.workers()) == 2)
    box = mail_server.box
    asked = ["first@example.com"]
    invite(running, asked[-1])
    eventually(lambda: len(box.messages) == len(asked))
    for worker in running.workers():
        os.kill(worker, signal.SIGKILL)
        asked.append(f"after-{worker}@example.com")
        invite(running, asked[-1])
        eventually(lambda: len(box.messages) == len(asked))
    assert [message["To"] for message in box.messages] == asked
    assert running.lines("mail:message:abandoned") == []
