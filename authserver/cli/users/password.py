"""`authserver users set-password`."""

import click

from authserver import people
from authserver.cli import epilog
from authserver.cli.changes import changing
from authserver.cli.context import load_settings, open_current_database
from authserver.cli.found import find
from authserver.cli.users.options import JSON, LOGIN, STDIN, ask_password, say
from authserver.signin import new_password
from authserver.signin.password import Passwords


@click.command(
    "set-password", epilog=epilog(("users set-password ada", "users set-password ada --password-stdin < password.txt"))
)
@LOGIN
@STDIN
@JSON
def set_password(login: str, password_stdin: bool, as_json: bool) -> None:
    """Set a new password, which ends the person's sessions and the access of clients. They are told by mail."""
    settings = load_settings()
    with open_current_database(settings).read() as connection:
        words = new_password.words_of(find(connection, login))
    password_hash = Passwords(settings).hash(ask_password(settings, password_stdin, *words))
    with changing(settings) as change:
        user = find(change.connection, login)
        people.set_password(change, user, password_hash)
    say(as_json, f"{user.username} has a new password and must sign in again everywhere.", sub=user.sub)
