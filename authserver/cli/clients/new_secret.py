"""`authserver clients new-secret`."""

import secrets
from hashlib import sha256
from pathlib import Path

import click

from authserver.cli import epilog
from authserver.cli.clients_file import FILE
from authserver.cli.context import load_settings, stop
from authserver.clients.file.faults import ClientsFileError, nearest, quoted
from authserver.clients.file.reader import read


@click.command("new-secret", epilog=epilog(("clients new-secret nightly-job",)))
@click.argument("client_id")
@FILE
def new_secret(client_id: str, file: Path | None) -> None:
    """Make a secret for CLIENT_ID, shown only once, and the line for clients.yaml."""
    types = _types(file or load_settings().clients_file)
    if types.get(client_id) in {"spa", "native"}:
        stop(f"{quoted(client_id)} is a {types[client_id]} client and cannot keep a secret")
    if client_id not in types:
        meant = nearest(client_id, types)
        hint = f"; did you mean {quoted(meant)}?" if meant else ""
        click.echo(f"note: clients.yaml does not have {quoted(client_id)} yet{hint}", err=True)
    secret = secrets.token_urlsafe(32)
    click.echo(f"The secret of {quoted(client_id)}, shown only once:\n\n    {secret}\n")
    click.echo("Add this to its secrets in clients.yaml, and set expires on the one it replaces:\n")
    click.echo(f'    - {{sha256: "{sha256(secret.encode()).hexdigest()}"}}')


def _types(path: Path) -> dict[str, str]:
    """The type of each client and API, from a file that may be faulty yet."""
    try:
        data = read(path.read_bytes(), str(path)).data
    except (ClientsFileError, OSError):
        return {}
    found = data if isinstance(data, dict) else {}
    listed, apis = found.get("clients"), found.get("apis")
    types = {str(name): "api" for name in (apis if isinstance(apis, dict) else ())}
    for client in listed if isinstance(listed, list) else ():
        if isinstance(client, dict):
            types[str(client.get("client_id"))] = str(client.get("type"))
    return types
