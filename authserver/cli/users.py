"""`authserver users`: the people who may sign in."""

import json
import os
import sys
from datetime import UTC, datetime

import click

from authserver.accounts.password import MAX_LENGTH, Passwords
from authserver.cli.changes import changing, find, stop
from authserver.cli.context import load_settings, open_current_database
from authserver.clients.faults import ClientsFileError, did_you_mean
from authserver.clients.load import load
from authserver.protocol.client import Registry
from authserver.settings import Settings
from authserver.store import users as store
from authserver.store.users import LoginError, User

_LOGIN = click.argument("login")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON; times are seconds since the epoch.")
_STDIN = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, one line, instead of asking."
)


@click.group()
def users() -> None:
    """The people who may sign in. LOGIN is a username, an e-mail address, or a sub."""


@users.command()
@click.argument("username")
@click.option("--email", help="An address this person can sign in with, too.")
@click.option("--email-verified", is_flag=True, help="Say that the address is known to be theirs.")
@click.option("--name", help="The full name, as pages and clients show it.")
@click.option("--role", "roles", multiple=True, help="A role of clients.yaml; repeat it for several.")
@_STDIN
def add(
    username: str,
    email: str | None,
    email_verified: bool,
    name: str | None,
    roles: tuple[str, ...],
    password_stdin: bool,
) -> None:
    """Add a person; without --role they get the default role of clients.yaml."""
    settings = load_settings()
    given = _checked_roles(settings, roles) or _default_roles(settings)
    password_hash = Passwords(settings).hash(_ask_password(password_stdin))
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
    click.echo(f"Added {user.username}, sub {user.sub}, roles: {', '.join(user.roles) or 'none'}.")


@users.command("list")
@_JSON
def list_users(as_json: bool) -> None:
    """List everybody, by username."""
    with open_current_database(load_settings()).read() as connection:
        everybody = store.list_all(connection)
    if as_json:
        click.echo(json.dumps([_described(user) for user in everybody], indent=2))
        return
    rows = [("USERNAME", "E-MAIL", "ROLES", "STATE")]
    rows += [
        (user.username, user.email or "-", " ".join(user.roles) or "-", "disabled" if user.disabled_at else "active")
        for user in everybody
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        click.echo("  ".join([*(cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True)), row[3]]))


@users.command()
@_LOGIN
@_JSON
def show(login: str, as_json: bool) -> None:
    """Show one person."""
    with open_current_database(load_settings()).read() as connection:
        described = _described(find(connection, login))
    if as_json:
        click.echo(json.dumps(described, indent=2))
        return
    for name, value in described.items():
        click.echo(f"{name + ':':16} {_plain(name, value)}")


@users.command("set-password")
@_LOGIN
@_STDIN
def set_password(login: str, password_stdin: bool) -> None:
    """Give a person a new password; their sessions, and what clients hold for them, end."""
    settings = load_settings()
    with open_current_database(settings).read() as connection:
        find(connection, login)
    password_hash = Passwords(settings).hash(_ask_password(password_stdin))
    with changing(settings) as change:
        user = find(change.connection, login)
        store.set_password(change.connection, user.sub, password_hash, change.now)
        change.note("user:password:set", user)
    click.echo(f"{user.username} has a new password, and must sign in again everywhere.")


@users.command()
@_LOGIN
@click.argument("roles", nargs=-1)
def roles(login: str, roles: tuple[str, ...]) -> None:
    """Give a person exactly these ROLES; without any, none. Tokens say so from the next refresh on."""
    settings = load_settings()
    given = _checked_roles(settings, roles)
    with changing(settings) as change:
        user = find(change.connection, login)
        store.set_roles(change.connection, user.sub, given, change.now)
        change.note("user:roles:changed", user, before=list(user.roles), after=list(given))
    click.echo(f"{user.username} has the roles: {', '.join(given) or 'none'}.")


@users.command()
@_LOGIN
def disable(login: str) -> None:
    """Shut a person out: no sign-in, and their sessions and what clients hold for them end at once."""
    with changing(load_settings()) as change:
        user = find(change.connection, login)
        if store.disable(change.connection, user.sub, change.now):
            change.note("user:account:disabled", user)
    click.echo(f"{user.username} is disabled. Access tokens that are out already work until they expire.")


@users.command()
@_LOGIN
def enable(login: str) -> None:
    """Let a disabled person sign in again."""
    with changing(load_settings()) as change:
        user = find(change.connection, login)
        if store.enable(change.connection, user.sub, change.now):
            change.note("user:account:enabled", user)
    click.echo(f"{user.username} may sign in.")


def _ask_password(from_stdin: bool) -> str:
    if from_stdin:
        # One line as it is: spaces count, the line's end does not.
        password = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if not 1 <= len(password) <= MAX_LENGTH:
        stop(f"a password has 1 to {MAX_LENGTH} characters.")
    return password


def _registry(settings: Settings) -> Registry | None:
    try:
        return load(settings.clients_file, os.environ).registry
    except ClientsFileError:
        return None


def _checked_roles(settings: Settings, roles: tuple[str, ...]) -> tuple[str, ...]:
    registry = _registry(settings) if roles else None
    if roles and registry is None:
        click.echo(f"authserver: {settings.clients_file} cannot be loaded, so roles were not checked.", err=True)
    for role in roles if registry is not None else ():
        if registry is not None and role not in registry.roles:
            stop(f"{role!r} is no role of {settings.clients_file}{did_you_mean(role, registry.roles)}")
    return roles


def _default_roles(settings: Settings) -> tuple[str, ...]:
    registry = _registry(settings)
    return (registry.default_role,) if registry is not None and registry.default_role else ()


def _described(user: User) -> dict[str, object]:
    return {
        "username": user.username,
        "sub": user.sub,
        "email": user.email,
        "email_verified": user.email_verified,
        "name": user.name,
        "roles": list(user.roles),
        "has_password": user.password_hash is not None,
        "updated_at": user.updated_at,
        "disabled_at": user.disabled_at,
    }


def _plain(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(value) or "-"
    if isinstance(value, int) and name.endswith("_at"):
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return "-" if value is None else str(value)
