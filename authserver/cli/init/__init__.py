"""`authserver init`: five questions, and everything that a server needs for its first start."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from authserver.cli import epilog
from authserver.cli.context import stop
from authserver.cli.init import answers, files
from authserver.cli.init.answers import AnswerError, Answers, Check


class _Answer(click.ParamType[str]):
    """An answer that is asked for again where it will not do."""

    name = "text"

    def __init__(self, check: Check) -> None:
        self._check = check

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            self._check(value, ctx.params.get("run") if ctx else None)
        except AnswerError as error:
            self.fail(str(error), param, ctx)
        return value


class _Asking(click.Command):
    """Says what to do where nobody answers, or somebody breaks off."""

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> click.Context:
        try:
            return super().make_context(info_name, args, parent, **extra)
        except click.Abort:
            click.echo(err=True)
            stop("nothing was written, since not every question was answered. Options answer them without a terminal.")


@click.command(
    cls=_Asking,
    epilog=epilog(
        (
            "init",
            "init login --run compose",
            "init login --run systemd --issuer https://login.example.com "
            "--database default --mail none --admin ada@example.com",
        ),
        {0: "everything was written", 1: "nothing was written", 2: "an option is wrong, and nothing was written"},
    ),
)
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--run",
    type=click.Choice(["systemd", "compose"]),
    prompt="How it is run",
    help="By systemd or Docker Compose.",
    # The other answers depend on it, whatever is said first.
    is_eager=True,
)
@click.option(
    "--issuer",
    type=_Answer(answers.check_issuer),
    prompt="Public address of the server",
    help="For example https://login.example.com",
)
@click.option(
    "--database",
    type=_Answer(answers.check_database),
    prompt="Database (a URL, or `default`: SQLite for systemd, a PostgreSQL of its own for compose)",
    help="sqlite:///…, postgresql://…, or `default`.",
)
@click.option(
    "--mail",
    type=_Answer(answers.check_mail),
    prompt="Mail server (smtp://user:password@host:587, smtps://… for port 465, or `none`)",
    help="A URL, percent-encoded, or `none`.",
)
@click.option(
    "--admin",
    type=_Answer(answers.check_admin),
    prompt="Email address of the first administrator",
    help="Whom to invite after the start.",
)
def init(folder: Path, run: str, issuer: str, database: str, mail: str, admin: str) -> None:
    """Write .env, clients.yaml, a master key, and a unit or compose file into FOLDER. Replaces nothing.

    It asks for whatever no option says.
    """
    answered = answers.with_settings(Answers(issuer, run, database, mail, admin))
    wanted = files.of(answered)
    there = [str(folder / name) for name in wanted if (folder / name).exists()]
    if there:
        stop(f"nothing was written, since {', '.join(there)} would be replaced.")
    try:
        _write(folder, wanted)
    except OSError as error:
        stop(f"nothing was written: {error.filename}: {error.strerror}")
    click.echo("Next:")
    for step in files.next_steps(answered, folder.resolve()):
        click.echo(f"  {step}")


def _write(folder: Path, wanted: Mapping[str, tuple[str, int]]) -> None:
    """Write all of them or none. Raises OSError."""
    written: list[Path] = []
    # The user in a container must read what is no secret, whatever this shell keeps from others.
    before = os.umask(0o022)
    try:
        for name, (content, mode) in wanted.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if name.startswith("keys/") else 0o755)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
                written.append(path)
                file.write(content)
    except BaseException:
        for path in written:
            path.unlink()
        raise
    finally:
        os.umask(before)
    for path in written:
        click.echo(f"Wrote {path}")
