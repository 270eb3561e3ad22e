"""`authserver users add`."""

from typing import Any

import click

from authserver import people
from authserver.cli import epilog
from authserver.cli.changes import changing
from authserver.cli.context import load_settings, stop
from authserver.cli.users.options import (
    JSON,
    ROLE,
    STDIN,
    ask_password,
    checked_roles,
    checked_text,
    default_roles,
    described,
    profile_options,
    read_claims,
    say,
)
from authserver.protocol.person.claims import of_fields
from authserver.signin.new_password import NAMES
from authserver.signin.password import Passwords
from authserver.store.addresses import LoginError


@click.command(
    epilog=epilog(
        (
            "users add ada --email ada@example.com --email-verified --role admin",
            "users add ada --password-stdin < password.txt",
            "users add ada --no-password --given-name Ada --family-name Lovelace --json",
        )
    )
)
@click.argument("username")
@click.option("--email", help="An address that this person can also sign in with.")
@click.option("--email-verified", is_flag=True, help="Mark the address as known to be theirs.")
@profile_options
@click.option(
    "--claim", "claims", multiple=True, metavar="NAME=VALUE", help="A claim that clients.yaml declares; repeatable."
)
@ROLE
@STDIN
@click.option(
    "--no-password", is_flag=True, help="Set no password. They cannot sign in until `invite` or `set-password`."
)
@JSON
def add(
    username: str,
    email: str | None,
    email_verified: bool,
    roles: tuple[str, ...],
    password_stdin: bool,
    no_password: bool,
    as_json: bool,
    **profile: Any,
) -> None:
    """Add a person. Without --name, given and family name together are the full name."""
    settings = load_settings()
    own = read_claims(settings, profile.pop("claims"))
    for name, text in profile.items():
        profile[name] = checked_text(name, text) if isinstance(text, str) else text
    profile["name"] = profile["name"] or " ".join(filter(None, (profile["given_name"], profile["family_name"]))) or None
    if profile["phone_number_verified"] and profile["phone_number"] is None:
        stop("--phone-number-verified needs a number: give it with --phone-number.")
    if email_verified and email is None:
        stop("--email-verified needs an address: give it with --email.")
    given = checked_roles(settings, roles) or default_roles(settings)
    called = (profile[each] for each in NAMES)
    password = None if no_password else ask_password(settings, password_stdin, username, email, *called)
    password_hash = None if password is None else Passwords(settings).hash(password)
    try:
        with changing(settings) as change:
            user = people.add(
                change,
                username,
                email=email,
                email_verified=email_verified,
                password_hash=password_hash,
                roles=given,
                claims=own,
                **of_fields(profile),
            )
    except LoginError as error:
        stop(f"{error}.")
    text = f"Added {user.username}, sub {user.sub}, roles: {', '.join(user.roles) or 'none'}."
    say(as_json, text, **described(user))
