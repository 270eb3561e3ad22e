"""`authserver doctor`: what is wrong with this installation, and what to do."""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict

import click

from authserver import master_key
from authserver.cli import epilog
from authserver.cli.clients_file import load_by
from authserver.cli.context import load_settings, open_database
from authserver.cli.terminal import say
from authserver.clients.file.faults import ClientsFileError
from authserver.doctor.diagnosis import Diagnosis, fault, ok, warning
from authserver.doctor.doctor import Installation, examine
from authserver.mail.message import sender
from authserver.master_key import MasterKey, MasterKeyError
from authserver.protocol.provider import Provider, with_google
from authserver.settings import Settings

# Seconds. Somebody waits for the end of the list.
STATEMENT_TIMEOUT = 20
_MARKS = {"ok": "ok", "warning": "warning", "fault": "FAULT"}


@click.command(
    epilog=epilog(
        ("doctor", "doctor --all", "doctor --json"),
        {0: "everything works, though there may be warnings", 1: "something does not work", 2: "faulty settings"},
    )
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--all", "with_ok", is_flag=True, help="Print what is well, too.")
def doctor(as_json: bool, with_ok: bool) -> None:
    """Look at this installation, from inside and from outside, and say what to do.

    The issuer as others reach it, TLS, cookies, clocks, database, Redis, mail, DNS, providers, clients.yaml, keys, and
    disk. Nothing is changed, and nothing secret is printed.
    """
    settings = load_settings()
    found: list[Diagnosis] = []
    for each in _everything(settings):
        found.append(each)
        if not as_json and (with_ok or each.level != "ok"):
            _print(each)
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], indent=2))
    faults, warnings = (sum(each.level == level for each in found) for level in ("fault", "warning"))
    if not as_json:
        well = len(found) - faults - warnings
        say(f"{faults} to mend, {warnings} to look at, {well} well.")
    sys.exit(1 if faults else 0)


def _everything(settings: Settings) -> Iterator[Diagnosis]:
    of_clients, declared = _clients(settings)
    master, of_master = _master(settings)
    yield from (*of_clients, *of_master)
    sent_by = sender(settings).addr_spec
    database = open_database(settings, STATEMENT_TIMEOUT)
    yield from examine(Installation(settings, database, master, declared, sent_by, int(time.time())))


def _print(found: Diagnosis) -> None:
    say(f"{_MARKS[found.level]:<8}{found.part}: {found.found}")
    if found.advice:
        say(f"        → {found.advice}")


def _clients(settings: Settings) -> tuple[list[Diagnosis], tuple[Provider, ...]]:
    """clients.yaml, which everything else may rest on; and the providers that it declares."""
    try:
        loaded = load_by(settings, settings.clients_file)
    except ClientsFileError as error:
        return [fault("clients.yaml", str(each), "see `authserver clients check`") for each in error.faults], ()
    found = [warning("clients.yaml", str(each), "see docs/admin.md") for each in loaded.warnings]
    secret = settings.google_client_secret
    known = with_google(
        loaded.registry.providers, settings.google_client_id, secret.get_secret_value() if secret else None
    )
    return found or [ok("clients.yaml", f"{len(loaded.registry.clients)} clients, no warnings")], tuple(known.values())


def _master(settings: Settings) -> tuple[MasterKey | None, list[Diagnosis]]:
    if not settings.master_key and not (settings.keys_dir / master_key.FILE_NAME).exists():
        # A server would make one here; this command changes nothing.
        return None, []
    try:
        return master_key.load(settings), []
    except MasterKeyError as error:
        return None, [fault("keys", str(error), "see docs/operations.md")]
