"""`authserver users list` and `show`."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from authserver.access.effective import undeclared
from authserver.cli.changes import find
from authserver.cli.context import load_settings, open_current_database
from authserver.cli.users.options import JSON, LOGIN, described, registry_of
from authserver.store import users as store


@click.command("list")
@JSON
def list_users(as_json: bool) -> None:
    """List everyone, by username."""
    with open_current_database(load_settings()).read() as connection:
        everybody = store.list_all(connection)
    if as_json:
        click.echo(json.dumps([described(user) for user in everybody], indent=2))
        return
    rows = [("USERNAME", "E-MAIL", "ROLES", "STATE")]
    rows += [
        (
            user.username,
            user.email or "-",
            " ".join(user.every_role) or "-",
            "disabled" if user.disabled_at else "active",
        )
        for user in everybody
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        click.echo("  ".join([*(cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True)), row[3]]))


@click.command()
@LOGIN
@JSON
def show(login: str, as_json: bool) -> None:
    """Show one person, including roles and groups that clients.yaml does not declare and that give nothing."""
    settings = load_settings()
    with open_current_database(settings).read() as connection:
        user = find(connection, login)
    found = described(user)
    registry = registry_of(settings)
    if registry is None:
        click.echo(f"authserver: {settings.clients_file} cannot be loaded, so names were not looked up.", err=True)
    else:
        unknown = undeclared(registry, user.every_role, user.groups)
        found |= {"undeclared_roles": list(unknown.roles), "undeclared_groups": list(unknown.groups)}
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        click.echo(f"{name + ':':22} {_plain(name, value)}")


def _plain(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(_mapped(each) if isinstance(each, dict) else each for each in value) or "-"
    if isinstance(value, dict):
        return "; ".join(f"{member}: {text}" for member, text in value.items()).replace("\n", ", ")
    if isinstance(value, int) and name.endswith("_at"):
        return _utc(value)
    return "-" if value is None else str(value)


def _mapped(given: Mapping[str, Any]) -> str:
    return f"{given['role']} (by {given['provider']} until {_utc(given['expires_at'])})"


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
