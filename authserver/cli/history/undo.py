"""`authserver clients undo`: put an earlier clients.yaml back, after saying what that would do."""

import getpass
import os
import socket
import sys
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path

import click

from authserver.cli import epilog
from authserver.cli.clients_file import JSON, load_by, load_or_exit
from authserver.cli.context import (
    database_in_reach,
    load_master_key,
    load_settings,
    open_current_database,
    stop,
)
from authserver.cli.history.kept import NUMBER, kept, newest, when
from authserver.cli.history.put_back import ChangedMeanwhileError, draft_of, put_in_force
from authserver.cli.planning.report import PlanReport, new_warnings
from authserver.cli.terminal import say
from authserver.clients.file.faults import ClientsFileError
from authserver.clients.load import LoadedFile
from authserver.history.past import opened
from authserver.master_key import MasterKey, MasterKeyError
from authserver.plan.plan import plan as compare
from authserver.settings import Settings
from authserver.store import clock
from authserver.store.database import Database
from authserver.store.live_files import files
from authserver.store.live_files.files import LiveFile

_ELSEWHERE = "; write it where this file comes from: `authserver clients history {number}` prints the text"


@click.command(
    epilog=epilog(
        ("clients undo", "clients undo 7", "clients undo --yes --json"),
        {
            0: "nobody loses anything, or it is done",
            1: "nothing was done",
            2: "wrong options, or faulty settings",
            3: "with --json alone: something would be lost",
            4: "with --json alone: something that the file expects would not hold",
        },
    )
)
@click.argument("number", required=False, type=NUMBER)
@click.option("--yes", is_flag=True, help="Don't ask, for scripts.")
@JSON
def undo(number: int | None, yes: bool, as_json: bool) -> None:
    """Put back the clients.yaml that was live before this one, or the one with this NUMBER, as it was, comments too.

    What that would do is shown first, as `plan` does. It is refused if the file on disk was never live: nobody's work
    is lost. A second undo brings back what the first undid. With --json nothing is asked, and nothing is done without
    --yes.
    """
    settings = load_settings()
    master, database = load_master_key(settings), open_current_database(settings)
    # Where the name is a link, what it leads to is put back.
    path = settings.clients_file.resolve()
    here = _here(database, path)
    wanted = kept(database, _number(here, number))
    try:
        with draft_of(path, opened(wanted, master).text) as draft:
            after = _loaded(settings, draft, wanted)
            report = _report(settings, database, after, wanted)
            report.show(as_json=as_json)
            if as_json and not yes:
                sys.exit(report.status)
            if not yes:
                click.confirm(f"Put number {wanted.number}, of {when(wanted.live_at)}, back?", abort=True, err=True)
            put_in_force(database, _row(master, wanted, after), draft, path, here.digest)
    except MasterKeyError as error:
        stop(str(error))
    except ChangedMeanwhileError:
        stop(f"{path} was changed in the meantime, so nothing was done: run it again to see what it would do now")
    except OSError as error:
        stop(f"{path} cannot be replaced: {error.strerror}{_ELSEWHERE.format(number=wanted.number)}")
    say(f"{path} is what number {wanted.number} was; a running server takes it by itself", err=as_json)


def _here(database: Database, path: Path) -> LiveFile:
    """The kept file that is on disk."""
    newest(database)
    try:
        digest = sha256(path.read_bytes()).digest()
    except OSError as error:
        stop(f"{path} cannot be read: {error.strerror}")
    with database_in_reach(), database.read() as connection:
        everything = files.everything(connection)
    here = next((each for each in everything if each.digest == digest), None)
    last = everything[0].number
    return here or stop(
        f"{path} was changed since number {last}, and no server has taken it: undoing would lose that. Put it in force "
        f"or move it away first; `authserver clients history {last}` prints what is live"
    )


def _number(here: LiveFile, number: int | None) -> int:
    if number is None and here.number == 1:
        stop("number 1 is the first: there is none before it to put back")
    return here.number - 1 if number is None else number


def _loaded(settings: Settings, draft: Path, wanted: LiveFile) -> LoadedFile:
    try:
        return load_by(settings, draft)
    except ClientsFileError as error:
        for fault in error.faults:
            say(str(replace(fault, file=f"number {wanted.number}")), err=True)
        stop(f"number {wanted.number} would be refused today, for the reasons above")


def _report(settings: Settings, database: Database, after: LoadedFile, wanted: LiveFile) -> PlanReport:
    # Its room is heavy, and most commands need none of it.
    from authserver.clients.registration.fit import fit_of

    before = load_or_exit(settings, settings.clients_file)
    now = clock.now(database)
    with database_in_reach(), database.read() as connection:
        fit = partial(fit_of, http=settings.is_loopback)
        found = compare(connection, before.registry, after.registry, now, fit, expected=after.expected)
    name = f"number {wanted.number}"
    return PlanReport(str(settings.clients_file), name, found, new_warnings(before, after), len(after.expected))


def _row(master: MasterKey, wanted: LiveFile, after: LoadedFile) -> LiveFile:
    return replace(
        wanted,
        version=after.registry.version,
        who=_who(),
        node=socket.gethostname()[:255],
        way="undo",
        sealed=master.seal(after.text.packed),
    )


def _who() -> str:
    # Behind sudo it is the person, not root.
    try:
        return (os.environ.get("SUDO_USER") or getpass.getuser())[:128]
    except (KeyError, OSError):
        return "somebody"
