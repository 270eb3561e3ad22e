"""`authserver clients plan`: what a changed clients.yaml would do before it is live."""

import sys
from functools import partial
from pathlib import Path

import click

from authserver.cli import epilog
from authserver.cli.clients_file import JSON, WITHOUT_SECRETS, load_or_exit
from authserver.cli.context import database_in_reach, load_settings, open_current_database
from authserver.cli.planning.report import PlanReport, new_warnings
from authserver.plan.plan import plan as compare
from authserver.store import clock


@click.command(
    epilog=epilog(
        (
            "clients plan new.yaml",
            "clients plan new.yaml --who",
            "clients plan new.yaml --against old.yaml --without-secrets --json",
            "clients plan clients.yaml --at https://login.example.com",
        ),
        {
            0: "nobody loses anything",
            1: "FILE is refused, or nothing could be compared",
            2: "wrong options, or faulty settings",
            3: "something is lost",
            4: "something that FILE expects would not hold",
        },
    )
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--who", is_flag=True, help="Name everybody concerned.")
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file that is in force. Default: AUTHSERVER_CLIENTS_FILE.",
)
@click.option("--at", "issuer", metavar="URL", help="Ask the running server with this issuer, through its API.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="An access token for --at. Default: one for the client in PLAN_CLIENT_ID and PLAN_CLIENT_SECRET.",
)
@WITHOUT_SECRETS
@JSON
def plan(
    file: Path,
    who: bool,
    against: Path | None,
    issuer: str | None,
    token_file: Path | None,
    without_secrets: bool,
    as_json: bool,
) -> None:
    """Show what FILE would do if it took the place of the clients.yaml in force: who loses or gains what.

    Nothing is changed. With --at no settings and no database are needed, and no secrets are read.
    """
    if issuer is None and token_file is not None:
        raise click.UsageError("--token-file goes with --at")
    if issuer is not None:
        if against is not None:
            raise click.UsageError("--at compares with what is in force there: leave --against out")
        report = _asked(issuer, file, who=who, token_file=token_file)
    else:
        report = _compared(file, who=who, against=against, without_secrets=without_secrets)
    report.show(as_json=as_json)
    sys.exit(report.status)


def _asked(issuer: str, file: Path, *, who: bool, token_file: Path | None) -> PlanReport:
    # Here, so that nothing of it is loaded where nobody is asked.
    from authserver.cli.planning.at import planned_at

    return planned_at(issuer, file, who=who, token_file=token_file)


def _compared(file: Path, *, who: bool, against: Path | None, without_secrets: bool) -> PlanReport:
    # Its room is heavy, and most commands need none of it.
    from authserver.clients.registration.fit import fit_of

    settings = load_settings()
    in_force = against or settings.clients_file
    if _is_same(file, in_force):
        text = f"note: {file} is compared with itself; --against names the file from before the change"
        click.echo(f"{text}, such as one that `authserver clients history NUMBER` printed", err=True)
    before = load_or_exit(settings, in_force, with_secrets=not without_secrets)
    after = load_or_exit(settings, file, with_secrets=not without_secrets)
    database = open_current_database(settings)
    now = clock.now(database)
    with database_in_reach(), database.read() as connection:
        found = compare(
            connection,
            before.registry,
            after.registry,
            now,
            partial(fit_of, http=settings.is_loopback),
            expected=after.expected,
            with_names=who,
            with_secrets=not without_secrets,
        )
    return PlanReport(str(in_force), str(file), found, new_warnings(before, after), len(after.expected))


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
