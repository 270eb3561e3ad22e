"""`authserver users add`."""

from typing import Any

import click

from authserver import people
from authserver.cli.changes import changing
from authserver.cli.context import load_settings, stop
from authserver.cli.users.options import (
    JSON,
    ROLE,
    STDIN,
    ask_password,
    checked_roles,
    default_roles,
    described,
    profile_options,
    say,
)
from authserver.protocol.person.claims import PROFILE, value_fault
from authserver.signin.new_password import NAMES
from authserver.signin.password import Passwords
from authserver.store.addresses import LoginError


@click.command()
@click.argument("username")
@click.option("--email", help="An address that this person can also sign in with.")
@click.option("--email-verified", is_flag=True, help="Mark the address as known to be theirs.")
@profile_options
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
    profile["name"] = profile["name"] or " ".join(filter(None, (profile["given_name"], profile["family_name"]))) or None
    _check(profile)
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
                **profile,
            )
    except LoginError as error:
        stop(f"{error}.")
    text = f"Added {user.username}, sub {user.sub}, roles: {', '.join(user.roles) or 'none'}."
    say(as_json, text, **described(user))


def _check(profile: dict[str, str | None]) -> None:
    for name, text in profile.items():
        if text is None:
            continue
        claim, option = PROFILE[name], f"--{name.replace('_', '-')}"
        if not (1 <= len(text) <= claim.length):
            stop(f"{option} takes 1 to {claim.length} characters.")
        if fault := value_fault(claim, text):
            stop(f"{option}: {fault}")
