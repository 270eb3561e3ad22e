"""`authserver keys new-master-key`."""

import click

from authserver import master_key
from authserver.cli import epilog


@click.command("new-master-key", epilog=epilog(("keys new-master-key",)))
def new_master_key() -> None:
    """Print a new master key: for AUTHSERVER_MASTER_KEY, or for keys/master.key with mode 0600."""
    click.echo(master_key.new_key())
