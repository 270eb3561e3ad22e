"""`authserver users add`."""

import click

from authserver.accounts.password import Passwords
from authserver.cli.changes import changing, stop
from authserver.cli.context import load_settings
from authserver.cli.users.options import JSON, ROLE, STDIN, ask_password, checked_roles, default_roles, described, say
from authserver.store import users as store
from authserver.store.users import LoginError


@click.command()
@click.argument("username")
@click.option("--email", help="An address this person can sign in with, too.")
@click.option("--email-verified", is_flag=True, help="Say that the address is known to be theirs.")
@click.option("--name", help="The full name, as pages and clients show it.")
@ROLE
@STDIN
@click.option("--no-password", is_flag=True, help="Nobody can sign in until `invite` or `set-password`.")
@JSON
def add(  # noqa: PLR0917 - one for each option
    username: str,
    email: str | None,
    email_verified: bool,
    name: str | None,
    roles: tuple[str, ...],
    password_stdin: bool,
    no_password: bool,
    as_json: bool,
) -> None:
    """Add a person."""
    settings = load_settings()
    given = checked_roles(settings, roles) or default_roles(settings)
    password = None if no_password else ask_password(settings, password_stdin, username, email, name)
    password_hash = None if password is None else Passwords(settings).hash(password)
    try:
        with changing(settings) as change:
            user = store.add(
                change.connection,
                username=username,
                email=email,
                email_verified=email_verified and email is not None,
                password_hash=password_hash,
                name=name,
                roles=given,
                now=change.now,
            )
            change.note("user:account:created", user)
    except LoginError as error:
        stop(f"{error}.")
    text = f"Added {user.username}, sub {user.sub}, roles: {', '.join(user.roles) or 'none'}."
    say(as_json, text, **described(user))
