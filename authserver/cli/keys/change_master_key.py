"""`authserver keys change-master-key`."""

import click

from authserver.cli import epilog
from authserver.cli.context import load_master_key, load_settings, open_current_database, stop
from authserver.keys.change import Resealed
from authserver.keys.change import change_master_key as seal_anew
from authserver.master_key import MasterKeyError


@click.command("change-master-key", epilog=epilog(("keys change-master-key",)))
def change_master_key() -> None:
    """Re-encrypt everything that is encrypted in the database under the first master key: signing keys, waiting
    mails, and tokens of providers.

    First put the new key before the old one, as the first line of keys/master.key or first in
    AUTHSERVER_MASTER_KEY, and restart every server, so that all of them can read what either key has encrypted.
    """
    settings = load_settings()
    master = load_master_key(settings)
    try:
        counts = seal_anew(open_current_database(settings), master)
    except MasterKeyError as error:
        stop(str(error))
    for table, count in counts.items():
        click.echo(_told(table, count))
    if len(master) > 1:
        rest = "every line but the first" if not settings.master_key else "every key but the first"
        click.echo(f"Now remove {rest} from {master.source} and restart every server.")
    else:
        click.echo(f"{master.source} contains only one key. To replace it, put a new one before it and run this again.")


def _told(table: str, count: Resealed) -> str:
    unreadable = f"; {count.unreadable} cannot be decrypted with any of the keys given" if count.unreadable else ""
    return f"{table}: {count.changed} of {count.total} re-encrypted{unreadable}"
