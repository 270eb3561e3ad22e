"""`authserver clients list`."""

import json
from pathlib import Path

import click

from authserver.cli import epilog
from authserver.cli.clients_file import FILE, JSON, load_or_exit, settings_and_path
from authserver.protocol.client.client import Client


@click.command("list", epilog=epilog(("clients list", "clients list new.yaml --json")))
@FILE
@JSON
def list_clients(file: Path | None, as_json: bool) -> None:
    """List the clients of FILE."""
    declared = load_or_exit(*settings_and_path(file)).registry.clients.values()
    if as_json:
        click.echo(json.dumps([_described(client) for client in declared], indent=2))
        return
    rows = [("CLIENT_ID", "TYPE", "NAME", "APIS")]
    rows += [(client.client_id, client.type, client.name, ", ".join(client.apis) or "-") for client in declared]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        click.echo("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]]))


def _described(client: Client) -> dict[str, object]:
    return {
        "client_id": client.client_id,
        "name": client.name,
        "type": client.type,
        "token_endpoint_auth_method": client.token_endpoint_auth_method,
        "secrets": [{"expires_at": secret.expires_at} for secret in client.secrets],
        "grant_types": sorted(client.grant_types),
        "scopes": sorted(client.scopes),
        "apis": list(client.apis),
        "redirect_uris": list(client.redirect_uris),
    }
