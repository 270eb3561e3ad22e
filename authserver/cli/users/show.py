"""`authserver users list` and `show`."""

import json
import textwrap
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any

import click

from authserver.access.effective import undeclared
from authserver.access.required import required_factor
from authserver.cli import epilog
from authserver.cli.context import load_master_key, load_settings, open_current_database
from authserver.cli.found import find, look_up
from authserver.cli.terminal import say
from authserver.cli.users.options import JSON, LOGIN, complete_group, complete_role, described, registry_of
from authserver.keys.pairwise import Pairwise
from authserver.protocol.client.registry import Registry
from authserver.store import directory
from authserver.store.directory import PeopleFilter
from authserver.store.factors import held, recovery_codes
from authserver.store.factors.held import Factor
from authserver.store.users import User

# So many lines are laid out together, and written before the next ones are read.
LAID_OUT = 500


@click.command("list", epilog=epilog(("users list", "users list --search ada", "users list --role admin --json")))
@click.option("--search", default="", help="Only people whose username, full name, or email address begins with this.")
@click.option("--role", default="", shell_complete=complete_role, help="Only people who were given this role.")
@click.option("--group", default="", shell_complete=complete_group, help="Only people in this group.")
@JSON
def list_users(search: str, role: str, group: str, as_json: bool) -> None:
    """List everyone, by username, or only some people."""
    with open_current_database(load_settings()).read() as connection:
        people = directory.everybody(connection, PeopleFilter(search=search, role=role, group=group))
        if as_json:
            for text in _as_json(people):
                click.echo(text)
            return
        for line in _as_table(people):
            say(line)


def _as_json(people: Iterator[User]) -> Iterator[str]:
    written = (textwrap.indent(json.dumps(described(user), indent=2), "  ") for user in people)
    following = next(written, None)
    if following is None:
        yield "[]"
        return
    yield "["
    for each in written:
        yield f"{following},"
        following = each
    yield f"{following}\n]"


def _as_table(people: Iterator[User]) -> Iterator[str]:
    rows = chain([("USERNAME", "E-MAIL", "ROLES", "STATE")], map(_row, people))
    widths = [0, 0, 0]
    while some := list(islice(rows, LAID_OUT)):
        widths = [max(width, *(len(row[column]) for row in some)) for column, width in enumerate(widths)]
        for row in some:
            yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])


def _row(user: User) -> tuple[str, str, str, str]:
    state = "disabled" if user.disabled_at else "active"
    return user.username, user.email or "-", " ".join(user.every_role) or "-", state


@click.command(epilog=epilog(("users show ada", "users show ada@example.com --json")))
@LOGIN
@JSON
def show(login: str, as_json: bool) -> None:
    """Show one person, with their second factors, and roles and groups that clients.yaml does not declare.

    LOGIN can also be the sub by which a client with pairwise subs knows them.
    """
    settings = load_settings()
    database, registry = open_current_database(settings), registry_of(settings)
    with database.read() as connection:
        user = look_up(connection, login)
    if user is None and registry is not None:
        login = Pairwise(database, lambda: load_master_key(settings)).person(registry.index.sectors, login) or login
    with database.read() as connection:
        user = user or find(connection, login)
        found = described(user) | {"factors": [_factor(each) for each in held.of_person(connection, user.sub)]}
        found["recovery_codes_left"] = recovery_codes.left(connection, user.sub)
    if registry is None:
        click.echo(f"authserver: {settings.clients_file} cannot be loaded, so names were not looked up.", err=True)
    else:
        unknown = undeclared(registry, user.every_role, user.groups)
        found |= {"undeclared_roles": list(unknown.roles), "undeclared_groups": list(unknown.groups)}
        found["undeclared_claims"] = registry.known.undeclared(user.claims)
        found["second_factor_required_at"] = _required_at(registry, user)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        say(f"{name + ':':18} {_plain(name, value)}")


def _plain(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        if name == "factors":
            return "; ".join(map(_in_words, value)) or "-"
        return " ".join(_mapped(each) if isinstance(each, dict) else each for each in value) or "-"
    if isinstance(value, dict):
        return "; ".join(f"{member}: {text}" for member, text in value.items()).replace("\n", ", ") or "-"
    if isinstance(value, int) and name.endswith("_at"):
        return _utc(value)
    return "-" if value is None else str(value)


def _factor(factor: Factor) -> dict[str, Any]:
    return {
        "kind": factor.kind,
        "name": factor.name,
        "created_at": factor.created_at,
        "last_used_at": factor.last_used_at,
    }


def _in_words(factor: Mapping[str, Any]) -> str:
    used = "never used" if factor["last_used_at"] is None else f"last used {_utc(factor['last_used_at'])}"
    return f"{factor['kind']} {factor['name']!r} (added {_utc(factor['created_at'])}, {used})"


def _required_at(registry: Registry, user: User) -> int | None:
    rule = required_factor(registry, user.roles_anywhere(int(time.time())), user.groups)
    return rule.begins_at if rule is not None else None


def _mapped(given: Mapping[str, Any]) -> str:
    return f"{given['role']} (by {given['provider']} until {_utc(given['expires_at'])})"


def _utc(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
