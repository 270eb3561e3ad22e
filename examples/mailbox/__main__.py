"""`python -m examples.mailbox`: takes mail on SMTP_PORT and shows it on MAIL_PORT."""

import os
from pathlib import Path

from aiosmtpd.controller import Controller

from examples.http_server import serve
from examples.mailbox.app import create_app
from examples.mailbox.letters import Inbox, Letters

letters = Letters(Path(os.environ["MAILBOX"]))
Controller(Inbox(letters), hostname="127.0.0.1", port=int(os.environ["SMTP_PORT"])).start()
serve(create_app(letters), int(os.environ.get("MAIL_PORT", "8083")))
