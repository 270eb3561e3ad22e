"""`authserver init`: five questions, and everything that a server needs for its first start."""

import os
from pathlib import Path

import click

from authserver.cli.context import load_settings, stop
from authserver.cli.init import answers, files
from authserver.cli.init.answers import Answers


@click.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--issuer", prompt="Public address of the server", help="For example https://login.example.com")
@click.option(
    "--run", type=click.Choice(["systemd", "compose"]), prompt="How it is run", help="By systemd or Docker Compose."
)
@click.option(
    "--database",
    prompt="Database (a URL, or `default`: SQLite for systemd, a PostgreSQL of its own for compose)",
    help="sqlite:///…, postgresql://…, or `default`.",
)
@click.option(
    "--mail",
    prompt="Mail server (smtp://user:password@host:587, smtps://… for port 465, or `none`)",
    help="A URL, percent-encoded, or `none`.",
)
@click.option("--admin", prompt="Email address of the first administrator", help="Whom to invite after the start.")
def init(folder: Path, issuer: str, run: str, database: str, mail: str, admin: str) -> None:
    """Write .env, clients.yaml, a master key, and a unit or compose file into FOLDER. Replaces nothing.

    It asks for whatever no option says.
    """
    try:
        answered = answers.checked(Answers(issuer, run, database, mail, admin))
        wanted = files.of(answered)
    except answers.AnswerError as error:
        stop(str(error))
    # Every setting at once, by the rules of the server itself.
    load_settings(lambda _warning: None, **answered.settings)
    there = [str(folder / name) for name in wanted if (folder / name).exists()]
    if there:
        stop(f"nothing was written, since {', '.join(there)} would be replaced.")
    for name, (content, mode) in wanted.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if name.startswith("keys/") else 0o755)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
            file.write(content)
        click.echo(f"Wrote {path}")
    click.echo("Next:")
    for step in files.next_steps(answered, folder.resolve()):
        click.echo(f"  {step}")
