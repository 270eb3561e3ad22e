"""`authserver clients registration-token`, `registered`, `disable`, `enable` and `remove`: who registers itself."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import click

from authserver.cli import epilog
from authserver.cli.clients_file import JSON, load_by
from authserver.cli.context import account, load_settings, open_current_database, stop
from authserver.cli.terminal import say
from authserver.clients.file.faults import ClientsFileError
from authserver.events import EventName, emit
from authserver.protocol.client.registered import Fit
from authserver.settings import Settings
from authserver.store import Connection, clock
from authserver.store.database import Database
from authserver.store.notices import Notices
from authserver.store.registration import clients, tokens
from authserver.store.registration.clients import Registered

DAY = 86400
MOST = 1000


@click.command(
    "registration-token",
    epilog=epilog(
        ("clients registration-token", 'clients registration-token --uses 20 --days 1 --scope "openid email"')
    ),
)
@click.option("--uses", type=click.IntRange(1, 100_000), default=1, show_default=True, help="How many clients.")
@click.option("--days", type=click.IntRange(1, 365), default=7, show_default=True, help="For how long.")
@click.option(
    "--scope", default="", help="The scopes that they may register for. Default: AUTHSERVER_REGISTRATION_SCOPES."
)
def registration_token(uses: int, days: int, scope: str) -> None:
    """Make an initial access token, shown only once: whoever has it can register clients at /register."""
    settings = load_settings()
    if settings.registration == "off":
        stop("registration is off: set AUTHSERVER_REGISTRATION=token")
    database = open_current_database(settings)
    with database.write() as connection:
        key, token = tokens.make(connection, tuple(scope.split()), uses, clock.now(database), days * DAY)
        _note(connection, "client:registration:token_issued", id=key, uses=uses, scope=scope)
    click.echo(f"The initial access token {key}, shown only once:\n\n    {token}\n")
    click.echo(f"It is for {uses} {'client' if uses == 1 else 'clients'}, and ends in {days} days. Send it to")
    click.echo(f"{settings.issuer}/register as `Authorization: Bearer`.")


@click.command(epilog=epilog(("clients registered", "clients registered --json")))
@JSON
def registered(as_json: bool) -> None:
    """List the clients that registered themselves, and the initial access tokens that are left."""
    settings = load_settings()
    database = open_current_database(settings)
    with database.read() as connection:
        found, left = clients.page(connection, "", MOST), tokens.everything(connection)
    fits = _fits(settings, found)
    if as_json:
        listed = [
            {"client_id": each.client_id, "name": each.metadata["client_name"], "created_at": each.created_at}
            | {"used_at": each.used_at, "disabled_at": each.disabled_at, "scope": each.metadata["scope"]}
            | {"unfit": fits[each.client_id].fault, "lost_scopes": fits[each.client_id].lost_scopes}
            for each in found
        ]
        unspent = [
            {"id": each.id, "scope": " ".join(each.scope), "uses_left": each.uses_left, "expires_at": each.expires_at}
            for each in left
        ]
        click.echo(json.dumps({"clients": listed, "tokens": unspent}, indent=2))
        return
    for client in found:
        times = f"registered {_day(client.created_at)}, last used {_day(client.used_at)}"
        times += f", disabled {_day(client.disabled_at)}" if client.disabled_at else ""
        times += _told(fits[client.client_id])
        say(f"{client.client_id}  {times}  {client.metadata['client_name']}")
    for token in left:
        click.echo(f"token {token.id}  for {token.uses_left} more, until {_day(token.expires_at)}")
    if not found and not left:
        click.echo("No client has registered itself.")


@click.command(epilog=epilog(('clients disable "$CLIENT_ID"',)))
@click.argument("client_id")
def disable(client_id: str) -> None:
    """Have the registered client CLIENT_ID refused everywhere, until `enable`; its tokens are dead at once."""
    if not _switched(clients.disable, client_id, "client:registration:disabled"):
        stop("no client that registered itself, and is not disabled, has this id.")
    click.echo(f"Disabled {client_id}.")


@click.command(epilog=epilog(('clients enable "$CLIENT_ID"',)))
@click.argument("client_id")
def enable(client_id: str) -> None:
    """Let the disabled client CLIENT_ID work again. Whoever used it signs in again."""
    if not _switched(clients.enable, client_id, "client:registration:enabled"):
        stop("no client that registered itself, and is disabled, has this id.")
    click.echo(f"Enabled {client_id}.")


def _switched(switch: Callable[[Connection, str, int], bool], client_id: str, event: EventName) -> bool:
    settings = load_settings()
    database = open_current_database(settings)
    with database.write() as connection:
        is_changed = switch(connection, client_id, clock.now(database))
        if is_changed:
            _note(connection, event, client_id)
    if is_changed:
        _tell(settings, database)
    return is_changed


@click.command(epilog=epilog(('clients remove "$CLIENT_ID"', 'clients remove "$TOKEN_ID"')))
@click.argument("name")
def remove(name: str) -> None:
    """Remove the registered client, or the initial access token, with the id NAME; its tokens are dead at once."""
    settings = load_settings()
    database = open_current_database(settings)
    with database.write() as connection:
        removed = clients.remove(connection, name, clock.now(database))
        if removed:
            _note(connection, "client:registration:deleted", name)
        gone = removed or tokens.remove(connection, name)
        if gone and not removed:
            _note(connection, "client:registration:token_revoked", id=name)
    if not gone:
        stop("no client that registered itself, and no initial access token, has this id.")
    _tell(settings, database)
    click.echo(f"Removed {name}.")


def _fits(settings: Settings, found: Sequence[Registered]) -> dict[str, Fit]:
    """How each of them fits clients.yaml, where that can be loaded."""
    # Its room is heavy, and most commands need none of it.
    from authserver.clients.registration.fit import fit_of

    try:
        registry = load_by(settings, settings.clients_file).registry if found else None
    except ClientsFileError:
        text = f"{settings.clients_file} cannot be loaded, so it was not checked which clients still fit it."
        click.echo(f"authserver: {text}", err=True)
        registry = None
    if registry is None:
        return {each.client_id: Fit() for each in found}
    http = settings.is_loopback
    return {
        each.client_id: fit_of(registry, each.client_id, each.metadata, each.secret_digest, http=http) for each in found
    }


def _told(fit: Fit) -> str:
    if fit.fault:
        return f", no longer fits: {fit.fault}"
    return f", lost {' '.join(fit.lost_scopes)}" if fit.lost_scopes else ""


def _note(connection: Connection, name: EventName, client_id: str | None = None, **detail: Any) -> None:
    by = f"{account()} with authserver clients"
    emit(name, client_id=client_id, within=connection, by=by, through="command line", **detail)


def _tell(settings: Settings, database: Database) -> None:
    Notices(database, settings.redis_url.get_secret_value() if settings.redis_url else None).tell()


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
