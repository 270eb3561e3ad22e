"""`python -m examples.mailbox`: takes mail on SMTP_PORT and shows it on MAIL_PORT."""

import os
from pathlib import Path

from aiosmtpd.controller import Controller

from examples.environment import required
from examples.http_server import serve
from examples.mailbox.app import create_app
from examples.mailbox.letters import Inbox, Letters

folder, smtp_port = required("MAILBOX", "SMTP_PORT")
letters = Letters(Path(folder))
Controller(Inbox(letters), hostname="127.0.0.1", port=int(smtp_port)).start()
serve(create_app(letters), int(os.environ.get("MAIL_PORT", "8083")))
