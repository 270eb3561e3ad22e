"""`authserver clients check`."""

import json
import sys
from pathlib import Path

import click

from authserver.cli import epilog
from authserver.cli.clients_file import FILE, JSON, WITHOUT_SECRETS, load_by, settings_and_path
from authserver.cli.context import load_settings
from authserver.clients.file.faults import ClientsFileError, FileFault
from authserver.clients.load import LoadedFile
from authserver.protocol import management


@click.command(
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
        # It comes with the database.
        from authserver.cli.kept_names import kept_names, sentence

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
    # It calls others.
    from authserver.clients.sectors import fault_of_sector

    found, declared = [], loaded.registry.clients.values()
    for client in declared:
        uri = client.sector_identifier_uri
        fault = fault_of_sector(uri, client.redirect_uris, anywhere=True) if uri else None
        if fault:
            found.append({"client_id": client.client_id, "fault": fault})
    return found


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
