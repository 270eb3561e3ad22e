"""`authserver backup` and `authserver restore`."""

import os
import shutil
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from authserver.cli import epilog
from authserver.cli.backup import archive
from authserver.cli.backup.archive import CLIENTS, DATABASE, KEYS, ArchiveError, Manifest
from authserver.cli.context import database_in_reach, load_settings, open_current_database, open_database, stop
from authserver.settings import Settings
from authserver.store.upkeep import copy, migrations
from authserver.store.upkeep.copy import CopyError
from authserver.store.upkeep.schema import Schema

_FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
_WITH_CLIENTS = click.option("--with-clients", is_flag=True, help="clients.yaml, too, without the files that it names.")
_WITH_KEYS = click.option("--with-keys", is_flag=True, help="The folder of the master key, too.")


@click.command(
    epilog=epilog(("backup authserver.age --to age1…", "backup authserver.age --to age1… --with-clients --with-keys"))
)
@_FILE
@click.option("--to", "recipients", multiple=True, required=True, help="A public key of age (age1…); repeatable.")
@_WITH_CLIENTS
@_WITH_KEYS
def backup(file: Path, recipients: tuple[str, ...], with_clients: bool, with_keys: bool) -> None:
    """Write the database, as it is at this moment, into FILE, encrypted to the owners of these public keys.

    The server goes on meanwhile. Without the master key, nobody can use the signing keys in the database: keep it
    elsewhere, or include it with --with-keys.
    """
    settings = load_settings()
    database = open_current_database(settings)
    if file.exists():
        stop(f"{file} exists already, and a backup replaces nothing.")
    files = _files(settings, with_clients, with_keys)
    for path in files.values():
        if not path.is_file():
            stop(f"{path} does not exist.")
    url = settings.database_url.get_secret_value()
    found = migrations.schema(database)
    manifest = Manifest(version("authserver"), found.revision or "", copy.kind(url), int(time.time()))
    try:
        with TemporaryDirectory(prefix="authserver-") as folder:
            copied = Path(folder, DATABASE)
            copy.dump(url, copied)
            archive.write(file, recipients, manifest, {DATABASE: copied, **files})
    except (CopyError, ArchiveError) as error:
        stop(str(error))
    except OSError as error:
        stop(f"{file} cannot be written: {error.strerror}")
    click.echo(f"Wrote {file}: {', '.join(['the database', *files])}, {file.stat().st_size:,} bytes.")


@click.command(
    epilog=epilog(
        (
            "restore authserver.age --identity backup.key",
            "restore authserver.age --identity backup.key --replace --with-clients",
        )
    )
)
@_FILE
@click.option(
    "--identity",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="The file with the secret key, as `age-keygen` makes it.",
)
@click.option("--replace", is_flag=True, help="Replace what is there already.")
@_WITH_CLIENTS
@_WITH_KEYS
def restore(file: Path, identity: Path, replace: bool, with_clients: bool, with_keys: bool) -> None:
    """Put back the database of a backup, all or nothing. Stop the server first.

    Everything is as it was then: passwords, roles, sessions, and refresh tokens, too, even those that were ended since.
    Anyone who has the public key can make such a file: restore only what you know the origin of.
    """
    settings = load_settings()
    try:
        with TemporaryDirectory(prefix="authserver-") as folder:
            manifest = archive.read(file, _keys_in(identity), Path(folder))
            _put_back(settings, manifest, Path(folder), replace, with_clients, with_keys)
    except (CopyError, ArchiveError) as error:
        stop(f"{file}: {error}" if isinstance(error, ArchiveError) else str(error))
    except OSError as error:
        stop(f"{error.filename or file} cannot be used: {error.strerror}")
    made = datetime.fromtimestamp(manifest.made_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    click.echo(f"Restored what release {manifest.release} had at {made}.")


def _keys_in(identity: Path) -> str:
    try:
        return identity.read_text("utf-8")
    except UnicodeDecodeError:
        raise ArchiveError(archive.NO_KEYS) from None


def _files(settings: Settings, with_clients: bool, with_keys: bool) -> dict[str, Path]:
    """What belongs to a backup beside the database, by its name inside."""
    files = {CLIENTS: settings.clients_file} if with_clients else {}
    if with_keys and settings.master_key:
        stop("the master key is in AUTHSERVER_MASTER_KEY and not in a folder: keep a copy of it elsewhere.")
    if with_keys:
        found = sorted(path for path in settings.keys_dir.glob("*") if path.is_file())
        files |= {f"{KEYS}/{path.name}": path for path in found or [settings.keys_dir / "master.key"]}
    return files


def _put_back(
    settings: Settings, manifest: Manifest, folder: Path, replace: bool, with_clients: bool, with_keys: bool
) -> None:
    url = settings.database_url.get_secret_value()
    if manifest.database != copy.kind(url):
        raise ArchiveError(f"it is of {manifest.database}, and AUTHSERVER_DATABASE_URL names {copy.kind(url)}")
    made = Schema(migrations.head(), manifest.revision, manifest.release)
    if made.is_newer:
        raise ArchiveError(f"it was made by release {manifest.release}: install that or a newer one")
    wanted = {CLIENTS: settings.clients_file} if with_clients else {}
    if with_keys:
        wanted |= {f"{KEYS}/{path.name}": settings.keys_dir / path.name for path in (folder / KEYS).glob("*")}
        wanted = wanted or {f"{KEYS}/master.key": settings.keys_dir / "master.key"}
    for name in wanted:
        if not (folder / name).is_file():
            raise ArchiveError(f"it has no {name}")
    database = open_database(settings)
    with database_in_reach():
        there = [str(path) for path in wanted.values() if path.exists()]
        there += ["the database"] * copy.has_tables(database)
    database.engine.dispose()
    if there and not replace:
        stop(f"{' and '.join(there)} would be replaced: say so with --replace.")
    copy.put_back(url, folder / DATABASE)
    for name, path in wanted.items():
        _replace(path, folder / name)


def _replace(path: Path, source: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    shutil.copy(source, draft)
    if path.exists():
        shutil.copymode(path, draft)
    draft.replace(path)
