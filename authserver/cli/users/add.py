"""`authserver users add`."""

import click

from authserver import people
from authserver.cli.changes import changing, stop
from authserver.cli.context import load_settings
from authserver.cli.users.options import JSON, ROLE, STDIN, ask_password, checked_roles, default_roles, described, say
from authserver.protocol.profile import PROFILE_LENGTHS
from authserver.signin.password import Passwords
from authserver.store.addresses import LoginError


@click.command()
@click.argument("username")
@click.option("--email", help="An address that this person can also sign in with.")
@click.option("--email-verified", is_flag=True, help="Mark the address as known to be theirs.")
@click.option("--name", help="The full name, as pages and clients show it. Default: given and family name together.")
@click.option("--given-name", help="The given name, for clients that ask for it separately.")
@click.option("--family-name", help="The family name, for the same clients.")
@ROLE
@STDIN
@click.option(
    "--no-password", is_flag=True, help="Set no password. They cannot sign in until `invite` or `set-password`."
)
@JSON
def add(  # noqa: PLR0917 - one for each option
    username: str,
    email: str | None,
    email_verified: bool,
    name: str | None,
    given_name: str | None,
    family_name: str | None,
    roles: tuple[str, ...],
    password_stdin: bool,
    no_password: bool,
    as_json: bool,
) -> None:
    """Add a person."""
    settings = load_settings()
    _check_names(given_name=given_name, family_name=family_name)
    name = name or " ".join(filter(None, (given_name, family_name))) or None
    _check_names(name=name)
    if email_verified and email is None:
        stop("--email-verified needs an address: give it with --email.")
    given = checked_roles(settings, roles) or default_roles(settings)
    password = (
        None if no_password else ask_password(settings, password_stdin, username, email, name, given_name, family_name)
    )
    password_hash = None if password is None else Passwords(settings).hash(password)
    try:
        with changing(settings) as change:
            user = people.add(
                change,
                username,
                email=email,
                email_verified=email_verified,
                password_hash=password_hash,
                name=name,
                given_name=given_name,
                family_name=family_name,
                roles=given,
            )
    except LoginError as error:
        stop(f"{error}.")
    text = f"Added {user.username}, sub {user.sub}, roles: {', '.join(user.roles) or 'none'}."
    say(as_json, text, **described(user))


def _check_names(**names: str | None) -> None:
    for field, name in names.items():
        most = PROFILE_LENGTHS[field]
        if name is not None and not (name.isprintable() and 1 <= len(name) <= most):
            stop(f"--{field.replace('_', '-')} takes 1 to {most} printable characters.")
