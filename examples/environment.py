"""What the example programs are told by environment variables, and what they say where one is missing."""

import os
import sys

_MADE_BY_MAKE_RUN = "`make run` makes it and keeps it in .demo/secrets.json."
WHERE_FROM = {
    "PORTAL_SECRET": f"The secret of the client portal in clients.yaml. {_MADE_BY_MAKE_RUN}",
    "PORTAL_COOKIE_KEY": "The key that signs the cookie: any 32 random bytes or more, the same at every start. "
    + _MADE_BY_MAKE_RUN,
    "EXAMPLE_PROVIDER_SECRET": "The secret that the server has at this provider, which clients.yaml names. "
    + _MADE_BY_MAKE_RUN,
    "EXAMPLE_PORT": "The port to listen on. `make run` takes 8084.",
    "MAILBOX": "The folder to keep mails in. `make run` takes .demo/mail.",
    "SMTP_PORT": "The port to take mails on, which the server has as AUTHSERVER_SMTP_PORT.",
}


def required(*names: str) -> list[str]:
    """Their values. Ends the program, naming all that are missing and where to get them."""
    missing = [f"  {name}: {WHERE_FROM[name]}" for name in names if not os.environ.get(name)]
    if missing:
        sys.exit("\n".join(["These environment variables are missing:", *missing]))
    return [os.environ[name] for name in names]
