"""`authserver users import`."""

import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import BinaryIO

import click

from authserver import people
from authserver.cli import epilog
from authserver.cli.changes import changing
from authserver.cli.context import load_settings, open_current_database
from authserver.cli.users.options import JSON, registry_of, say
from authserver.clients.file.faults import did_you_mean
from authserver.people import Change
from authserver.people.lines.person import LineError, LineRules, read
from authserver.store.addresses import LoginError

BATCH = 200
LONGEST_LINE = 65536
Line = tuple[int, bytes]


@dataclass(slots=True)
class Count:
    """What became of the lines."""

    added: int = 0
    already_there: int = 0
    bad: int = 0


class CheckedOnly(Exception):  # noqa: N818 - no error: it takes a batch back that was only tried
    """Nothing is to be kept."""


@click.command(
    "import",
    epilog=epilog(
        ("users import people.jsonl --check", "users import - < people.jsonl"),
        {
            0: "every person was added, or was there already",
            1: "a line is bad; the others are kept",
            2: "wrong options, or faulty settings",
        },
    ),
)
@click.argument("file", type=click.File("rb"))
@click.option("--check", is_flag=True, help="Only report what would be done.")
@JSON
def import_(file: BinaryIO, check: bool, as_json: bool) -> None:
    """Add people from FILE (- is standard input): one JSON object per line, as `export` writes it.

    Only `username` is required. `password_hash` is argon2, bcrypt (2a, 2b, 2y), scrypt, or pbkdf2 with SHA-256 or
    SHA-512, in PHC or Django form; the next sign-in replaces it with argon2id. People who already exist are left
    unchanged, so an interrupted import can simply be run again. A bad line is reported with its number and changes
    nothing; the others are kept, and the status is 1.
    """
    settings = load_settings()
    open_current_database(settings).engine.dispose()
    registry = registry_of(settings)
    default = registry.default_roles if registry is not None else ()
    if registry is None:
        click.echo(
            f"authserver: {settings.clients_file} cannot be loaded, so roles and groups are not checked.", err=True
        )
    rules, count, lines = LineRules(registry, default, did_you_mean), Count(), _lines(file)
    while batch := list(islice(lines, BATCH)):
        try:
            with changing(settings) as change:
                for number, line in batch:
                    _put(change, number, line, rules, count)
                if check:
                    raise CheckedOnly
        except CheckedOnly:
            continue
    would = "Would add" if check else "Added"
    text = f"{would} {count.added}, already there {count.already_there}, bad {count.bad}."
    say(as_json, text, **asdict(count))
    if count.bad:
        sys.exit(1)


def _lines(file: BinaryIO) -> Iterator[Line]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        # What is too long is read to its end, so that the numbers of the others stay right.
        while len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            more = file.readline(LONGEST_LINE)
            if not more:
                break
            line = line[: LONGEST_LINE + 1] if not more.endswith(b"\n") else line[: LONGEST_LINE + 1] + b"\n"
        if line.strip():
            yield number, line


def _put(change: Change, number: int, line: bytes, rules: LineRules, count: Count) -> None:
    try:
        if len(line) > LONGEST_LINE:
            raise LineError(f"the line is longer than {LONGEST_LINE} bytes")
        person = read(line)
        roles, groups = rules.checked(person)
        outcome = people.take_in(change, person.columns(change.now), roles, groups)
    except (LineError, LoginError) as error:
        count.bad += 1
        click.echo(f"line {number}: {error}", err=True)
        return
    count.added += outcome.is_new
    count.already_there += not outcome.is_new
