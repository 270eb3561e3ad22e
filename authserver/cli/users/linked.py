"""`authserver users linked`."""

import json
from dataclasses import asdict
from datetime import UTC, datetime

import click

from authserver import people
from authserver.cli import epilog
from authserver.cli.changes import changing
from authserver.cli.context import load_settings, open_current_database, stop
from authserver.cli.found import find
from authserver.cli.terminal import say as say_safely
from authserver.cli.users.options import JSON, LOGIN, registry_of, say
from authserver.protocol.provider import Provider, with_google
from authserver.settings import Settings
from authserver.store.upstream import identities


@click.command(epilog=epilog(("users linked ada", 'users linked ada --remove "$ID"')))
@LOGIN
@click.option("--remove", "identity", metavar="ID", help="Remove this one.")
@JSON
def linked(login: str, identity: str | None, as_json: bool) -> None:
    """List the accounts at providers that a person signs in with, or remove one, but never the last way in.

    Sessions that began there go on; to end them, use `sessions`. The person is told by mail.
    """
    settings = load_settings()
    if identity is not None:
        _remove(settings, login, identity, as_json=as_json)
        return
    with open_current_database(settings).read() as connection:
        found = identities.of_person(connection, find(connection, login).sub)
    if as_json:
        click.echo(json.dumps([{"id": people.id_of(each)} | asdict(each) for each in found], indent=2))
        return
    for each in found:
        times = f"linked {_day(each.created_at)}, last used {_day(each.last_used_at)}"
        say_safely(f"{people.id_of(each)}  {times}  {each.provider}  {each.email or each.subject}")
    if not found:
        click.echo("None.")


def _remove(settings: Settings, login: str, identity: str, *, as_json: bool) -> None:
    providers = _providers(settings)
    with changing(settings) as change:
        user, found = people.held(change, find(change.connection, login))
        chosen = next((each for each in found if people.id_of(each) == identity), None)
        if chosen is None:
            stop(f"{user.username} has no linked sign-in {identity}; `authserver users linked` lists them.")
        if people.is_last_way_in(user, chosen, found, providers.keys()):
            stop(f"this is the only way to sign in that {user.username} has; set a password first (`set-password`).")
        provider = providers.get(chosen.provider)
        people.unlink(change, user, chosen, label=provider.label if provider else chosen.provider)
    text = f"{user.username} can no longer sign in with that account at {chosen.provider}."
    say(as_json, text, sub=user.sub, removed=identity)


def _providers(settings: Settings) -> dict[str, Provider]:
    registry = registry_of(settings)
    if registry is None:
        stop(f"{settings.clients_file} cannot be loaded, so it is not known which sign-ins work.")
    secret = settings.google_client_secret
    return dict(
        with_google(registry.providers, settings.google_client_id, secret.get_secret_value() if secret else None)
    )


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
