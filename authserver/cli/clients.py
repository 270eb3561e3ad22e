"""`authserver clients`: check and list what clients.yaml declares."""

import json
import secrets
import sys
from hashlib import sha256
from pathlib import Path

import click

from authserver.cli import epilog
from authserver.cli.clients_file import FILE, JSON, WITHOUT_SECRETS, load_by, load_or_exit, settings_and_path
from authserver.cli.context import load_settings, stop
from authserver.cli.history.diff import diff
from authserver.cli.history.history import history
from authserver.cli.history.undo import undo
from authserver.cli.kept_names import kept_names, sentence
from authserver.cli.planning.plan import plan
from authserver.cli.registration import disable, enable, registered, registration_token, remove
from authserver.clients.file.faults import ClientsFileError, FileFault, nearest, quoted
from authserver.clients.file.reader import read
from authserver.clients.load import LoadedFile
from authserver.clients.schema import json_schema
from authserver.clients.sectors import fault_of_sector
from authserver.protocol import management
from authserver.protocol.client.client import Client


@click.group()
def clients() -> None:
    """Check and list APIs, roles, and clients; plan a change, look at past ones, undo one."""


for _command in (plan, history, diff, undo, registration_token, registered, disable, enable, remove):
    clients.add_command(_command)


@clients.command(
    epilog=epilog(
        ("clients check", "clients check new.yaml --without-secrets", "clients check --database --json"),
        {
            0: "FILE is sound, though there may be warnings",
            1: "FILE is refused, or what --fetch looked at is wrong",
            2: "wrong options, or faulty settings",
        },
    )
)
@FILE
@JSON
@click.option(
    "--database",
    "with_database",
    is_flag=True,
    help="Also list roles and groups that people have but FILE does not declare.",
)
@click.option("--fetch", is_flag=True, help="Also fetch each sector_identifier_uri, and check what it lists.")
@WITHOUT_SECRETS
def check(file: Path | None, as_json: bool, with_database: bool, fetch: bool, without_secrets: bool) -> None:
    """List every fault and warning in FILE (default: AUTHSERVER_CLIENTS_FILE); status 1 if it is refused."""
    settings, path = settings_and_path(file)
    faults: tuple[FileFault, ...] = ()
    loaded: LoadedFile | None = None
    try:
        loaded = load_by(settings, path, with_secrets=not without_secrets)
    except ClientsFileError as error:
        faults = error.faults
    # Of what a server would load, the secrets too: without them it is not known.
    version = loaded.registry.version if loaded and not without_secrets else None
    kept = None
    if loaded and with_database:
        kept = kept_names(loaded.registry, (file is None and settings) or load_settings())
    sectors = _sectors(loaded) if loaded and fetch else []
    if as_json:
        click.echo(
            json.dumps(
                _report(path, faults, loaded, version)
                | ({} if kept is None else {"database": kept})
                | ({"sectors": sectors} if fetch else {}),
                indent=2,
            )
        )
    else:
        for name in kept or ():
            click.echo(f"warning: {sentence(name)}", err=True)
        for sector in sectors:
            click.echo(f"{sector['client_id']}: sector_identifier_uri: {sector['fault']}", err=True)
        _print_report(path, faults, loaded, version)
    sys.exit(1 if faults or sectors else 0)


def _sectors(loaded: LoadedFile) -> list[dict[str, str]]:
    found, declared = [], loaded.registry.clients.values()
    for client in declared:
        uri = client.sector_identifier_uri
        fault = fault_of_sector(uri, client.redirect_uris, anywhere=True) if uri else None
        if fault:
            found.append({"client_id": client.client_id, "fault": fault})
    return found


@clients.command("list", epilog=epilog(("clients list", "clients list new.yaml --json")))
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


@clients.command(epilog=epilog(("clients schema > clients.schema.json",)))
def schema() -> None:
    """Print the JSON Schema of clients.yaml, which lets an editor complete and check it."""
    click.echo(json.dumps(json_schema(), indent=2))


@clients.command("new-secret", epilog=epilog(("clients new-secret nightly-job",)))
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


def _print_report(path: Path, faults: tuple[FileFault, ...], loaded: LoadedFile | None, version: str | None) -> None:
    for fault in faults:
        click.echo(str(fault), err=True)
    if loaded is None:
        click.echo(f"{path}: refused, {len(faults)} fault{'' if len(faults) == 1 else 's'}", err=True)
        return
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)
    registry = loaded.registry
    apis = [name for name in registry.apis if name != management.NAME]
    counts = {"clients": registry.clients, "APIs": apis, "roles": registry.roles, "warnings": loaded.warnings}
    summary = ", ".join(f"{name}: {len(counted)}" for name, counted in counts.items())
    click.echo(f"{path}: sound; {summary}; {f'version {version}' if version else 'secrets not read'}")


def _report(
    path: Path, faults: tuple[FileFault, ...], loaded: LoadedFile | None, version: str | None
) -> dict[str, object]:
    return {
        "file": str(path),
        "version": version,
        "faults": [_placed(fault) for fault in faults],
        "warnings": [_placed(warning) for warning in loaded.warnings] if loaded else [],
    }


def _placed(fault: FileFault) -> dict[str, object]:
    return {"line": fault.line, "column": fault.column, "where": fault.where, "what": fault.what}


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
