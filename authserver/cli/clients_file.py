"""The clients.yaml of a command: the one that is named, or that of the settings; loaded, or its faults printed."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from pydantic import ValidationError

from authserver.cli.context import load_settings
from authserver.clients.file.faults import ClientsFileError
from authserver.settings import Settings

if TYPE_CHECKING:
    from authserver.clients.load import LoadedFile

FILE = click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
WITHOUT_SECRETS = click.option(
    "--without-secrets",
    is_flag=True,
    help="Don't read the secrets, to check FILE where they aren't available, as in CI.",
)


def load_by(settings: Settings | None, path: Path, *, with_secrets: bool = True) -> "LoadedFile":
    """Load a file as the server would that has these settings, or the defaults. Raises `ClientsFileError`."""
    # A hundred modules, where only the options are needed.
    from authserver.clients.entries.certificate_settings import CAS, HEADER
    from authserver.clients.load import load

    if settings is None:
        return load(path, os.environ, with_secrets=with_secrets)
    issuer, size = settings.issuer, settings.access_token_size
    # Where its secrets are not, as in CI, its settings are not, either.
    unset = [name for name in (HEADER, CAS) if getattr(settings, name) is None] if with_secrets else []
    return load(path, os.environ, issuer=issuer, token_size=size, with_secrets=with_secrets, unset=unset)


def settings_and_path(file: Path | None) -> tuple[Settings | None, Path]:
    """The settings and the file that they name; with a file of its own, settings only where they are sound."""
    if file is None:
        settings = load_settings()
        return settings, settings.clients_file
    try:
        return Settings(), file
    except ValidationError:
        # A file that is named is checked wherever it lies, with no server set up around it.
        return None, file


def load_or_exit(settings: Settings | None, path: Path, *, with_secrets: bool = True) -> "LoadedFile":
    """As `load_by`; prints every fault and ends with status 1."""
    try:
        return load_by(settings, path, with_secrets=with_secrets)
    except ClientsFileError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
